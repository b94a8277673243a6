"""A small lake of the demo's day, built once for all tests of the docs, and a browser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser

from src.data_eng.sample import SampleFuture, SampleOptions, write_future_day, write_option_day
from src.data_eng.stages.outcome import Status
from tests.browsing import launched
from tests.lakes import run_request

DATE = dt.date(2025, 5, 6)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    yield from launched()


@pytest.fixture(scope="session")
def sample_lake(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return a folder in which ``lake`` has every table of the date that the pages name."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "docs"
    folder.mkdir(exist_ok=True)
    lake, done = folder / "lake", folder / "done"
    with FileLock(folder / "lock"):  # the workers of a run of tests share it
        if not done.exists():
            future = SampleFuture(date=DATE, records=30_000, seed=17)
            write_future_day(lake / "raw", future)
            write_option_day(lake / "raw", SampleOptions(future, quotes=20_000))
            outcomes = run_request("all", "all", [DATE], lake)
            assert {one.status for one in outcomes} == {Status.WRITTEN}
            done.touch()
    return folder
