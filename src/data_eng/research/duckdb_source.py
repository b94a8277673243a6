"""Published tables as what DuckDB reads: columns and filters reach the files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow import fs

from ..lake.paths import PART
from ..lake.table import partition_expression
from .published import PublishedTables


class PublishedDataset(ds.FileSystemDataset):  # type: ignore[misc]
    """Published tables as a PyArrow dataset that verifies what it reads.

    DuckDB asks a dataset for a scanner with the columns and the filter of a query, and reads that
    one's stream.
    """

    def __init__(self, tables: PublishedTables) -> None:
        form, system = ds.ParquetFileFormat(), fs.LocalFileSystem()
        root = tables.lake_root.absolute()
        self._tables = tables
        self._places = {str(root / one.folder / PART): one for one in tables.contents}
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
        wanted = {self._places[fragment.path] for fragment in fragments}
        batches = self._tables.batches(names, filter, wants=wanted.__contains__)
        return _Scanner(pa.schema([self.schema.field(name) for name in names]), batches)


class _Scanner:
    def __init__(self, schema: pa.Schema, batches: Any) -> None:
        self._schema, self._batches = schema, batches

    def to_reader(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(self._schema, self._batches)
