"""A file that is far too large to be what its name says: no memory for it, and one error."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from src.data_eng.errors import CorruptPartitionError
from src.data_eng.lake import index_lines
from src.data_eng.lake.index_lines import IndexLines
from src.data_eng.lake.paths import MANIFEST, SUCCESS
from src.data_eng.lake.reader import PublishedPartition, mark_of
from src.data_eng.lake.regular import read_regular, too_large
from src.data_eng.lake.tombstone import read_tombstone
from src.data_eng.pipeline.estimate import estimate
from src.data_eng.pipeline.run_log import RUNS
from src.data_eng.vendor import raw_index
from tests.lake_partitions import OLD, PARTITION, publish

pytestmark = pytest.mark.timeout(30)
TERABYTE = 1 << 40


def grow(path: Path) -> None:
    """Make a file a terabyte, of which nothing takes room on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.truncate(TERABYTE)


def test_a_file_may_be_as_large_as_it_is_said_and_no_larger(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(70_000))
    assert len(read_regular(str(tmp_path / "file"), most=70_000)) == 70_000
    with pytest.raises(OSError, match="more than 69,999 bytes") as told:
        read_regular(str(tmp_path / "file"), most=69_999)
    assert too_large(told.value)
    assert not too_large(OSError(errno.EIO, "x"))


@pytest.mark.parametrize("name", [MANIFEST, SUCCESS])
def test_a_partition_is_told_as_damaged(tmp_path: Path, name: str) -> None:
    publish(tmp_path, OLD)
    grow(tmp_path / PARTITION.folder / name)
    says = rf"{name}: it has more than 16,777,216 bytes; delete the partition"
    with pytest.raises(CorruptPartitionError, match=says):
        PublishedPartition(tmp_path, PARTITION)
    if name == SUCCESS:
        with pytest.raises(CorruptPartitionError, match=says):
            mark_of(tmp_path, PARTITION)


def test_a_tombstone_is_told_as_damaged(tmp_path: Path) -> None:
    grow(tmp_path / PARTITION.tombstone)
    with pytest.raises(CorruptPartitionError, match=r"malformed \(it has more than .*delete it"):
        read_tombstone(tmp_path, PARTITION)


def test_an_index_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_lines, "_MOST_BYTES", 1 << 17)
    grow(tmp_path / "a.lines")
    lines = IndexLines(tmp_path)
    assert lines.of("a") == {}
    lines.put("a", "key", "text")
    del lines  # it writes what it keeps
    assert IndexLines(tmp_path).of("a") == {"key": "text"}


def test_the_index_of_raw_files_and_run_logs_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(b"raw")
    grow(tmp_path / raw_index.FOLDER / "raw.json")
    assert raw_index.current_digest(tmp_path, "raw").bytes == 3
    grow(tmp_path / RUNS / "20250605T000000Z-0.jsonl")
    assert estimate(tmp_path, []).partitions == 0
