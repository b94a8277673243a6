"""Find values in structs of Thrift's compact protocol without decoding them.

The footer of a day holds some ten thousand column chunks. Of each a few numbers are needed, and
the rest is copied as it is, so values are not decoded but passed over: small lists, and structs
without nested ones, such as statistics, by one regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .thrift_compact import (
    BINARY,
    DOUBLE,
    FALSE,
    I8,
    I16,
    I32,
    I64,
    LIST,
    MAX_DEPTH,
    SET,
    STRUCT,
    TRUE,
    ThriftError,
    advance,
    read_field_header,
    read_list_header,
    read_varint,
)


def _headers(*kinds: int) -> bytes:
    # Any field header with one of the types.
    codes = (delta << 4 | kind for delta in range(1, 16) for kind in kinds)
    return b"[" + b"".join(b"\\x%02x" % code for code in codes) + b"]"


def _list(kind: int, element: bytes, sizes: Iterable[int]) -> bytes:
    # A list, from its header on, of one of the sizes.
    return b"|".join(b"\\x%02x(?:%b){%d}" % (size << 4 | kind, element, size) for size in sizes)


# Lists and structs as footers commonly have them; any other one is passed over part by part.
# Every loop is possessive, so a mismatch is found without a second look.
_VARINT: Final = rb"[\x80-\xff]{0,9}+[\x00-\x7f]"
_BINARY: Final = b"|".join(b"\\x%02x.{%d}" % (size, size) for size in (8, 4, *range(33)))
_NUMBERS: Final = _headers(I16, I32, I64) + _VARINT + b"|" + _headers(TRUE, FALSE)
_LIST: Final = b"|".join(
    (
        _list(I32, _VARINT, range(15)),
        _list(STRUCT, b"(?:" + _NUMBERS + rb")*+\x00", range(7)),
        _list(BINARY, b"(?:" + _BINARY + b")", range(2)),
        _list(I64, _VARINT, range(15)),
    )
)
_FIELD: Final = b"|".join(
    (
        _NUMBERS,
        _headers(BINARY) + b"(?:" + _BINARY + b")",
        _headers(LIST) + b"(?:" + _LIST + b")",
    )
)
_match_list = re.compile(_LIST, re.DOTALL).match
_match_struct = re.compile(b"(?:" + _FIELD + rb")*+\x00", re.DOTALL).match


def scan_struct(
    data: bytes,
    pos: int,
    found: dict[int, int],
    descend: int = 0,
    inside: dict[int, int] | None = None,
) -> int:
    """Find where the values of a struct's fields lie.

    Parameters
    ----------
    data : bytes
        What to read.
    pos : int
        Position of the struct.
    found : dict
        Gets the value's position for each field, under the key `field_key`.
    descend : int
        Key of a field that is itself a struct and is to be scanned too, 0 for none.
    inside : dict
        Gets the positions of that one's fields.

    Returns
    -------
    int
        Position after the struct.
    """
    field_id = 0
    while True:
        head = data[pos]
        pos += 1
        if head > 15:
            field_id += head >> 4
            kind = head & 15
        elif head:
            field_id, kind, pos = read_field_header(data, pos - 1, field_id)
        else:
            return pos
        key = field_id << 4 | kind
        found[key] = pos
        if 4 <= kind <= 6:
            end = pos + 1
            while data[end - 1] > 127:
                end += 1
            if end > pos + 10:
                raise ThriftError("a varint has more than ten bytes")
            pos = end
        elif key == descend and inside is not None:
            pos = scan_struct(data, pos, inside)
        else:
            pos = skip_value(data, pos, kind)


def field_key(field_id: int, kind: int) -> int:
    """Return the key of a field in what `scan_struct` found; another type is another key."""
    return field_id << 4 | kind


def skip_value(data: bytes, pos: int, kind: int, depth: int = 0) -> int:
    """Return the position after the value of type ``kind`` at ``pos``."""
    if I16 <= kind <= I64:
        return read_varint(data, pos)[1]
    if kind == BINARY:
        size, pos = read_varint(data, pos)
        return advance(data, pos, size)
    if kind == STRUCT:
        match = _match_struct(data, pos)
        return match.end() if match else _skip_struct(data, pos, depth + 1)
    if kind in (LIST, SET):
        match = _match_list(data, pos)
        return match.end() if match else _skip_list(data, pos, depth + 1)
    if kind in (TRUE, FALSE):
        return pos
    if kind in (I8, DOUBLE):
        return advance(data, pos, 1 if kind == I8 else 8)
    raise ThriftError(f"type {kind} is not used by Parquet")


def _skip_struct(data: bytes, pos: int, depth: int) -> int:
    if depth > MAX_DEPTH:
        raise ThriftError("structs are nested too deeply")
    field_id = 0
    while True:
        field_id, kind, pos = read_field_header(data, pos, field_id)
        if not field_id:
            return pos
        pos = skip_value(data, pos, kind, depth)


def _skip_list(data: bytes, pos: int, depth: int) -> int:
    if depth > MAX_DEPTH:
        raise ThriftError("lists are nested too deeply")
    kind, size, pos = read_list_header(data, pos)
    if kind in (TRUE, FALSE):
        return advance(data, pos, size)
    for _ in range(size):
        pos = skip_value(data, pos, kind, depth)
    return pos
