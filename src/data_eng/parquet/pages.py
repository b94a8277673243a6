"""Check the pages of column chunks before they are decoded: their headers, and their checksums.

The checksum of a page is of its bytes, and lies in the header before it, which no checksum covers.
A damaged header can therefore lead a reader to wrong values without an error: a number of values,
or the length of the null flags, is another one, or the checksum is no longer there. What the
footer says of the chunk, itself known by its hash, and the lengths inside the page contradict such
a header.

Headers are read as our writer leaves them: data pages of version 2, each with its checksum, after
at most one dictionary page.

References
----------
Apache Parquet, ``parquet.thrift``: PageHeader, DataPageHeaderV2, DictionaryPageHeader.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

import pyarrow as pa

from .chunk_place import ENCODINGS, ChunkPlace, chunk_place
from .thrift_compact import (
    BINARY,
    I64,
    TRUE,
    ThriftError,
    decode_struct,
    read_varint,
)

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
# is compressed, perhaps statistics: bounds twice, as old and new readers want them, and nulls.
_BOUND: Final = b"(?:" + b"|".join(b"\\x%02x.{%d}" % (n, n) for n in (8, 4, *range(33))) + b")"
_STATISTICS: Final = (
    rb"(?:\x18" + _BOUND + rb"\x18" + _BOUND + rb"\x16|\x36)[\x80-\xff]{0,9}+[\x00-\x7f]"
    rb"(?:\x28" + _BOUND + rb"\x18" + _BOUND + rb")?(?:[\x11\x12]{2})?\x00"
)
_FIELDS: Final = rb"\x15\x06" + _SIZES + rb"\x4c" + (rb"\x15" + _NUMBER) * 6 + rb"([\x11\x12])"
_DATA: Final = re.compile(_FIELDS + rb"(?:\x1c(?:\x00|" + _STATISTICS + rb"))?\x00\x00", re.DOTALL)
_DATA_OF_LONG_BOUNDS: Final = re.compile(_FIELDS + rb"\x1c", re.DOTALL)
_KINDS_OF_STATISTICS: Final = {
    1: BINARY, 2: BINARY, 3: I64, 4: I64, 5: BINARY, 6: BINARY, 7: TRUE, 8: TRUE,
}  # fmt: skip
_COMPRESSED: Final = b"\x11"
_BY_DICTIONARY: Final = b"\x10"
"""Encoding of the first page after a dictionary; later ones may do without."""
_U32: Final = 0xFFFFFFFF
_ZSTD_FRAME: Final = b"\x28\xb5\x2f\xfd"
_HEADER_BYTES: Final = 192
"""Of most headers; a longer one, with long bounds in it, is read again."""
_MAX_HEADER_BYTES: Final = 1 << 16
_WIDTHS: Final = {"INT32": 4, "INT64": 8, "FLOAT": 4, "DOUBLE": 8}
"""Bytes of a value by physical type."""


def check_row_group(
    metadata: Any, index: int, columns: Iterable[int], read: Read, *, checksums: bool
) -> None:
    """Check the pages of some columns of a row group.

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
    checksums : bool
        Read the pages and compare their checksums too; else headers alone, for a reader that
        does it itself.

    Raises
    ------
    ThriftError, IndexError, OSError
        One is damaged, or not as our writer leaves it.
    """
    row_group, schema = metadata.row_group(index), metadata.schema
    for position in columns:
        is_nullable = schema.column(position).max_definition_level > 0
        place = chunk_place(row_group.column(position), is_nullable=is_nullable)
        check_chunk(place, read, checksums=checksums)


def check_chunk(chunk: ChunkPlace, read: Read, *, checksums: bool) -> bytes:
    """Compare the pages of a column chunk with the footer; arguments as of `check_row_group`.

    Returns
    -------
    bytes
        The chunk, where it was read for its checksums; else nothing.

    Raises
    ------
    ThriftError, IndexError, OSError
        One is damaged, or not as our writer leaves it.
    """
    start, pos = chunk.start, chunk.start
    end = start + chunk.size
    whole = b""
    if checksums:
        whole = read(chunk.size, start)

        def read(size: int, at: int) -> bytes:
            return whole[at - start : at - start + size]

    view = memoryview(whole)
    values = unpacked = 0
    is_dictionary = chunk.has_dictionary
    while pos < end:
        match, payload = _header(whole, read, pos, chunk, is_dictionary=is_dictionary)
        size, packed, checksum = map(_integer, match.group(1, 2, 3))
        if not 0 <= packed <= end - payload:
            raise _damaged(pos)
        if is_dictionary:
            if match.re is not _DICTIONARY:
                raise _damaged(pos)
            _check_dictionary(match, chunk, read(packed, payload))
            is_dictionary = False
        else:
            if chunk.has_dictionary and not values and match[7] != _BY_DICTIONARY:
                raise _damaged(pos)
            values += _check_data_page(match, chunk, payload, read)
        unpacked += payload - pos + size
        pos = payload + packed
        page = view[payload - start : pos - start]
        if checksums and (zlib.crc32(page) != checksum & _U32 or len(page) != packed):
            raise _damaged(payload)
    if values != chunk.num_values or unpacked != chunk.uncompressed_size:
        raise _damaged(start)
    return whole


def _header(
    whole: bytes, read: Read, pos: int, chunk: ChunkPlace, *, is_dictionary: bool
) -> tuple[re.Match[bytes], int]:
    # The header of the page at a byte, and where its payload begins.
    pattern = _DICTIONARY if is_dictionary else _DATA
    left = chunk.start + chunk.size - pos
    if whole:
        match = pattern.match(whole, pos - chunk.start)
        if match:
            return match, chunk.start + match.end()
    else:
        match = pattern.match(read(min(_HEADER_BYTES, left), pos))
        if match:
            return match, pos + match.end()
    return _long_header(read(min(_MAX_HEADER_BYTES, left), pos), pos)


def _check_dictionary(match: re.Match[bytes], chunk: ChunkPlace, payload: bytes) -> None:
    # That it has as many entries as its header says.
    size, count, width = _integer(match[1]), _integer(match[4]), _WIDTHS.get(chunk.kind)
    if width is not None:
        if count * width != size:
            raise _damaged(chunk.start)
        return
    if not 0 <= size <= chunk.uncompressed_size:
        raise _damaged(chunk.start)
    if chunk.codec != "UNCOMPRESSED":
        payload = pa.decompress(payload, size, codec=chunk.codec.lower(), asbytes=True)
    pos = found = 0
    while pos < size:
        pos += 4 + int.from_bytes(payload[pos : pos + 4], "little")
        found += 1
    if pos != size or found != count or len(payload) != size:
        raise _damaged(chunk.start)


def _long_header(data: bytes, pos: int) -> tuple[re.Match[bytes], int]:
    # Of a data page whose bounds are too long for the pattern, and where its bytes begin.
    match = _DATA_OF_LONG_BOUNDS.match(data)
    if not match:
        raise _damaged(pos)
    statistics, end = decode_struct(data, match.end())
    for field_id, field in statistics.items():
        if _KINDS_OF_STATISTICS.get(field_id) != field.kind:
            raise _damaged(pos)
    if data[end : end + 2] != b"\x00\x00":
        raise _damaged(pos)
    return match, pos + end + 2


def _check_data_page(match: re.Match[bytes], chunk: ChunkPlace, payload: int, read: Read) -> int:
    # Returns the number of its values.
    size, packed, count, rows, encoding, flags, repetitions, how = match.group(
        1, 2, 4, 6, 7, 8, 9, 10
    )
    values, levels = _frequent(count), _frequent(flags)
    is_plausible = (
        rows == count
        and repetitions == b"\x00"
        and (0 < levels <= _integer(packed) if chunk.is_nullable else not levels)
        and encoding in _encoded(chunk.encodings)
    )
    if not is_plausible or not levels:
        pass
    elif how != _COMPRESSED:
        # The values could begin at any byte.
        is_plausible = size == packed and _is_filled(read(levels, payload), values)
    elif chunk.codec == "ZSTD" and _integer(packed) > levels:
        is_plausible = read(4, payload + levels) == _ZSTD_FRAME
    if not is_plausible:
        raise _damaged(payload)
    return values


@lru_cache
def _encoded(encodings: tuple[str, ...]) -> frozenset[bytes]:
    # As they stand in a header.
    return frozenset(bytes((ENCODINGS[name] << 1,)) for name in encodings)


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
    # At most five bytes, as the patterns have them: seven bits of each, the lowest first.
    bits = int.from_bytes(encoded, "little")
    value = (
        bits & 0x7F
        | bits >> 1 & 0x3F80
        | bits >> 2 & 0x1FC000
        | bits >> 3 & 0xFE00000
        | bits >> 4 & 0x7F0000000
    )
    return (value >> 1) ^ -(value & 1)


_frequent: Final = lru_cache(maxsize=1024)(_integer)
"""Of numbers of values and bytes of null flags: most pages have those of the page before."""


def _damaged(pos: int) -> ThriftError:
    return ThriftError(f"the page header at byte {pos} is damaged")
