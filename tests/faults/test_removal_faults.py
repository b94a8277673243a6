"""After a kill, an error or a loss of power a partition stands, or its tombstone does."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from src.data_eng.errors import (
    CorruptPartitionError,
    LakeError,
    PartitionNotFoundError,
    PartitionRemovedError,
)
from src.data_eng.lake.osio import OsIo
from src.data_eng.lake.publish import repair
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.lake.removal import remove_partition
from src.data_eng.lake.tombstone import read_tombstone
from src.data_eng.lake.view import LakeView
from tests.lake_partitions import NEW, OLD, PARTITION, entries, publish, visible

from .faulty_io import FailingIo, Killed, KillingIo, ShortIo, WithoutRenameat2
from .power_loss import Event, RecordingIo, found, states

pytestmark = pytest.mark.faults


def prepared(lake: Path) -> str:
    """Publish the old partition; return its content hash."""
    publish(lake, OLD)
    with PublishedPartition(lake, PARTITION) as published:
        return published.manifest.content_sha256


def check(lake: Path, content: str) -> bool:
    """Hold the promise against a lake; return whether the partition is gone."""
    seen, left = visible(lake), read_tombstone(lake, PARTITION)
    if seen is not None:
        assert (seen, left) == (OLD, None)
        return False
    assert left is not None
    assert left.content_sha256 == content
    return True


def end(lake: Path, content: str) -> None:
    """Run the removal again to its end."""
    repair(lake, PARTITION)
    if visible(lake) is not None:
        remove_partition(lake, PARTITION)
    assert check(lake, content)
    assert entries(lake) == []
    folder = (lake / PARTITION.tombstone).parent
    assert [path.name for path in folder.iterdir()] == [f"{PARTITION.date}.json"]


def calls_of_a_removal(lake: Path) -> int:
    prepared(lake)
    io = KillingIo(10**6)
    remove_partition(lake, PARTITION, io)
    return io.calls


def test_what_a_tombstone_says(tmp_path: Path) -> None:
    content = prepared(tmp_path)
    summary = remove_partition(tmp_path, PARTITION)
    assert read_tombstone(tmp_path, PARTITION) == summary
    assert (summary.content_sha256, summary.rows, summary.bytes) == (content, 1, len(OLD))
    assert entries(tmp_path) == []
    with pytest.raises(PartitionRemovedError, match=r"--table .* --force over .* builds it again"):
        PublishedPartition(tmp_path, PARTITION)
    with pytest.raises(PartitionNotFoundError):
        remove_partition(tmp_path, PARTITION)


@pytest.mark.parametrize("without_renameat2", [False, True])
def test_a_kill_at_every_call(tmp_path: Path, *, without_renameat2: bool) -> None:
    calls = calls_of_a_removal(tmp_path / "whole")
    assert calls > 15
    gone = set()
    for at in range(calls):
        lake = tmp_path / str(at)
        content = prepared(lake)
        io: OsIo = WithoutRenameat2(kill_at=at) if without_renameat2 else KillingIo(at)
        with pytest.raises(Killed):
            remove_partition(lake, PARTITION, io)
        gone.add(check(lake, content))
        end(lake, content)
    assert gone == {False, True}


def test_a_kill_at_every_call_of_a_publish_over_a_tombstone(tmp_path: Path) -> None:
    def removed(lake: Path) -> str:
        content = prepared(lake)
        remove_partition(lake, PARTITION)
        return content

    io = KillingIo(10**6)
    removed(tmp_path / "whole")
    publish(tmp_path / "whole", NEW, io)
    assert not (tmp_path / "whole" / PARTITION.tombstone).exists()
    for at in range(io.calls):
        lake = tmp_path / str(at)
        content = removed(lake)
        with pytest.raises(Killed):
            publish(lake, NEW, KillingIo(at))
        left = read_tombstone(lake, PARTITION)
        assert (left is None) == (visible(lake) == NEW), f"killed at call {at}"
        assert left is None or left.content_sha256 == content
        repair(lake, PARTITION)
        assert (lake / PARTITION.tombstone).exists() == (visible(lake) is None)


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
def test_an_error_at_every_call(tmp_path: Path, *, for_good: bool) -> None:
    for at in range(calls_of_a_removal(tmp_path / "whole")):
        lake = tmp_path / str(at)
        content = prepared(lake)
        try:
            remove_partition(lake, PARTITION, FailingIo(at, errno.EIO, for_good=for_good))
            error = ""
        except LakeError as refused:
            error = str(refused)
        is_gone = check(lake, content)
        assert str(PARTITION) in error if error else is_gone
        end(lake, content)


def test_short_writes(tmp_path: Path) -> None:
    content = prepared(tmp_path)
    remove_partition(tmp_path, PARTITION, ShortIo())
    assert check(tmp_path, content)


def violations(record: RecordingIo, events: list[Event]) -> int:
    """Count the states with neither the whole partition nor the whole tombstone."""
    old = found(record, record.initial, record.certain, PARTITION.folder)
    stone = dict(found(record, record.entries, set(record.content), PARTITION.tombstone.parent))
    wrong = 0
    for _, tree, certain in states(record, events):
        folder = found(record, tree, certain, PARTITION.folder)
        left = found(record, tree, certain, PARTITION.tombstone.parent) or {}
        name = PARTITION.tombstone.name
        # A tombstone beside a folder does not count.
        wrong += folder != old and (folder is not None or left.get(name) != stone[name])
    return wrong


def test_a_power_loss_at_any_moment(tmp_path: Path) -> None:
    prepared(tmp_path)
    record = RecordingIo(tmp_path)
    remove_partition(tmp_path, PARTITION, record)
    assert violations(record, record.events) == 0
    # The check can fail: no sync may be left out, but for those of `repair` which are of the
    # publish before.
    syncs = [n for n, event in enumerate(record.events) if event.synced is not None]
    needed = [
        n for n in syncs if violations(record, record.events[:n] + record.events[n + 1 :]) > 0
    ]
    assert len(needed) >= 6


def test_a_link_to_nowhere_for_a_tombstone(tmp_path: Path) -> None:
    """`status` and `lineage` went round in a circle: it was there, and it was not."""
    stone = tmp_path / PARTITION.tombstone
    stone.parent.mkdir(parents=True)
    stone.symlink_to("/nowhere/at/all")
    for look in (read_tombstone, lambda lake, one: LakeView(lake).recorded(one)):
        with pytest.raises(LakeError, match=r"cannot be read \(No such file or directory\)"):
            look(tmp_path, PARTITION)


def test_inputs_of_a_tombstone_are_looked_at_when_it_is_read(tmp_path: Path) -> None:
    prepared(tmp_path)
    remove_partition(tmp_path, PARTITION)
    stone = tmp_path / PARTITION.tombstone
    stone.write_text(stone.read_text().replace('"entries": []', '"entries": [{"path": "../x"}]'))
    with pytest.raises(CorruptPartitionError, match="the tombstone is malformed"):
        read_tombstone(tmp_path, PARTITION)
