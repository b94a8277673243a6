"""Check the page headers of column chunks, which no checksum covers.

The checksum of a page is of its bytes, and lies in the header before it. A damaged header can
therefore lead a reader to wrong values without an error: a number of values, or the length of the
null flags, is another one, or the checksum is no longer there. What the footer says of the chunk,
itself known by its hash, and the lengths inside the page contradict such a header.

Headers are read as our writer leaves them: data pages of version 2, each with its checksum, after
at most one dictionary page. How many entries a dictionary has, nothing contradicts; who decodes
one looks whether its indices lie within.

References
----------
Apache Parquet, ``parquet.thrift``: PageHeader, DataPageHeaderV2, DictionaryPageHeader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from .thrift_compact import STRUCT, ThriftError, read_integer, read_varint
from .thrift_scan import skip_value

Read = Callable[[int, int], bytes]
"""Returns bytes of the file: (how many, from where)."""

_NUMBER: Final = rb"([\x80-\xff]{0,4}+[\x00-\x7f])"
# Uncompressed and compressed size, checksum.
_SIZES: Final = (rb"\x15" + _NUMBER) * 3
# Type 2: number of values, encoding, perhaps whether it is sorted.
_DICTIONARY: Final = re.compile(
    rb"\x15\x04" + _SIZES + rb"\x3c\x15" + _NUMBER + rb"\x15[\x00\x04][\x11\x12]?\x00\x00",
    re.DOTALL,
)
# Type 3: values, nulls, rows, encoding, bytes of null flags and of repetition levels, whether it
# is compressed, perhaps statistics.
_DATA: Final = re.compile(
    rb"\x15\x06" + _SIZES + rb"\x4c" + (rb"\x15" + _NUMBER) * 6 + rb"([\x11\x12])(\x1c)?",
    re.DOTALL,
)
_COMPRESSED: Final = b"\x11"
_HEADER_BYTES: Final = 192
"""Of most headers; a longer one, with long bounds in it, is read again."""
_MAX_HEADER_BYTES: Final = 1 << 16
_ENCODINGS: Final = {
    "PLAIN": 0,
    "PLAIN_DICTIONARY": 2,
    "RLE": 3,
    "BIT_PACKED": 4,
    "DELTA_BINARY_PACKED": 5,
    "DELTA_LENGTH_BYTE_ARRAY": 6,
    "DELTA_BYTE_ARRAY": 7,
    "RLE_DICTIONARY": 8,
    "BYTE_STREAM_SPLIT": 9,
}
"""By PyArrow's names, those of the format."""


class ChunkPlace(NamedTuple):
    """A column chunk as the footer describes it.

    Attributes
    ----------
    start, size : int
        Its bytes in the file.
    uncompressed_size : int
        Bytes of headers and pages before compression.
    num_values : int
        Nulls included.
    has_dictionary : bool
        It begins with a dictionary page.
    is_nullable : bool
    encodings : tuple of str
        Of its pages and null flags, by PyArrow's names.
    """

    start: int
    size: int
    uncompressed_size: int
    num_values: int
    has_dictionary: bool
    is_nullable: bool
    encodings: tuple[str, ...]


def check_row_group(metadata: Any, index: int, columns: Iterable[int], read: Read) -> None:
    """Check the page headers of some columns of a row group.

    Parameters
    ----------
    metadata : pyarrow.parquet.FileMetaData
        Of a file of flat columns.
    index : int
        Row group.
    columns : iterable of int
        Positions of the columns.
    read : callable
        Reads the file.

    Raises
    ------
    ThriftError, IndexError
        One is damaged, or not as our writer leaves it.
    """
    row_group, schema = metadata.row_group(index), metadata.schema
    for position in columns:
        chunk = row_group.column(position)
        dictionary = chunk.dictionary_page_offset
        place = ChunkPlace(
            dictionary or chunk.data_page_offset,
            chunk.total_compressed_size,
            chunk.total_uncompressed_size,
            chunk.num_values,
            bool(dictionary),
            schema.column(position).max_definition_level > 0,
            chunk.encodings,
        )
        check_chunk(place, read)


def check_chunk(chunk: ChunkPlace, read: Read) -> None:
    """Compare the page headers of a column chunk with the footer and with the pages.

    Raises
    ------
    ThriftError, IndexError
        One is damaged, or not as our writer leaves it.
    """
    pos, end = chunk.start, chunk.start + chunk.size
    values = unpacked = 0
    is_dictionary = chunk.has_dictionary
    while pos < end:
        data = read(min(_HEADER_BYTES, end - pos), pos)
        if is_dictionary:
            is_dictionary = False
            match = _DICTIONARY.match(data)
            length = match.end() if match else 0
        else:
            match = _DATA.match(data)
            length = _data_header_length(match, data, pos, end, read) if match else 0
        if not match:
            raise _damaged(pos)
        if match.re is _DATA:
            values += _check_data_page(match, chunk, pos + length, read)
        packed = _integer(match[2])
        if packed < 0:
            raise _damaged(pos)
        unpacked += length + _integer(match[1])
        pos += length + packed
    if pos != end or values != chunk.num_values or unpacked != chunk.uncompressed_size:
        raise _damaged(chunk.start)


def _data_header_length(match: re.Match[bytes], data: bytes, pos: int, end: int, read: Read) -> int:
    # The statistics end with their struct, then the inner and the outer header.
    if not match[11]:
        return match.end() + 2
    try:
        after = skip_value(data, match.end(), STRUCT)
    except (ThriftError, IndexError):
        after = len(data)
    if after >= len(data):
        data = read(min(_MAX_HEADER_BYTES, end - pos), pos)
        after = skip_value(data, match.end(), STRUCT)
    if data[after : after + 2] != b"\x00\x00":
        raise _damaged(pos)
    return after + 2


def _check_data_page(match: re.Match[bytes], chunk: ChunkPlace, payload: int, read: Read) -> int:
    # Returns the number of its values.
    values, levels, packed = _integer(match[4]), _integer(match[8]), _integer(match[2])
    is_plausible = (
        match[6] == match[4]
        and match[9] == b"\x00"
        and (0 < levels <= packed if chunk.is_nullable else not levels)
        and _integer(match[7]) in [_ENCODINGS.get(name) for name in chunk.encodings]
    )
    # Compressed values that begin at a wrong byte are no frame; others could begin anywhere.
    if is_plausible and match[10] != _COMPRESSED:
        is_plausible = match[1] == match[2] and (
            not levels or _is_filled(read(levels, payload), values)
        )
    if not is_plausible:
        raise _damaged(payload)
    return values


def _is_filled(levels: bytes, values: int) -> bool:
    # Whether null flags, runs of the RLE and bit-packed hybrid, end with the last byte.
    pos = count = 0
    while count < values:
        head, pos = read_varint(levels, pos)
        if head & 1:
            count += 8 * (head >> 1)
            pos += head >> 1
        else:
            count += head >> 1
            pos += 1
    return pos == len(levels)


def _integer(encoded: bytes) -> int:
    if len(encoded) == 1:
        return (encoded[0] >> 1) ^ -(encoded[0] & 1)
    return read_integer(encoded, 0)[0]


def _damaged(pos: int) -> ThriftError:
    return ThriftError(f"the page header at byte {pos} is damaged")
