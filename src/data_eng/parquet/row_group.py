"""Row groups of a footer: checked as they are found, and encoded at a new place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ..errors import ContractError
from .column_chunk import ColumnChunk, scan_chunk
from .flat_schema import FlatSchema
from .thrift_compact import (
    I16,
    I64,
    LIST,
    STRUCT,
    ThriftError,
    encode_fields,
    encode_integer,
    encode_list,
    read_field_header,
    read_integer,
    read_list_header,
)
from .thrift_scan import skip_value

# Fields of RowGroup in parquet.thrift.
_COLUMNS: Final = 1
_UNCOMPRESSED: Final = 2
_NUM_ROWS: Final = 3
_SORTING_COLUMNS: Final = 4
_FILE_OFFSET: Final = 5
_COMPRESSED: Final = 6
_ORDINAL: Final = 7

_KINDS: Final = {_COLUMNS: LIST, _NUM_ROWS: I64, _SORTING_COLUMNS: LIST, _ORDINAL: I16}

_MAX_ORDINAL: Final = (1 << 15) - 1
_FIRST_BYTE: Final = 4  # after the magic


@dataclass(frozen=True)
class RowGroup:
    """A row group of a file.

    Attributes
    ----------
    schema : FlatSchema
        The file's columns.
    columns : tuple of ColumnChunk
        One for each column, in order of the schema and in the file.
    num_rows : int
        Rows.
    sorting_columns : bytes or None
        Declared sort order, encoded; it names columns by position.
    has_ordinal : bool
        Whether its writer numbered the row groups.
    """

    schema: FlatSchema
    columns: tuple[ColumnChunk, ...]
    num_rows: int
    sorting_columns: bytes | None
    has_ordinal: bool

    @property
    def byte_range(self) -> tuple[int, int]:
        """Start and end of the column chunks in the file, half-open; without rows empty."""
        if not self.columns or not self.num_rows:
            return _FIRST_BYTE, _FIRST_BYTE
        last = self.columns[-1]
        return self.columns[0].start, last.start + last.size

    def column(self, name: str) -> ColumnChunk:
        """Return a column by its name.

        Raises
        ------
        ContractError
            There is no such column.
        """
        if name not in self.schema.index:
            raise ContractError(f"column {name} is not in the Parquet file")
        return self.columns[self.schema.index[name]]


class PlacedChunk(NamedTuple):
    """A column chunk in another file: its encoded path there, and where its bytes start."""

    chunk: ColumnChunk
    path: bytes
    start: int


def scan_row_group(data: bytes, pos: int, schema: FlatSchema, limit: int) -> tuple[RowGroup, int]:
    """Find a row group's metadata at ``pos`` of a footer, and check that they hold together.

    Parameters
    ----------
    data : bytes
        The footer.
    pos : int
        Position of the row group.
    schema : FlatSchema
        The file's columns.
    limit : int
        Where the footer starts in the file, and column chunks must have ended.

    Raises
    ------
    ThriftError, IndexError
        There is none, or not one of this file.
    """
    columns: list[ColumnChunk] = []
    fields: dict[int, bytes] = {}
    field_id = 0
    while True:
        field_id, kind, pos = read_field_header(data, pos, field_id)
        if not field_id:
            break
        start = pos
        if field_id == _COLUMNS:
            pos = _scan_columns(data, pos, kind, schema, columns)
        else:
            pos = skip_value(data, pos, kind)
        if kind == _KINDS.get(field_id):
            fields[field_id] = data[start:pos]
    if not fields.keys() >= {_COLUMNS, _NUM_ROWS}:
        raise ThriftError("a row group has no columns or no number of rows")
    num_rows, _ = read_integer(fields[_NUM_ROWS], 0)
    _check_columns(columns, num_rows, limit)
    return (
        RowGroup(
            schema,
            tuple(columns),
            num_rows,
            fields.get(_SORTING_COLUMNS),
            _ORDINAL in fields,
        ),
        pos,
    )


def _scan_columns(
    data: bytes, pos: int, kind: int, schema: FlatSchema, columns: list[ColumnChunk]
) -> int:
    element_kind, size, pos = read_list_header(data, pos)
    if (kind, element_kind, size) != (LIST, STRUCT, len(schema.elements)):
        raise ThriftError(f"a row group has {size} columns, not {len(schema.elements)}")
    for element in schema.elements:
        chunk = scan_chunk(data, pos, element)
        columns.append(chunk)
        pos = chunk.end
    return pos


def _check_columns(columns: Sequence[ColumnChunk], num_rows: int, limit: int) -> None:
    if num_rows < 0:
        raise ThriftError(f"a row group has {num_rows} rows")
    end = _FIRST_BYTE
    for chunk in columns:
        if not chunk.size and not num_rows:
            continue  # no page, so no position
        name = chunk.element.name
        if chunk.num_values != num_rows:
            raise ThriftError(f"column {name!r} has {chunk.num_values} values, not {num_rows}")
        if chunk.start < end or chunk.size < 0 or chunk.uncompressed_size < 0:
            raise ThriftError(f"column {name!r} is not after the column before it")
        if chunk.file_offset:
            offset, _ = read_integer(chunk.footer, chunk.file_offset)
            if not 0 < offset <= limit:
                raise ThriftError(f"column {name!r} has its metadata at byte {offset}")
        end = chunk.start + chunk.size
    if end > limit:
        raise ThriftError(f"a row group ends at byte {end}, after the data's end at {limit}")


def encode_row_group(source: RowGroup, placed: Sequence[PlacedChunk], ordinal: int) -> bytes:
    """Return the metadata of a row group whose column chunks were copied.

    Parameters
    ----------
    source : RowGroup
        Where they come from.
    placed : sequence of PlacedChunk
        The columns of the new file in order.
    ordinal : int
        Number of the row group in the new file, written if the source's were numbered.
    """
    chunks = [chunk.relocated(path, start - chunk.start) for chunk, path, start in placed]
    fields = [
        (_COLUMNS, LIST, encode_list(STRUCT, chunks)),
        (_UNCOMPRESSED, I64, encode_integer(sum(p.chunk.uncompressed_size for p in placed))),
        (_NUM_ROWS, I64, encode_integer(source.num_rows)),
    ]
    # It names columns by position, so it holds only where these are the same.
    kept = placed[: len(source.columns)]
    if source.sorting_columns and [p.chunk for p in kept] == list(source.columns):
        fields.append((_SORTING_COLUMNS, LIST, source.sorting_columns))
    if placed:
        fields.append((_FILE_OFFSET, I64, encode_integer(placed[0].start)))
    fields.append((_COMPRESSED, I64, encode_integer(sum(p.chunk.size for p in placed))))
    if source.has_ordinal and ordinal <= _MAX_ORDINAL:
        fields.append((_ORDINAL, I16, encode_integer(ordinal)))
    return encode_fields(fields)
