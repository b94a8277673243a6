"""Column chunks of a footer: found with as little decoding as possible, and moved.

Moving a column chunk changes its page offsets and, for a copy under another name, its path. All
other bytes of its metadata (encodings, sizes, statistics) hold wherever it lies, so they are
copied as they are around the numbers that change.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from ..errors import ContractError, CorruptPartitionError
from .flat_schema import SchemaElement
from .thrift_compact import (
    I32,
    I64,
    LIST,
    STRUCT,
    ThriftError,
    decode_struct,
    encode_integer,
    optional,
    read_integer,
)
from .thrift_scan import field_key, scan_struct

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

_REQUIRED: Final = frozenset({_TYPE, _PATH, _NUM_VALUES, _UNCOMPRESSED, _COMPRESSED, _DATA_PAGE})

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
        try:
            struct, _ = decode_struct(self.footer, self.places[_STATISTICS])
            return Statistics(
                min_value=optional(struct, 6, bytes),
                max_value=optional(struct, 5, bytes),
                null_count=optional(struct, 3, int),
            )
        except (ThriftError, IndexError) as error:
            raise CorruptPartitionError(
                f"column {self.element.name}: its statistics cannot be read ({error})"
            ) from error

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
        parts: list[bytes] = []
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


def scan_chunk(data: bytes, pos: int, element: SchemaElement) -> ColumnChunk:
    """Find a column chunk's metadata at ``pos`` of a footer.

    Raises
    ------
    ThriftError, IndexError
        There is none, or not one of this column.
    """
    outer: dict[int, int] = {}
    places: dict[int, int] = {}
    end = scan_struct(data, pos, outer, _META, places)
    if not places.keys() >= _REQUIRED:
        raise ThriftError(f"column {element.name!r}: metadata are missing")
    if not data.startswith(element.path, places[_PATH]):
        raise ThriftError(f"column {element.name!r}: its chunk has another path")
    if data[places[_TYPE]] != element.type << 1:  # zigzag
        raise ThriftError(f"column {element.name!r}: its chunk has another type")
    start, _ = read_integer(data, places[_DATA_PAGE])
    size, _ = read_integer(data, places[_COMPRESSED])
    if _DICTIONARY_PAGE in places:
        dictionary_page, _ = read_integer(data, places[_DICTIONARY_PAGE])
        # Without rows there is a dictionary page, but no data page.
        if not 0 < dictionary_page < (start or dictionary_page + size) <= dictionary_page + size:
            raise ThriftError(f"column {element.name!r}: dictionary page at {dictionary_page}")
        start = dictionary_page
    file_offset = outer.get(_FILE_OFFSET, 0)
    return ColumnChunk(
        element,
        start,
        size,
        read_integer(data, places[_NUM_VALUES])[0],
        read_integer(data, places[_UNCOMPRESSED])[0],
        outer.keys() <= _MOVABLE and places.keys() <= _MOVABLE_META,
        data,
        pos,
        end,
        places,
        file_offset if file_offset and data[file_offset] else 0,
    )
