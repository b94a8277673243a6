"""A publish that the system refuses in part: what was there stays, and it is told."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from src.data_eng.errors import LakeError
from src.data_eng.lake.osio import OsIo
from tests.lake_partitions import NEW, OLD, PARTITION, publish, visible

from .faulty_io import WithoutRenameat2
from .power_loss import RecordingIo, found, states

pytestmark = pytest.mark.faults


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A lake with the old partition."""
    publish(tmp_path, OLD)
    return tmp_path


def failure() -> OSError:
    return OSError(errno.EIO, os.strerror(errno.EIO))


class AppearingIo(OsIo):
    """An empty folder appears at the partition's place just before it is renamed there."""

    def rename_noreplace(self, source: str, target: str) -> None:
        os.mkdir(target)
        super().rename_noreplace(source, target)

    def rename(self, source: str, target: str) -> None:
        os.mkdir(target)
        super().rename(source, target)


def test_a_partition_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    lake = tmp_path / "a"
    with pytest.raises(LakeError, match="File exists; nothing of it was published"):
        publish(lake, NEW, AppearingIo())
    assert not list((lake / PARTITION.folder).iterdir())


class FailingSyncRecorder(RecordingIo):
    """Records; every sync of a folder after the exchange fails."""

    is_exchanged = False

    def exchange(self, source: str, target: str) -> None:
        super().exchange(source, target)
        self.is_exchanged = True

    def open_folder(self, path: str) -> int:
        if self.is_exchanged:
            raise failure()
        return super().open_folder(path)


def test_a_last_sync_that_fails_then_a_power_loss(lake: Path) -> None:
    """The rename may not be on the disk: the old partition has to stay until it is."""
    record = FailingSyncRecorder(lake)
    with pytest.raises(LakeError, match="it is published"):
        publish(lake, NEW, record)
    assert visible(lake) == NEW
    new = found(record, record.entries, set(record.content), PARTITION.folder)
    old = found(record, record.initial, record.certain, PARTITION.folder)
    for _, tree, certain in states(record, record.events):
        assert found(record, tree, certain, PARTITION.folder) in (old, new)


class FailingExchange(OsIo):
    def exchange(self, source: str, target: str) -> None:
        raise failure()


def test_a_rename_that_fails_is_not_tried_in_another_way(lake: Path) -> None:
    """Only what the system does not know is done otherwise."""
    with pytest.raises(LakeError, match="Input/output error; nothing of it was published"):
        publish(lake, NEW, FailingExchange())
    assert visible(lake) == OLD


class FailingSecondRename(WithoutRenameat2):
    renames = 0

    def rename(self, source: str, target: str) -> None:
        self.renames += 1
        if self.renames == 2:
            raise failure()
        super().rename(source, target)


def test_a_second_rename_that_fails_leaves_the_old(lake: Path) -> None:
    with pytest.raises(LakeError, match="nothing of it was published"):
        publish(lake, NEW, FailingSecondRename())
    assert visible(lake) == OLD


class NothingTaken(OsIo):
    def write(self, fd: int, data: memoryview) -> int:
        return 0


def test_a_write_that_takes_nothing_is_an_error(lake: Path) -> None:
    with pytest.raises(LakeError, match="nothing of it was published"):
        publish(lake, NEW, NothingTaken())
    assert visible(lake) == OLD
