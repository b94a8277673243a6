"""Row groups of a footer: found with as little decoding as possible, and encoded at a new place.

Moving a column chunk changes its page offsets and, for a copy under another name, its path. All
other bytes of its metadata (encodings, sizes, statistics) hold wherever it lies, so they are
copied as they are around the numbers that change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ..errors import ContractError, CorruptPartitionError
from .flat_schema import FlatSchema, SchemaElement
from .thrift_compact import (
    BINARY,
    I16,
    I32,
    I64,
    LIST,
    STRUCT,
    TRUE,
    ThriftError,
    decode_struct,
    encode_fields,
    encode_integer,
    encode_list,
    read_field_header,
    read_integer,
    read_list_header,
)
from .thrift_scan import field_key, scan_struct, skip_value

# Fields of ColumnChunk and ColumnMetaData in parquet.thrift.
_FILE_OFFSET: Final = field_key(2, I64)
_META: Final = field_key(3, STRUCT)
_TYPE: Final = field_key(1, I32)
_PATH: Final = field_key(3, LIST)
_NUM_VALUES: Final = field_key(5, I64)
_UNCOMPRESSED: Final = field_key(6, I64)
_COMPRESSED: Final = field_key(7, I64)
_DATA_PAGE: Final = field_key(9, I64)
_DICTIONARY_PAGE: Final = field_key(11, I64)
_STATISTICS: Final = field_key(12, STRUCT)

# Fields that hold for a chunk wherever it lies, or that are relocated here. All others point
# outside the chunk: page index, Bloom filter, index page, other files, keys.
_MOVABLE: Final = frozenset({_FILE_OFFSET, _META})
_MOVABLE_META: Final = frozenset(
    {_TYPE, _PATH, _NUM_VALUES, _UNCOMPRESSED, _COMPRESSED, _DATA_PAGE, _DICTIONARY_PAGE}
    | {_STATISTICS, field_key(2, LIST), field_key(4, I32), field_key(8, LIST)}
    | {field_key(13, LIST), field_key(16, STRUCT)}
)

_MAX_ORDINAL: Final = (1 << 15) - 1
_FIRST_BYTE: Final = 4  # after the magic
_INTEGER_BYTES: Final = {1: 4, 2: 8}  # by physical type


class Statistics(NamedTuple):
    """What a column chunk says of its values: plain encoded bounds, number of nulls."""

    min_value: bytes | None
    max_value: bytes | None
    null_count: int | None


class ColumnChunk(NamedTuple):
    """One column of a row group.

    Attributes
    ----------
    element : SchemaElement
        The column.
    start, size : int
        Byte range in the file: the dictionary page, if any, and the data pages.
    num_values, uncompressed_size : int
        Values, nulls included; bytes of the pages before compression.
    is_movable : bool
        Whether nothing of it lies outside its byte range.
    footer, begin, end, places : bytes, int, int, dict
        The footer, and where in it the chunk's metadata lie, as a whole and field by field.
    file_offset : int
        Position in the footer of ``file_offset``, 0 if it needs no change.
    """

    element: SchemaElement
    start: int
    size: int
    num_values: int
    uncompressed_size: int
    is_movable: bool
    footer: bytes
    begin: int
    end: int
    places: dict[int, int]
    file_offset: int

    @property
    def statistics(self) -> Statistics | None:
        """The statistics, if the column has some.

        Raises
        ------
        CorruptPartitionError
            They are not of the types that they must have.
        """
        if _STATISTICS not in self.places:
            return None
        struct, _ = decode_struct(self.footer, self.places[_STATISTICS])
        values = [
            struct[field_id].value if field_id in struct else None for field_id in (6, 5, 3)
        ]
        low, high, nulls = values
        if (
            isinstance(low, bytes | None)
            and isinstance(high, bytes | None)
            and isinstance(nulls, int | None)
        ):
            return Statistics(low, high, nulls)
        raise CorruptPartitionError(f"column {self.element.name}: statistics cannot be read")

    def min_max(self) -> tuple[int, int]:
        """Return the smallest and the largest value of an integer or timestamp column.

        Raises
        ------
        ContractError
            Not such a column, or no bounds: written without statistics, or all null.
        CorruptPartitionError
            The bounds are not integers of the column's size.
        """
        name, size = self.element.name, _INTEGER_BYTES.get(self.element.type)
        found = self.statistics
        if size is None:
            raise ContractError(f"column {name} is not of an integer type")
        if found is None or found.min_value is None or found.max_value is None:
            raise ContractError(f"column {name} has no bounds in its statistics")
        if len(found.min_value) != size or len(found.max_value) != size:
            raise CorruptPartitionError(f"column {name}: bounds are not integers of {size} bytes")
        signed = not self.element.unsigned
        return (
            int.from_bytes(found.min_value, "little", signed=signed),
            int.from_bytes(found.max_value, "little", signed=signed),
        )

    def relocated(self, path: bytes, shift: int) -> bytes:
        """Return the metadata of the same chunk under another path, ``shift`` bytes further on."""
        footer, places = self.footer, self.places
        parts = []
        pos = self.begin
        if self.file_offset:
            value, after = read_integer(footer, self.file_offset)
            parts += (footer[pos : self.file_offset], encode_integer(value + shift))
            pos = after
        at = places[_PATH]
        parts += (footer[pos:at], path)
        pos = at + len(self.element.path)
        at = places[_DATA_PAGE]
        value, after = read_integer(footer, at)
        parts += (footer[pos:at], encode_integer(value + shift))
        at = places.get(_DICTIONARY_PAGE, 0)
        if at:
            value, end = read_integer(footer, at)
            parts += (footer[after:at], encode_integer(value + shift))
            after = end
        parts.append(footer[after : self.end])
        return b"".join(parts)


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
        """Start and end of the column chunks in the file, half-open."""
        if not self.columns:
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
