"""Published tables as what DuckDB reads: columns and filters reach the files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from pyarrow import fs

from ..errors import DataEngError
from ..lake.keys import DATE, partition_expression
from ..lake.paths import PART, Partition
from .pieces import Rows
from .published import PublishedTables

_WORD: Final = re.compile(r"\w+")
_CELLS: Final = 1 << 20
"""Values that are decoded at a time."""


class PublishedDataset(ds.FileSystemDataset):  # type: ignore[misc]
    """Published tables as a PyArrow dataset that verifies what it reads.

    DuckDB asks a dataset for a scanner with the columns and the filter of a query, and reads that
    one's stream.
    """

    def __init__(self, tables: PublishedTables) -> None:
        form, system = ds.ParquetFileFormat(), fs.LocalFileSystem()
        root = tables.lake_root.absolute()
        self._tables = tables
        self._places = {_name(root / one.folder / PART): one for one in tables.marks}
        fragments = [
            form.make_fragment(path, system, partition_expression(one))
            for path, one in self._places.items()
        ]
        super().__init__(fragments, tables.schema, form, system)

    def scanner(
        self, columns: Sequence[str] | None = None, filter: Any = None, **_: Any
    ) -> _Scanner:
        """Return what reads some columns of the rows for which a filter holds."""
        names = self.schema.names if columns is None else columns
        fragments = self.get_fragments(filter)
        wanted = [self._places[fragment.path] for fragment in fragments]
        schema = pa.schema([self.schema.field(name) for name in names])
        return _Scanner(schema, _told(self._batches(names, filter, wanted)))

    def _batches(
        self, columns: Sequence[str], where: Any, wanted: Sequence[Partition]
    ) -> Iterator[pa.RecordBatch]:
        # An expression does not tell its fields; a column too many is read for nothing.
        words = "" if where is None else str(where)
        named = set(_WORD.findall(words)).intersection(self.schema.names).difference(columns)
        read = [*columns, *named] or [DATE]
        schema = pa.schema([self.schema.field(name) for name in columns])
        for found in self._tables.pieces(read, wanted, where):
            for rows in self._decoded(found, read):
                kept = rows if where is None else rows.filter(where)
                yield from kept.select(columns).cast(schema).to_batches()

    def _decoded(self, found: Rows, columns: Sequence[str]) -> Iterator[pa.Table]:
        # Some row groups at a time: memory that was decoded into before is there already.
        try:
            file = pq.ParquetFile(pa.BufferReader(*found.parquet))
            for some in _portions(file.metadata, _CELLS // len(columns)):
                yield file.read_row_groups(some, columns=columns)
        except (pa.ArrowException, OSError, ValueError):
            self._tables.explain(found.partitions)
            raise


def _told(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    # DuckDB tells an error's text and then its traceback: with our line first and last, and of the
    # frames between no more than this one.
    try:
        yield from batches
    except DataEngError as error:
        plain = error.with_traceback(None)
    else:
        return
    plain.__cause__ = plain.__context__ = None
    raise plain


def _portions(metadata: Any, most: int) -> Iterator[list[int]]:
    some: list[int] = []
    rows = 0
    for index in range(metadata.num_row_groups):
        some.append(index)
        rows += metadata.row_group(index).num_rows
        if rows >= most:
            yield some
            some, rows = [], 0
    if some:
        yield some


def _name(path: Path) -> str:
    # Names alone, by which nothing is opened: Arrow's are UTF-8, a folder's may be any bytes.
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


class _Scanner:
    def __init__(self, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
        self._schema, self._batches = schema, batches

    def to_reader(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(self._schema, self._batches)
