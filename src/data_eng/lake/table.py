"""The Parquet file of a published partition: the one way to open and read it.

The footer is compared with the hash that the manifest has of it, page headers with the footer,
pages with their checksums. Whatever the file's reader raises becomes one error that names the
partition and the remedy.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Literal, Self, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..errors import CorruptPartitionError
from ..parquet.footer import footer_sha256
from ..parquet.page_headers import check_row_group
from ..parquet.splice import ParquetSource
from .encoding import ROW_GROUP_ROWS
from .manifest import Manifest
from .paths import PART, Partition
from .reader import PublishedPartition

SYMBOL: Final = "symbol"
DATE: Final = "dt"
"""Columns that are the partition's, not the file's."""

Verify = Literal["pages", "file", "none"]
"""How a partition's file is verified: what is read of it, the whole file before, or not at all."""

_DAMAGE: Final = (CorruptPartitionError, OSError, ValueError, LookupError, pa.ArrowException)
"""By which PyArrow (OSError without a number, its own errors) and our readers tell damage."""

_ROW_GROUPS_AHEAD: Final = 16
"""Whose headers are checked at once, and which are then read by all processors."""


Rows = TypeVar("Rows", pa.Table, pa.RecordBatch)


class Table:
    """The rows of an open partition.

    Parameters
    ----------
    published : PublishedPartition
        Stays open as long as this is used.
    verify : str
        ``pages``: the footer and the pages that are read. ``none``: nothing. With ``file`` the
        whole file is hashed here too.

    Attributes
    ----------
    partition : Partition
    manifest : Manifest
    rows : int

    Raises
    ------
    CorruptPartitionError
        The file is not the manifest's, or has another number of rows than it says.
    LakeError
        It cannot be read.
    """

    def __init__(self, published: PublishedPartition, verify: Verify = "pages") -> None:
        if verify == "file":
            published.verify()
        self.partition: Partition = published.partition
        self.manifest: Manifest = published.manifest
        self._published = published
        self._verifies = verify != "none"
        self._file: BinaryIO = published.open_part()
        self._source: ParquetSource | None = None
        try:
            with self._explained():
                if self._verifies:
                    self._check_footer()
                self._parquet = pq.ParquetFile(
                    self._file, page_checksum_verification=self._verifies
                )
                self.rows: int = self._parquet.metadata.num_rows
            if self.rows != self.manifest.rows:
                raise published.corrupt(f"it has {self.rows} rows, not {self.manifest.rows}")
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
        wanted = None if columns is None else list(columns)
        with self._explained():
            self._check_headers(range(self.row_groups), wanted)
            return self._checked(self._parquet.read(wanted))

    def read_row_group(self, index: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows of one row group, of some columns, decoded in this thread."""
        wanted = None if columns is None else list(columns)
        with self._explained():
            self._check_headers((index,), wanted)
            read = self._parquet.read_row_group(index, columns=wanted, use_threads=False)
            return self._checked(read)

    def batches(
        self, columns: Sequence[str], where: pc.Expression | None = None, *, only: bool = True
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order, of some columns, decoded by all processors.

        Nothing else may be read of the table meanwhile.

        Parameters
        ----------
        columns : sequence of str
            Of the file, and ``symbol`` and ``dt``, which are the partition's.
        where : pyarrow.compute.Expression, optional
            On such columns: row groups whose statistics contradict it are not read.
        only : bool
            Leave out the rows for which ``where`` does not hold.
        """
        import pyarrow.dataset as ds  # noqa: PLC0415 - imports pandas, which runs do without

        with self._explained():
            options = ds.ParquetFragmentScanOptions(page_checksum_verification=self._verifies)
            form = ds.ParquetFileFormat(default_fragment_scan_options=options)
            fragment = form.make_fragment(
                self._file, partition_expression=partition_expression(self.partition)
            )
            schema = keyed_schema(self.schema)
            if where is not None:
                fragment = fragment.subset(where, schema)
            found = [group.id for group in fragment.row_groups]
            # An expression does not tell its fields; a name too many is checked for nothing.
            words = "" if where is None else str(where)
            stored = [name for name in self.schema.names if name in columns or name in words]
            for first in range(0, len(found), _ROW_GROUPS_AHEAD):
                some = found[first : first + _ROW_GROUPS_AHEAD]
                self._check_headers(some, stored)
                scanner = fragment.subset(row_group_ids=some).scanner(
                    schema,
                    columns=list(columns),
                    filter=where if only else None,
                    batch_size=ROW_GROUP_ROWS,
                )
                for batch in scanner.to_reader():
                    yield self._checked(batch)

    def min_max(self, index: int, column: str) -> tuple[Any, Any]:
        """Return least and greatest value of a column in one row group, from the footer."""
        source = self.source
        with self._explained():
            found: tuple[Any, Any] = source.footer.row_groups[index].column(column).min_max()
            return found

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _check_footer(self) -> None:
        recorded = {entry.name: entry.footer_sha256 for entry in self.manifest.files}
        if footer_sha256(self._file) != recorded.get(PART):
            raise ValueError("its footer is not the manifest's")

    def _check_headers(self, row_groups: Iterable[int], columns: Sequence[str] | None) -> None:
        if not self._verifies:
            return
        names = self.schema.names
        wanted = set(names if columns is None else columns)
        positions = [position for position, name in enumerate(names) if name in wanted]
        metadata, read = self._parquet.metadata, partial(os.pread, self._file.fileno())
        for index in row_groups:
            check_row_group(metadata, index, positions, read)

    def _checked(self, rows: Rows) -> Rows:
        # Nothing else knows how many entries a dictionary should have.
        if self._verifies:
            for field in rows.schema:
                if pa.types.is_dictionary(field.type):
                    rows[field.name].validate(full=True)
        return rows

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except MemoryError:  # one of PyArrow's is an error of its own too: nothing is damaged
            raise
        except _DAMAGE as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise self._published.unreadable(error) from error
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise self._published.corrupt(f"its data cannot be read ({reason})") from error


def keyed_schema(schema: pa.Schema) -> pa.Schema:
    """Return the schema of a table with the columns ``symbol`` and ``dt`` after its own."""
    return schema.append(pa.field(SYMBOL, pa.string())).append(pa.field(DATE, pa.date32()))


def partition_expression(partition: Partition) -> pc.Expression:
    """Return what holds of ``symbol`` and ``dt`` in every row of a partition."""
    is_symbol = pc.field(SYMBOL) == pa.scalar(partition.symbol)
    return is_symbol & (pc.field(DATE) == pa.scalar(partition.date))


@contextlib.contextmanager
def open_table(lake_root: Path, partition: Partition, verify: Verify = "pages") -> Iterator[Table]:
    """Open a published partition and its file.

    Raises
    ------
    PartitionNotFoundError, CorruptPartitionError, NewerLakeError, LakeError
    """
    with PublishedPartition(lake_root, partition) as published, Table(published, verify) as table:
        yield table
