"""The Parquet file of a published partition: the one way to open and read it.

Page checksums are verified, and whatever the file's reader raises becomes one error that names the
partition and the remedy.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import CorruptPartitionError
from ..parquet.splice import ParquetSource
from .manifest import Manifest
from .paths import Partition
from .reader import PublishedPartition


class Table:
    """The rows of an open partition.

    Parameters
    ----------
    published : PublishedPartition
        Stays open as long as this is used.

    Attributes
    ----------
    partition : Partition
    manifest : Manifest
    rows : int

    Raises
    ------
    CorruptPartitionError
        The file is no Parquet file.
    LakeError
        It cannot be read.
    """

    def __init__(self, published: PublishedPartition) -> None:
        self.partition: Partition = published.partition
        self.manifest: Manifest = published.manifest
        self._published = published
        self._file: BinaryIO = published.open_part()
        self._source: ParquetSource | None = None
        try:
            with self._explained():
                self._parquet = pq.ParquetFile(self._file, page_checksum_verification=True)
                self.rows: int = self._parquet.metadata.num_rows
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the file."""
        return self._parquet.schema_arrow

    @property
    def row_groups(self) -> int:
        """Number of row groups."""
        found: int = self._parquet.metadata.num_row_groups
        return found

    @property
    def source(self) -> ParquetSource:
        """The file as encoded column chunks, to be copied or asked for statistics."""
        if self._source is None:
            with self._explained():
                self._source = ParquetSource(self._file)
        return self._source

    def check_contract(self) -> None:
        """Raise `ContractError` where the file has other columns than its contract."""
        self.partition.dataset.contract().check_schema(self.schema, str(self.partition))

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return all rows, of some columns."""
        with self._explained():
            return self._parquet.read(None if columns is None else list(columns))

    def read_row_group(self, index: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows of one row group, of some columns, decoded in this thread."""
        wanted = None if columns is None else list(columns)
        with self._explained():
            return self._parquet.read_row_group(index, columns=wanted, use_threads=False)

    def min_max(self, index: int, column: str) -> tuple[Any, Any]:
        """Return least and greatest value of a column in one row group, from the footer."""
        source = self.source
        with self._explained():
            found: tuple[Any, Any] = source.footer.row_groups[index].column(column).min_max()
            return found

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        # PyArrow tells damage by OSError without a number and its own errors, our footer reader by
        # ValueError.
        try:
            yield
        except MemoryError:  # one of PyArrow's is an error of its own too: nothing is damaged
            raise
        except (CorruptPartitionError, OSError, ValueError, KeyError, pa.ArrowException) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise self._published.unreadable(error) from error
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise self._published.corrupt(f"its data cannot be read ({reason})") from error


@contextlib.contextmanager
def open_table(lake_root: Path, partition: Partition) -> Iterator[Table]:
    """Open a published partition and its file.

    Raises
    ------
    PartitionNotFoundError, CorruptPartitionError, NewerLakeError, LakeError
    """
    with PublishedPartition(lake_root, partition) as published, Table(published) as table:
        yield table
