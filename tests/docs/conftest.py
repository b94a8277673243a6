"""A small lake of the demo's day, built once for all tests of the docs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from src.data_eng.sample import SampleFuture, SampleOptions, write_future_day, write_option_day
from src.data_eng.stages.outcome import Status
from tests.built_once import built_once
from tests.lakes import run_request

DATE = dt.date(2025, 5, 6)


@pytest.fixture(scope="session")
def sample_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which ``lake`` has every table of the date that the pages name."""
    return built_once(tmp_path_factory, "docs", _build)


def _build(folder: Path) -> None:
    lake = folder / "lake"
    future = SampleFuture(date=DATE, records=30_000, seed=17)
    write_future_day(lake / "raw", future)
    write_option_day(lake / "raw", SampleOptions(future, quotes=20_000))
    outcomes = run_request("all", "all", [DATE], lake)
    assert {one.status for one in outcomes} == {Status.WRITTEN}
