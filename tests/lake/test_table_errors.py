"""What a table's file says when it cannot be read: damaged, refused by the system, or no memory."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from src.data_eng.errors import CorruptPartitionError, DataEngError, LakeError
from src.data_eng.lake import table as lake_table
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.lake.table import open_table
from tests.lake_partitions import PARTITION as OF_BYTES
from tests.lake_partitions import publish
from tests.published_trades import PARTITION, publish_table, trades


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (OSError("Couldn't deserialize thrift"), CorruptPartitionError, "delete the partition"),
        (pa.ArrowInvalid("Not a Parquet file"), CorruptPartitionError, "delete the partition"),
        (OSError(errno.EIO, "Input/output error"), LakeError, "look at the disk"),
        (OSError(errno.EACCES, "Permission denied"), LakeError, "let the user of this run read"),
    ],
    ids=repr,
)
def test_only_damage_is_told_as_damage(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    kind: type[DataEngError],
    says: str,
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise error

    publish_table(tmp_path, trades())
    monkeypatch.setattr(lake_table, "file_footer", fail)
    with pytest.raises(kind, match=says) as told, open_table(tmp_path, PARTITION):
        pytest.fail("it was read")
    assert type(told.value) is kind
    assert str(PARTITION) in str(told.value)


@pytest.mark.parametrize(
    "error",
    [
        pa.ArrowMemoryError("malloc of size 64 failed"),
        pa.ArrowException("Unknown error: Failed to launch worker thread: try again"),
    ],
    ids=repr,
)
def test_want_of_memory_is_no_damage(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise error

    publish_table(tmp_path, trades())
    monkeypatch.setattr(lake_table, "file_footer", fail)
    with pytest.raises(MemoryError), open_table(tmp_path, PARTITION):
        pytest.fail("it was read")


def test_a_folder_that_cannot_be_closed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_table(tmp_path, trades())
    published = PublishedPartition(tmp_path, PARTITION)

    def fail(_fd: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr(os, "close", fail)
        with pytest.raises(LakeError, match="Input/output error") as told:
            published.close()
    assert str(PARTITION) in str(told.value)
    published.close()


@pytest.mark.parametrize("call", ["read", "fstat", "stat"])
def test_a_disk_that_fails_at_every_call_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    publish_table(tmp_path, trades())
    close = os.close

    def fail(*_args: object, **_named: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def close_and_fail(fd: int) -> None:
        close(fd)
        fail()

    with monkeypatch.context() as patched:
        patched.setattr(os, call, fail)
        patched.setattr(os, "close", close_and_fail)
        with pytest.raises(LakeError, match="Input/output error") as told:
            PublishedPartition(tmp_path, PARTITION)
    assert str(PARTITION) in str(told.value)


def test_a_file_that_cannot_be_closed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_table(tmp_path, trades())
    with PublishedPartition(tmp_path, PARTITION) as published, lake_table.Table(published) as table:
        table.read()

        class Failing(io.BytesIO):
            def close(self) -> None:
                raise OSError(errno.EIO, os.strerror(errno.EIO))

        with table._file as file:
            monkeypatch.setattr(table, "_file", Failing())
            with pytest.raises(LakeError, match="Input/output error") as told:
                table.close()
            monkeypatch.setattr(table, "_file", file)
    assert str(PARTITION) in str(told.value)


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_rows_are_those_of_the_manifest(tmp_path: Path, rows: int) -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"a": pa.array(range(rows), pa.int64())}), file)
    publish(tmp_path, file.getvalue())  # whose manifest says 1
    if rows == 1:
        with open_table(tmp_path, OF_BYTES, "none") as table:
            assert table.read().num_rows == 1
        return
    with (
        pytest.raises(CorruptPartitionError, match=f"it has {rows} rows, not 1; delete"),
        open_table(tmp_path, OF_BYTES, "none"),
    ):
        pytest.fail("it was opened")
