"""Partitions that were removed on purpose: current for what was made of them, not built again."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.lake.lock import lake_lock
from src.data_eng.lake.paths import Partition
from src.data_eng.lake.removal import remove_partition
from src.data_eng.stages.outcome import Status
from tests.stages.small_lake import (
    BARS,
    BRONZE,
    CLEAN,
    D2,
    D3,
    D4,
    DATES,
    END,
    LEVEL,
    MARKET,
    RAW,
    TABLES,
    Lake,
    build_lake,
    statuses,
)  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """Return a lake whose six dates are built."""
    return build_lake(tmp_path, monkeypatch)


def remove(lake: Lake, key: str, date: dt.date) -> Partition:
    partition = Partition(dataset(key), "ESM5", date)
    with lake_lock(lake.root, partition.lock_name):
        remove_partition(lake.root, partition)
    return partition


@pytest.mark.parametrize("layer", ["all", "silver"])
def test_what_was_made_of_it_stays_complete(lake: Lake, layer: str) -> None:
    gone = {(key, D3) for key in (BRONZE, CLEAN, BARS)}
    for key, date in gone:
        remove(lake, key, date)
    for dry_run in (False, True):
        found = lake.run(layer=layer, dry_run=dry_run)
        assert statuses(found, Status.REMOVED) == gone & found.keys()
        assert statuses(found, Status.COMPLETE) == found.keys() - gone
        where = Partition(dataset(CLEAN), "ESM5", D3)
        assert found[(CLEAN, D3)].reason == f"by clean; {where.how_to_rebuild}"
        assert (found[(CLEAN, D3)].symbol, found[(CLEAN, D3)].rows) == ("ESM5", None)
    assert not any(lake.folder(key, date).exists() for key, date in gone)


def test_one_whose_raw_files_were_archived_is_not_missed(lake: Lake) -> None:
    """Which contract it was is told by its tombstone."""
    remove(lake, BRONZE, D3)
    shutil.rmtree(lake.root / RAW)
    found = lake.run()
    assert statuses(found, Status.REMOVED) == {(BRONZE, D3)}
    assert statuses(found, Status.COMPLETE) == found.keys() - {(BRONZE, D3)}


def test_nothing_is_built_without_it(lake: Lake) -> None:
    where = remove(lake, BARS, D3)
    lake.remove(MARKET, D3)
    lake.remove(MARKET, D4)
    found = lake.run()
    blocked = {(MARKET, D3), (MARKET, D4), (END, D3), (END, D4)}
    assert statuses(found, Status.BLOCKED) == blocked
    remedy = f"was removed by clean; {where.how_to_rebuild}"
    assert found[(MARKET, D3)].reason == f"its input {BARS} {remedy}"
    # Its history would be another one than that of the partition which was there.
    assert found[(MARKET, D4)].reason == f"its input {BARS} of {D3} {remedy}"


def test_a_stale_one_is_not_rebuilt_without_it(lake: Lake) -> None:
    remove(lake, CLEAN, D2)
    found = lake.run(refresh_stale=True, opening_range_minutes=15)
    assert found[(BARS, D2)].status is Status.BLOCKED
    assert found[(BARS, D3)].status is Status.WRITTEN
    assert lake.folder(BARS, D2).exists()


def test_the_rest_of_a_pass_is_built_without_it(lake: Lake) -> None:
    remove(lake, BARS, D3)
    lake.remove(LEVEL, D3)
    lake.two.passes.clear()
    found = lake.run()
    assert lake.two.passes == [(D3, [LEVEL])]
    assert statuses(found, Status.REMOVED) == {(BARS, D3)}
    assert statuses(found, Status.WRITTEN) == {(LEVEL, D3)}


def test_it_counts_by_the_content_that_it_had(lake: Lake) -> None:
    remove(lake, BARS, D3)
    lake.deliver(D3, 50)
    found = lake.run()
    # What the raw files say today is not known to what was removed: its readers keep what they had.
    assert statuses(found, Status.STALE) == {(BRONZE, D3), (CLEAN, D3), (LEVEL, D3)} | {
        (key, D3) for key in (MARKET, END)
    }
    assert f"its input {CLEAN} is stale" in found[(MARKET, D3)].reason
    assert found[(MARKET, D4)].status is Status.COMPLETE


def test_a_tombstone_that_is_damaged_is_told(lake: Lake) -> None:
    where = remove(lake, BARS, D3)
    path = lake.root / where.tombstone
    path.write_text(path.read_text().replace('"rows": 0', '"rows": "0"'))
    found = lake.run()
    assert found[(BARS, D3)].status is Status.FAILED
    assert "the tombstone is malformed (rows is no int); delete it" in found[(BARS, D3)].reason
    path.unlink()
    found = lake.run()
    assert statuses(found, Status.WRITTEN) == {(BARS, D3)}
    assert statuses(found, Status.COMPLETE) == {(k, d) for k in TABLES for d in DATES} - {
        (BARS, D3)
    }


def test_one_that_stands_beside_its_tombstone_counts(lake: Lake) -> None:
    where = Partition(dataset(BARS), "ESM5", D3)
    data = (lake.folder(BARS, D3) / "_MANIFEST.json").read_bytes()
    kept = lake.files()
    remove(lake, BARS, D3)
    stone = (lake.root / where.tombstone).read_bytes()
    for name, (_, content) in kept.items():
        if name.startswith(str(where.folder)):
            (lake.root / name).parent.mkdir(exist_ok=True)
            (lake.root / name).write_bytes(content)
    assert (lake.root / where.tombstone).read_bytes() == stone
    found = lake.run()
    assert statuses(found, Status.COMPLETE) == {(key, day) for key in TABLES for day in DATES}
    # Left there it would speak for the partition once that is deleted by hand.
    assert not (lake.root / where.tombstone).exists()
    assert (lake.folder(BARS, D3) / "_MANIFEST.json").read_bytes() == data
