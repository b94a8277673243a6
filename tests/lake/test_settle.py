"""A partition that stands is synced, and what a killed run left beside it is removed."""

from __future__ import annotations

import datetime as dt
import errno
import logging
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from src.data_eng.errors import LakeError
from src.data_eng.lake.claim import lake_claim
from src.data_eng.lake.lock import lake_lock
from src.data_eng.lake.osio import REAL, sync_folder
from src.data_eng.lake.settle import Settled, settle, settled_dates
from tests.lake_partitions import NEW, OLD, PARTITION, entries, publish, visible

STANDING = f"dt={PARTITION.date}"


def leave(lake: Path) -> str:
    """Leave what a run leaves that is killed after its exchange."""
    folder = lake / PARTITION.table_folder / f"{PARTITION.temporary_prefix}host-1-ab"
    folder.mkdir()
    (folder / "_SUCCESS").write_bytes(b"of the partition that was displaced")
    return folder.name


def test_a_leftover_is_removed(tmp_path: Path) -> None:
    publish(tmp_path, NEW)
    leave(tmp_path)
    settle(tmp_path, PARTITION)
    assert entries(tmp_path) == [STANDING]
    assert visible(tmp_path) == NEW


def test_one_that_was_replaced_since_the_sync_is_not_settled_with_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, OLD)
    assert settled_dates(tmp_path, PARTITION, Settled()) == {PARTITION.date}

    def replaced(*given: Any) -> None:
        sync_folder(*given)
        publish(tmp_path, NEW)

    monkeypatch.setattr("src.data_eng.lake.settle.sync_folder", replaced)
    assert settled_dates(tmp_path, PARTITION, Settled()) == frozenset()


def test_a_date_with_something_beside_it_is_not_settled_with_the_others(tmp_path: Path) -> None:
    publish(tmp_path, OLD)
    alone, left, removed = (PARTITION.date + dt.timedelta(days=n) for n in (1, 2, 3))
    table = tmp_path / PARTITION.table_folder
    for date in (alone, left, removed):
        (table / f"dt={date}").mkdir()
    (table / f"{replace(PARTITION, date=left).temporary_prefix}host-1-ab").mkdir()
    stone = tmp_path / replace(PARTITION, date=removed).tombstone
    stone.parent.mkdir(parents=True)
    stone.touch()
    assert settled_dates(tmp_path, PARTITION, Settled()) == {PARTITION.date, alone}


def test_one_that_is_gone_since_the_sync_is_not_settled(tmp_path: Path) -> None:
    publish(tmp_path, OLD)
    settled = Settled()
    settle(tmp_path, PARTITION, settled)
    assert (tmp_path, PARTITION) in settled
    shutil.rmtree(tmp_path / PARTITION.folder)
    assert (tmp_path, PARTITION) not in settled


def test_a_build_under_way_is_left_alone(tmp_path: Path) -> None:
    publish(tmp_path, NEW)
    left = leave(tmp_path)
    with lake_lock(tmp_path, PARTITION.lock_name):
        settle(tmp_path, PARTITION)
    assert entries(tmp_path) == [left, STANDING]


def test_what_another_host_builds_is_left_alone(tmp_path: Path) -> None:
    publish(tmp_path, NEW)
    left = leave(tmp_path)
    with lake_claim(tmp_path, PARTITION.lock_name):
        settle(tmp_path, PARTITION, shared=True)
        assert entries(tmp_path) == [left, STANDING]
    settle(tmp_path, PARTITION, shared=True)
    assert entries(tmp_path) == [STANDING]


def test_a_leftover_that_cannot_be_removed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuses(_path: str) -> None:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    publish(tmp_path, OLD)
    left = leave(tmp_path)
    monkeypatch.setattr(REAL, "unlink", refuses, raising=False)
    logging.getLogger("src.data_eng").propagate = True
    settle(tmp_path, PARTITION)
    assert entries(tmp_path) == [left, STANDING]
    assert "cannot be removed" in caplog.text
    assert visible(tmp_path) == OLD


def test_the_folder_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, NEW)
    synced = []
    monkeypatch.setattr(REAL, "fsync", lambda fd: synced.append(os.fstat(fd).st_ino))
    settle(tmp_path, PARTITION)
    assert synced == [(tmp_path / PARTITION.table_folder).stat().st_ino]


@pytest.mark.parametrize(
    ("code", "is_told"),
    [(errno.EIO, True), (errno.ENOSPC, True), (errno.EROFS, False), (errno.EINVAL, False)],
)
def test_a_sync_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, *, is_told: bool
) -> None:
    def fails(_fd: int) -> None:
        raise OSError(code, os.strerror(code))

    publish(tmp_path, NEW)
    monkeypatch.setattr(REAL, "fsync", fails)
    if is_told:
        with pytest.raises(LakeError, match=r"cannot be synced .*run again"):
            settle(tmp_path, PARTITION)
    else:
        settle(tmp_path, PARTITION)


def test_a_run_syncs_a_table_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, OLD)
    synced = []
    monkeypatch.setattr(REAL, "fsync", lambda fd: synced.append(os.fstat(fd).st_ino))
    settled = Settled()
    for _ in range(3):
        settle(tmp_path, PARTITION, settled)
    assert len(synced) == 1
    # One that was published since then may not be on the disk.
    publish(tmp_path, NEW)
    before = len(synced)
    settle(tmp_path, PARTITION, settled)
    assert len(synced) == before + 1


def test_a_tombstone_beside_a_partition_is_removed(tmp_path: Path) -> None:
    publish(tmp_path, NEW)
    path = tmp_path / PARTITION.tombstone
    path.parent.mkdir(parents=True)
    path.write_bytes(b"of a removal that was killed before it removed anything")
    settle(tmp_path, PARTITION, Settled())
    assert not path.exists()
    assert visible(tmp_path) == NEW
