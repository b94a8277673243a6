"""Manifests that no index knows are read by processes; what they leave out is read as without."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from benchmarks.many_partitions import fabricate
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.lake import index, view
from src.data_eng.lake.paths import SUCCESS, Partition
from src.data_eng.pipeline import read_ahead
from src.data_eng.pipeline.inventory import Found, State, lake_tables, take_inventory
from src.data_eng.pipeline.plan import PRODUCT_TYPES
from src.data_eng.settings import Settings

DATE = dt.date(2025, 6, 6)
BARS = Partition(dataset("silver.future.ohlcv_2m"), "ESM5", DATE)


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a lake of one date, with manifests alone, of which one is not whole."""
    monkeypatch.setattr(read_ahead, "_MANY", 10)
    fabricate(tmp_path, "ES", [DATE])
    (tmp_path / BARS.folder / SUCCESS).unlink()
    return tmp_path


def status(lake: Path, readers: int) -> list[Found]:
    return list(
        take_inventory(Settings(lake_root=lake), lake_tables(PRODUCT_TYPES), None, None, readers)
    )


def test_two_processes_read_what_one_reads(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = status(lake, 1)
    shutil.rmtree(lake / ".index", ignore_errors=True)
    time.sleep(index._TICK_NS / 1e9)  # what changed just now is not kept
    read: list[Partition] = []
    here = view.LakeView._read

    def counted(self: view.LakeView, partition: Partition) -> Any:
        read.append(partition)
        return here(self, partition)

    monkeypatch.setattr(view.LakeView, "_read", counted)
    assert status(lake, 2) == alone
    assert {one.state for one in alone} == {State.COMPLETE, State.STALE, State.DAMAGED}
    assert set(read) == {BARS}


def test_without_the_processes_it_is_read_here(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = status(lake, 1)
    shutil.rmtree(lake / ".index", ignore_errors=True)

    class Killed:
        def __init__(self, *_given: object) -> None:
            pass

        def __enter__(self) -> Killed:
            return self

        def __exit__(self, *_error: object) -> None:
            pass

        def map(self, _call: object, _given: Sequence[object]) -> list[object]:
            raise BrokenProcessPool("killed")

    monkeypatch.setattr(read_ahead, "ProcessPoolExecutor", Killed)
    assert status(lake, 2) == alone


def test_no_process_starts_for_what_is_known(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    time.sleep(index._TICK_NS / 1e9)  # what changed just now is not kept
    alone = status(lake, 1)

    def unasked(*_: object) -> None:
        raise AssertionError("processes are started")

    monkeypatch.setattr(read_ahead, "ProcessPoolExecutor", unasked)
    assert status(lake, 2) == alone
    shutil.rmtree(lake / ".index")
    with pytest.raises(AssertionError, match="processes are started"):
        status(lake, 2)
