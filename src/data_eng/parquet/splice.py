"""Make a Parquet file of encoded row groups of other files, without decoding them.

1. `SplicedParquetWriter` lets pyarrow write an empty file of the output's schema: its footer is
   the template of all that does not depend on the row groups.
2. `SplicedParquetWriter.copy_row_group` reads a row group's bytes at once, writes those of the
   columns wanted, neighbours together, and moves their metadata (`encode_row_group`).
3. `SplicedParquetWriter.write_row_group` lets pyarrow encode rows in memory and copies the result.
4. `SplicedParquetWriter.close` writes the template with the row groups collected.

A file that is copied whole under its own schema and options comes out with the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from ..edge import is_out_of_memory
from ..errors import ContractError, CorruptPartitionError
from .column_chunk import ColumnChunk
from .flat_schema import FlatSchema
from .footer import MAGIC, ParquetFooter, read_footer
from .row_group import PlacedChunk, encode_row_group

_NO_ALIASES: Final[Mapping[str, str]] = MappingProxyType({})


class ParquetSource:
    """A Parquet file to copy row groups from.

    Parameters
    ----------
    file : binary file
        Readable and seekable, to be left open while the source is used. Others may read it in
        between, not at the same time.
    where : str, optional
        What to call the file in messages; by default its path, if it knows it.

    Attributes
    ----------
    footer : ParquetFooter
        What the file says of itself.

    Raises
    ------
    CorruptPartitionError
        Not a whole Parquet file of flat columns.
    """

    def __init__(self, file: BinaryIO, where: str | None = None) -> None:
        self.footer = read_footer(file, where)
        self._file = file
        name = getattr(file, "name", None)
        self._where = where or (name if isinstance(name, str) else "Parquet file")

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        """The Arrow schema of the rows, as pyarrow reads it.

        Raises
        ------
        CorruptPartitionError
            pyarrow cannot make sense of it.
        """
        empty = MAGIC + self.footer.encode([], 0)
        try:
            return pq.read_schema(pa.BufferReader(empty))
        except (pa.ArrowException, OSError, ValueError) as error:
            if is_out_of_memory(error):
                raise
            reason = str(error).partition("\n")[0]
            raise CorruptPartitionError(
                f"{self._where}: its schema cannot be read ({reason}); "
                "delete the partition and run its layer again"
            ) from error

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes [start, end) of the file.

        Raises
        ------
        CorruptPartitionError
            The file became shorter.
        """
        self._file.seek(start)
        data = self._file.read(end - start)
        if len(data) != end - start:
            raise CorruptPartitionError(
                f"{self._where}: ended at byte {start + len(data)} while it was read"
            )
        return data

    def read_row_group(self, index: int) -> bytes:
        """Return the bytes of all column chunks of a row group."""
        return self.read(*self.footer.row_groups[index].byte_range)


class SplicedParquetWriter:
    """Writes a Parquet file of row groups that are copied as they are or encoded anew.

    The output depends on nothing but the schema, the options, the row groups and pyarrow's
    version. Without `close` it is no Parquet file.

    Parameters
    ----------
    sink : binary file
        Only its ``write`` is called, with bytes-like objects, in order of the file.
    schema : pyarrow.Schema
        The output's columns, flat.
    **writer_options
        Of `pyarrow.parquet.ParquetWriter`, for the row groups encoded here and for the schema's
        way into the footer.

    Attributes
    ----------
    num_rows : int
        Rows so far.
    footer_sha256 : str
        SHA-256 of what ends the file, once it is closed; as `footer.footer_sha256`.

    Raises
    ------
    ContractError
        The schema is nested, or a name stands in it twice.
    """

    def __init__(self, sink: BinaryIO, schema: pa.Schema, **writer_options: Any) -> None:
        self.num_rows = 0
        self.footer_sha256 = ""
        self._sink = sink
        self._schema = schema
        self._options = writer_options
        self._template = self._make_template()
        self._row_groups: list[bytes] = []
        self._plans: dict[tuple[Any, ...], tuple[int, ...]] = {}
        self._position = 0
        self._is_closed = False
        self._write(MAGIC)

    def copy_row_group(
        self, source: ParquetSource, index: int, aliases: Mapping[str, str] = _NO_ALIASES
    ) -> None:
        """Add a row group of another file, its pages byte for byte.

        Columns are taken by name; those of the source that the output has not are left out. A row
        group without rows adds none.

        Parameters
        ----------
        source : ParquetSource
            The other file.
        index : int
            Number of the row group there.
        aliases : mapping
            Output column to the source column whose pages it gets instead of its namesake's.

        Raises
        ------
        ContractError
            A column is missing in the source, of another type or nullability there, or has a
            page index or Bloom filter; nothing was written.
        CorruptPartitionError
            The source became shorter.
        """
        self._check_open()
        row_group = source.footer.row_groups[index]
        chunks = [row_group.columns[i] for i in self._plan(source.footer, aliases)]
        for chunk in chunks:
            if not chunk.is_movable:
                raise ContractError(
                    f"column {chunk.element.name} has a page index, a Bloom filter or encryption, "
                    "which cannot be copied; write the source without"
                )
        if not row_group.num_rows:
            return
        starts = self._copy_bytes(source, chunks)
        placed = [
            PlacedChunk(chunk, element.path, start)
            for chunk, element, start in zip(chunks, self._template.columns, starts, strict=True)
        ]
        self._row_groups.append(encode_row_group(row_group, placed, len(self._row_groups)))
        self.num_rows += row_group.num_rows

    def write_row_group(self, table: pa.Table) -> None:
        """Encode rows as one row group and add it; a table without rows adds none.

        Parameters
        ----------
        table : pyarrow.Table
            Rows of the output's schema.

        Raises
        ------
        ContractError
            The table has another schema.
        ValueError
            More rows than pyarrow puts into one row group (67,108,864).
        """
        self._check_open()
        if not table.schema.equals(self._schema):
            raise ContractError("the rows have another schema than the Parquet file")
        if not table.num_rows:
            return
        encoded = pa.BufferOutputStream()
        with pq.ParquetWriter(encoded, self._schema, **self._options) as writer:
            writer.write_table(table, row_group_size=table.num_rows)
        source = ParquetSource(pa.BufferReader(encoded.getvalue()))
        if len(source.footer.row_groups) != 1:
            raise ValueError(f"{table.num_rows} rows do not fit into one row group")
        self.copy_row_group(source, 0)

    def close(self) -> None:
        """Write the footer. The sink stays open; a second call does nothing."""
        if not self._is_closed:
            self._is_closed = True
            footer = self._template.encode(self._row_groups, self.num_rows)
            self.footer_sha256 = hashlib.sha256(footer).hexdigest()
            self._write(footer)

    def _make_template(self) -> ParquetFooter:
        empty = pa.BufferOutputStream()
        pq.ParquetWriter(empty, self._schema, **self._options).close()
        try:
            return read_footer(pa.BufferReader(empty.getvalue()), "output schema")
        except CorruptPartitionError as error:
            raise ContractError(f"such a file cannot be spliced: {error.__cause__}") from error

    def _plan(self, footer: ParquetFooter, aliases: Mapping[str, str]) -> tuple[int, ...]:
        # The source column of each output column, worked out once for each source schema.
        key = (footer.schema, *aliases.items())
        if key not in self._plans:
            self._plans[key] = _match_columns(footer.schema, self._template.schema, aliases)
        return self._plans[key]

    def _copy_bytes(self, source: ParquetSource, chunks: list[ColumnChunk]) -> list[int]:
        # Writes the chunks, neighbours in the source as one, and returns where each one starts.
        if not chunks:
            return []
        base = min(chunk.start for chunk in chunks)
        data = memoryview(source.read(base, max(chunk.start + chunk.size for chunk in chunks)))
        starts = []
        position = self._position
        begin = end = base
        for chunk in chunks:
            if chunk.start != end:
                self._write(data[begin - base : end - base])
                begin = chunk.start
            end = chunk.start + chunk.size
            starts.append(position)
            position += chunk.size
        self._write(data[begin - base : end - base])
        return starts

    def _write(self, data: bytes | memoryview) -> None:
        if len(data):
            self._sink.write(data)
            self._position += len(data)

    def _check_open(self) -> None:
        if self._is_closed:
            raise ValueError("the Parquet file is closed")


def _match_columns(
    source: FlatSchema, output: FlatSchema, aliases: Mapping[str, str]
) -> tuple[int, ...]:
    for alias in aliases:
        if alias not in output.index:
            raise ContractError(f"alias {alias} is not a column of the output")
    found = []
    for element in output.elements:
        name = aliases.get(element.name, element.name)
        if name not in source.index:
            raise ContractError(f"column {name} is not in the Parquet file to copy from")
        position = source.index[name]
        if source.elements[position].layout != element.layout:
            raise ContractError(
                f"column {element.name} cannot be copied from column {name}: their Parquet types "
                "or nullability differ"
            )
        found.append(position)
    return tuple(found)
