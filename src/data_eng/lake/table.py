"""The Parquet file of a published partition: the one way to open and read it.

The footer is compared with the hash that the manifest has of it, page headers with the footer,
pages with their checksums; or the whole of a small file with its hash. Whatever the file's reader
raises becomes one error that names the partition and the remedy.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, Self

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import LakeError
from ..parquet.bound import Bound
from ..parquet.excerpt import Constant, Excerpt
from ..parquet.file_footer import file_footer
from ..parquet.footer import read_tail
from ..parquet.pages import Read, check_row_group
from ..parquet.splice import ParquetSource
from .damage import explained
from .encoding import ROW_GROUP_ROWS
from .file_memory import FILES
from .keys import DATE, SYMBOL, keyed_schema, partition_expression
from .manifest import Manifest
from .paths import PART, Partition
from .reader import PublishedPartition
from .whole_file import WholeFile

if TYPE_CHECKING:
    import pyarrow.compute as pc

    from ..catalogue.contract import Contract

Verify = Literal["pages", "file", "none"]
"""How a partition's file is verified: what is read of it, the whole file before, or not at all."""

_CELLS: Final = 1 << 25
"""What is decoded at a time, values: 256 MiB of them."""

HASHED_BYTES: Final = 12_000
"""Hashing so many takes as long as checking the page headers of a column chunk, some 12 us."""

_HELD_BYTES: Final = 1 << 23
"""The largest file that is held in memory."""


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
    published : PublishedPartition
    partition : Partition
    manifest : Manifest
    rows : int
    held : bytes or None
        The whole file, once `hold` read it: right if `confirm` says so.

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
        self.published = published
        self._verifies = verify != "none"
        self._file: BinaryIO = published.open_part()
        self._read: Read = partial(os.pread, self._file.fileno())
        self._source: ParquetSource | None = None
        self._whole: WholeFile | None = None
        self.held: bytes | None = None
        try:
            with explained(self.published):
                self._footer = file_footer(read_tail(self._file))
                self._check_footer()
                self.rows: int = self._footer.metadata.num_rows
            if self.rows != self.manifest.rows:
                raise published.corrupt(f"it has {self.rows} rows, not {self.manifest.rows}")
        except BaseException:
            with contextlib.suppress(LakeError):  # the first error is the one to tell
                self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the file."""
        return self._footer.schema

    @property
    def row_groups(self) -> int:
        """Number of row groups."""
        return int(self._footer.metadata.num_row_groups)

    def rows_of(self, index: int) -> int:
        """Return the number of rows of a row group."""
        found: int = self._footer.metadata.row_group(index).num_rows
        return found

    @property
    def source(self) -> ParquetSource:
        """The file as encoded column chunks, to be copied or asked for statistics."""
        if self._source is None:
            with explained(self.published):
                self._source = ParquetSource(self._file)
        return self._source

    def check_contract(self, contract: Contract | None = None) -> None:
        """Raise `ContractError` where the file has other columns than its contract.

        Who opens very many partitions of a table gives its contract.
        """
        wanted = self.partition.dataset.contract() if contract is None else contract
        wanted.check_schema(self.schema, str(self.partition))

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return all rows, of some columns."""
        wanted = None if columns is None else list(columns)
        with explained(self.published):
            self._check(range(self.row_groups), wanted)
            return self._parquet.read(wanted)

    def read_row_group(self, index: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows of one row group, of some columns, decoded in this thread."""
        wanted = None if columns is None else list(columns)
        with explained(self.published):
            self._check((index,), wanted)
            return self._parquet.read_row_group(index, columns=wanted, use_threads=False)

    def pieces(
        self, columns: Sequence[str], where: pc.Expression | None = None
    ) -> Iterator[pa.Table]:
        """Yield the rows in order, some row groups at a time, decoded by all processors.

        Parameters
        ----------
        columns : sequence of str
            Of the file.
        where : pyarrow.compute.Expression, optional
            On columns of `keyed_schema`. Row groups whose statistics contradict it are left out;
            of the others all rows are there.
        """
        wanted = [name for name in self.schema.names if name in columns]
        for some in self._portions(len(wanted), where):
            with explained(self.published):
                self._check(some, wanted)
                yield self._parquet.read_row_groups(some, columns=wanted)

    def row_groups_for(self, where: pc.Expression | Sequence[Bound] | None) -> list[int]:
        """Return the row groups that may hold such rows; argument as of `pieces`, or bounds."""
        if where is None:
            return list(range(self.row_groups))
        with explained(self.published):
            if isinstance(where, Sequence):
                return self._footer.row_groups_within(where)
            schema, keys = keyed_schema(self.schema), partition_expression(self.partition)
            return self._footer.row_groups_for(where, schema, keys)

    def hold(self, chunks: int) -> None:
        """Read the whole file and begin to compare it, if that is less work than to check pages.

        What `copy` takes then are bytes of that memory, whose pages need no checks of their own:
        nothing of it is right before `confirm`.

        Parameters
        ----------
        chunks : int
            How many column chunks will be copied.
        """
        entry = next(entry for entry in self.manifest.files if entry.name == PART)
        all_chunks = max(1, self.row_groups * self._footer.metadata.num_columns)
        # The rest goes through a checksum or the hash, which are about as fast.
        for_nothing = entry.bytes * (1 - chunks / all_chunks)
        if entry.bytes > _HELD_BYTES or for_nothing >= chunks * HASHED_BYTES:
            return
        with explained(self.published):
            self.held = held = FILES.read(self._file.fileno(), entry.bytes)
        if self._verifies:
            self._whole = WholeFile(held, entry.sha256)
        self._read = lambda size, at: held[at : at + size]

    def confirm(self) -> None:
        """Wait for the comparison of what is held.

        Raises
        ------
        CorruptPartitionError
            The file is not the manifest's; in parts, too, that were not copied.
        """
        if self._whole is not None and not self._whole.is_right():
            raise self.published.corrupt(f"SHA-256 of {PART} is not the manifest's")

    def copy(self, index: int, excerpt: Excerpt) -> None:
        """Add the columns of an excerpt in one row group to it, verified."""
        keys: dict[str, Constant] = {SYMBOL: self.partition.symbol, DATE: self.partition.date}
        verify = self._verifies and self._whole is None
        with explained(self.published):
            excerpt.copy(self._footer, index, self._read, keys, verify=verify)

    def explain(self) -> None:
        """Raise the error of a damaged file if an error of another library came from damage."""
        if self._verifies:
            self.published.verify()

    def min_max(self, index: int, column: str) -> tuple[Any, Any]:
        """Return least and greatest value of a column in one row group, from the footer."""
        source = self.source
        with explained(self.published):
            return source.footer.row_groups[index].column(column).min_max()

    def close(self) -> None:
        """Close the file."""
        with explained(self.published):
            if "_parquet" in self.__dict__:
                self._parquet.close(force=True)  # else it leaves what it was given open
            self._file.close()

    @cached_property
    def _parquet(self) -> pq.ParquetFile:
        # Opened so PyArrow's threads do not wait for Python's lock, which a Python file takes.
        place = f"/proc/self/fd/{self._file.fileno()}"
        return pq.ParquetFile(
            pa.OSFile(place) if os.path.exists(place) else self._file,
            metadata=self._footer.metadata,
            page_checksum_verification=self._verifies,
        )

    def _portions(self, columns: int, where: pc.Expression | None) -> Iterator[list[int]]:
        # Neighbouring row groups that may hold such rows, as many as are decoded at a time.
        step = max(1, _CELLS // (ROW_GROUP_ROWS * max(1, columns)))
        some: list[int] = []
        for index in self.row_groups_for(where):
            if some and (index != some[-1] + 1 or len(some) == step):
                yield some
                some = []
            some.append(index)
        if some:
            yield some

    def _check_footer(self) -> None:
        recorded = {entry.name: entry.footer_sha256 for entry in self.manifest.files}
        if self._verifies and self._footer.sha256 != recorded.get(PART):
            raise ValueError("its footer is not the manifest's")

    def _check(self, row_groups: Iterable[int], columns: Sequence[str] | None) -> None:
        # PyArrow compares the checksums itself; the headers nobody else looks at.
        if not self._verifies:
            return
        names = self.schema.names
        wanted = set(names if columns is None else columns)
        positions = [position for position, name in enumerate(names) if name in wanted]
        for index in row_groups:
            check_row_group(self._footer.metadata, index, positions, self._read, checksums=False)


@contextlib.contextmanager
def open_table(lake_root: Path, partition: Partition, verify: Verify = "pages") -> Iterator[Table]:
    """Open a published partition and its file.

    Raises
    ------
    PartitionNotFoundError, CorruptPartitionError, NewerLakeError, LakeError
    """
    with PublishedPartition(lake_root, partition) as published, Table(published, verify) as table:
        yield table
