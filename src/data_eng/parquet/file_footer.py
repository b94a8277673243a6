"""What the footer of a Parquet file says, parsed once for the same bytes.

A footer is known by its SHA-256, so that nothing of a file that changed is ever taken for what it
was. Of the last that were used some are kept.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from .bound import Bound
from .footer import MAGIC

_KEPT_BYTES: Final = 1 << 23
"""Of encoded footers: 500 of a table of 60 columns, a few of a day's records."""


class FileFooter:
    """A parsed footer.

    Parameters
    ----------
    tail : bytes
        What ends the file, as of `footer.read_tail`.

    Attributes
    ----------
    metadata : pyarrow.parquet.FileMetaData
    sha256 : str
        Of ``tail``.

    Raises
    ------
    pyarrow.ArrowException, OSError
        It cannot be parsed.
    """

    def __init__(self, tail: bytes, sha256: str) -> None:
        self.sha256 = sha256
        # Offsets lead nowhere in this file, and parsing follows none.
        self._file = pa.BufferReader(MAGIC + tail)
        self.metadata: Any = pq.read_metadata(self._file)
        self._columns: dict[str, tuple[int, Any]] = {}
        self._least_greatest: dict[str, list[tuple[int, int] | None]] = {}
        self._fragment: Any = None

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema."""
        return self.metadata.schema.to_arrow_schema()

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each column stands; of flat columns."""
        return {name: position for position, name in enumerate(self.metadata.schema.names)}

    def column(self, name: str) -> tuple[int, Any]:
        """Return the position of a column and how it is stored, a ``ColumnSchema``.

        Raises
        ------
        LookupError
            There is no such column.
        """
        if name not in self._columns:
            position = self.positions[name]
            self._columns[name] = (position, self.metadata.schema.column(position))
        return self._columns[name]

    def row_groups_within(self, bounds: Sequence[Bound]) -> list[int]:
        """Return the row groups whose statistics do not contradict bounds, which must all hold.

        Takes a tenth of the time of `row_groups_for`.

        Raises
        ------
        LookupError
            There is no such column.
        """
        ranges = [(one, self._ranges(one.column)) for one in bounds]
        return [
            index
            for index in range(self.metadata.num_row_groups)
            if all(
                (found := of_groups[index]) is None or one.may_hold(*found)
                for one, of_groups in ranges
            )
        ]

    def _ranges(self, name: str) -> list[tuple[int, int] | None]:
        # Least and greatest value of each row group, as they are stored; None where it is not said.
        if name not in self._least_greatest:
            position, _ = self.column(name)
            chunks = (
                self.metadata.row_group(index).column(position).statistics
                for index in range(self.metadata.num_row_groups)
            )
            self._least_greatest[name] = [
                (one.min_raw, one.max_raw) if one is not None and one.has_min_max else None
                for one in chunks
            ]
        return self._least_greatest[name]

    def row_groups_for(self, where: Any, schema: pa.Schema, keys: Any) -> list[int]:
        """Return the row groups whose statistics do not contradict a condition.

        Parameters
        ----------
        where, keys : pyarrow.compute.Expression
            The condition; what holds of all rows of the file.
        schema : pyarrow.Schema
            The columns that they name.
        """
        import pyarrow.dataset as ds  # noqa: PLC0415 - imports pandas, which runs do without

        # Files of the same footer may be asked about in several threads, each with its own keys.
        fragment = self._fragment
        if fragment is None or not fragment.partition_expression.equals(keys):
            form = ds.ParquetFileFormat()
            fragment = self._fragment = form.make_fragment(self._file, partition_expression=keys)
        return [one.id for one in fragment.subset(where, schema).row_groups]


class KeptFooters:
    """The footers that were used last, by their hashes; for several threads."""

    def __init__(self) -> None:
        self._footers: OrderedDict[str, tuple[int, FileFooter]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def parsed(self, tail: bytes) -> FileFooter:
        """Return what ends a file, parsed; parameter and errors as of `FileFooter`."""
        sha256 = hashlib.sha256(tail).hexdigest()
        with self._lock:
            if sha256 in self._footers:
                self._footers.move_to_end(sha256)
                return self._footers[sha256][1]
        made = FileFooter(tail, sha256)
        with self._lock:
            if sha256 not in self._footers:
                self._bytes += len(tail)
            self._footers[sha256] = (len(tail), made)
            while len(self._footers) > 1 and self._bytes > _KEPT_BYTES:
                size, _ = self._footers.popitem(last=False)[1]
                self._bytes -= size
        return made

    def forget(self) -> None:
        """Keep none of them."""
        with self._lock:
            self._footers.clear()
            self._bytes = 0


FOOTERS: Final = KeptFooters()
"""Those of this process."""


def file_footer(tail: bytes) -> FileFooter:
    """Return what ends a file, parsed; parameter and errors as of `FileFooter`."""
    return FOOTERS.parsed(tail)
