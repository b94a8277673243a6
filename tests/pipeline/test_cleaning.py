"""Which partitions may go from a lake, and which stay whatever is asked for."""

from __future__ import annotations

import datetime as dt
import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.errors import LakeError
from src.data_eng.lake.lock import lake_lock
from src.data_eng.lake.paths import Partition
from src.data_eng.pipeline.cleaning import (
    Kind,
    Leftover,
    find_leftovers,
    removable,
    remove,
    remove_leftover,
)
from src.data_eng.pipeline.inventory import Found, State
from tests.lake_partitions import NEW, OLD, PARTITION, publish, visible

TRADES = Partition(dataset("silver.future.trades"), "ESM5", dt.date(2025, 6, 5))


def test_what_is_complete_goes_and_nothing_else() -> None:
    told = {
        state: [one.kept for one in removable([Found(PARTITION, state)], {})] for state in State
    }
    reason = "what is made of it would count as current"
    assert told == {
        State.COMPLETE: [""],
        State.STALE: [f"it is stale: {reason}"],
        State.DAMAGED: [f"it is damaged: {reason}"],
        State.MISSING: [],
        State.REMOVED: [],
    }


def test_the_sessions_that_the_next_one_reads_stay() -> None:
    """Twenty of the trades, of whatever contract of the root."""
    latest = {(TRADES.dataset.key, "ES"): TRADES.date}
    dates = [dt.date(2025, 6, 5), dt.date(2025, 5, 8), dt.date(2025, 5, 7)]
    found = [
        Found(replace(TRADES, symbol=symbol, date=date), State.COMPLETE)
        for symbol in ("ESM5", "ESU5", "NQM5")
        for date in dates
    ]
    kept = {str(one.found.partition) for one in removable(found, latest) if one.kept}
    assert kept == {
        f"{TRADES.dataset.key} {symbol} {date}" for symbol in ("ESM5", "ESU5") for date in dates[:2]
    }


def test_what_a_run_builds_stays(tmp_path: Path) -> None:
    publish(tmp_path, OLD)
    with lake_lock(tmp_path, PARTITION.lock_name):
        assert remove(tmp_path, PARTITION, shared=False) == "in use"
        publish(tmp_path, NEW)
    assert visible(tmp_path) == NEW
    assert remove(tmp_path, PARTITION, shared=False) == ""
    assert visible(tmp_path) is None


def test_a_half_written_tombstone_goes_without_its_partition(tmp_path: Path) -> None:
    """One that is there takes it along; here nothing else does."""
    half = (tmp_path / PARTITION.tombstone).with_name(f".tmp-{PARTITION.date}.json")
    for folder in (half.parent, tmp_path / PARTITION.table_folder):
        folder.mkdir(parents=True)
    half.write_bytes(b"{")
    (left,) = find_leftovers(tmp_path, [PARTITION.dataset], 0)
    assert left.kind is Kind.TOMBSTONE
    assert remove_leftover(tmp_path, left, shared=False) == ""
    assert not half.exists()


def test_what_cannot_be_removed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, _osio: object) -> None:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr("src.data_eng.pipeline.cleaning.remove_tree", refuse)
    note = Leftover(Kind.NOTE, ".dask-0a", 1, 1e6)
    with pytest.raises(LakeError, match=r"dask-0a: cannot be removed \(Permission denied\)"):
        remove_leftover(tmp_path, note, shared=False)
