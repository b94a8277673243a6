"""What is no file is not waited for: a pipe in the place of each file that the lake reads."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from src.data_eng.errors import InputError, LakeBusyError, LakeError
from src.data_eng.lake import index as index_module
from src.data_eng.lake.index import FOLDER, PartitionIndex, state_of
from src.data_eng.lake.lock import lake_lock
from src.data_eng.lake.paths import LOCKS, MANIFEST, PART, SUCCESS
from src.data_eng.lake.reader import PublishedPartition, mark_of
from src.data_eng.lake.regular import read_regular, regular
from src.data_eng.lake.tombstone import read_tombstone
from src.data_eng.lake.view import LakeView
from src.data_eng.pipeline.estimate import estimate
from src.data_eng.pipeline.run_log import RUNS
from src.data_eng.vendor import raw_index
from src.data_eng.vendor.dbn.stream import raw_digest
from src.data_eng.vendor.delivery import MANIFEST_NAME, read_delivery
from tests.lake_partitions import OLD, PARTITION, publish

pytestmark = pytest.mark.timeout(30)


def pipe(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path)


@pytest.mark.parametrize("name", [PART, MANIFEST, SUCCESS])
def test_a_pipe_in_a_partition(tmp_path: Path, name: str) -> None:
    publish(tmp_path, OLD)
    pipe(tmp_path / PARTITION.folder / name)
    with pytest.raises(LakeError), PublishedPartition(tmp_path, PARTITION) as published:
        published.verify()


def test_a_pipe_that_lists_a_partition(tmp_path: Path) -> None:
    pipe(tmp_path / PARTITION.folder / SUCCESS)
    with pytest.raises(LakeError, match="it is a pipe or a device, no file"):
        mark_of(tmp_path, PARTITION)


def test_a_pipe_for_a_tombstone(tmp_path: Path) -> None:
    pipe(tmp_path / PARTITION.tombstone)
    with pytest.raises(LakeError, match="it is a pipe or a device, no file"):
        read_tombstone(tmp_path, PARTITION)


def test_a_pipe_for_a_lock(tmp_path: Path) -> None:
    pipe(tmp_path / LOCKS / "it")
    with (
        lake_lock(tmp_path, "it"),
        pytest.raises(LakeBusyError, match="held by another process"),
        lake_lock(tmp_path, "it", 0),
    ):
        pass


def test_a_pipe_for_the_index_of_partitions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "_TICK_NS", -1)  # what changed just now is kept, too
    publish(tmp_path, OLD)
    place = tmp_path / FOLDER / PARTITION.dataset.key / f"{PARTITION.symbol}.lines"
    pipe(place)
    state = state_of(str(tmp_path / PARTITION.folder))
    assert state is not None
    summary = LakeView(tmp_path).summary(PARTITION)
    index = PartitionIndex(tmp_path)
    assert index.find(PARTITION, state) is None
    index.keep(PARTITION, state, summary)
    del index  # it writes what it keeps
    assert place.is_fifo()


def test_a_pipe_for_the_index_of_raw_files(tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(b"raw")
    pipe(tmp_path / raw_index.FOLDER / "raw.json")
    assert raw_index.current_digest(tmp_path, "raw").bytes == 3


def test_a_pipe_for_a_raw_file_or_its_side_file(tmp_path: Path) -> None:
    pipe(tmp_path / "day.dbn")
    pipe(tmp_path / MANIFEST_NAME)
    for read in (lambda: raw_digest(tmp_path / "day.dbn"), lambda: read_delivery(tmp_path)):
        with pytest.raises(InputError, match="it is a pipe or a device, no file"):
            read()


def test_a_pipe_for_the_log_of_a_run(tmp_path: Path) -> None:
    pipe(tmp_path / RUNS / "20250605T000000Z-0.jsonl")
    assert estimate(tmp_path, []).partitions == 0


def test_a_folder_and_a_socket_are_no_file_and_a_link_to_one_is(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        regular(str(tmp_path), os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as there:
        there.bind(str(tmp_path / "s"))
        with pytest.raises(OSError, match="No such device"):
            regular(str(tmp_path / "s"), os.O_RDONLY)
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    with open(tmp_path / "link", "rb", opener=regular) as file:
        assert file.read() == b"x"
    assert read_regular(str(tmp_path / "link")) == b"x"


def test_what_is_refused_is_closed(tmp_path: Path) -> None:
    """A plan over years would run out of descriptors."""
    pipe(tmp_path / "pipe")
    before = os.listdir("/proc/self/fd")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(OSError, match=r"directory|no file"):
            regular(str(path), os.O_RDONLY)
    (tmp_path / "file").write_bytes(b"x")
    read_regular(str(tmp_path / "file"))
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize("size", [0, 1, (1 << 16) - 1, 1 << 16, (1 << 16) + 1, 1 << 18])
def test_a_file_is_read_whole(tmp_path: Path, size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    (tmp_path / "file").write_bytes(data[:size])
    folder = os.open(tmp_path, os.O_RDONLY)
    assert read_regular("file", dir_fd=folder) == data[:size]
    os.close(folder)
