"""Thrift's compact protocol, as far as Parquet footers use it: values and trees of structs.

`decode_struct` builds a tree, and `encode_struct` writes it back to the same bytes. Where a tree
would cost too much, `thrift_scan` finds the few values that are needed.

Parquet knows no maps. Field ids must ascend, as every writer has them, which also rules out
duplicates. Whatever the bytes are, reading ends in linear time, without large allocations, with
a value, a `ThriftError` or an ``IndexError`` (the bytes end too early).

References
----------
Apache Thrift, ``doc/specs/thrift-compact-protocol.md``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple, TypeAlias, TypeVar

TRUE: Final = 1
FALSE: Final = 2
I8: Final = 3
I16: Final = 4
I32: Final = 5
I64: Final = 6
DOUBLE: Final = 7
BINARY: Final = 8
LIST: Final = 9
SET: Final = 10
STRUCT: Final = 12

T = TypeVar("T", int, bytes)

MAX_DEPTH: Final = 16
_STOP: Final = b"\x00"


class ThriftError(ValueError):
    """The bytes are not a struct of the compact protocol, or not the one expected."""


class ThriftList(NamedTuple):
    """A list or set: the type of its elements, and the elements."""

    kind: int
    values: list[Value]


class Field(NamedTuple):
    """The type and value of a field; a boolean's type is `TRUE`, whatever the value."""

    kind: int
    value: Value


Struct: TypeAlias = dict[int, Field]
Value: TypeAlias = bool | int | bytes | ThriftList | Struct
"""Doubles are kept as their eight bytes."""


def read_varint(data: bytes, pos: int) -> tuple[int, int]:
    """Return the unsigned varint at ``pos`` and the position after it."""
    byte = data[pos]
    pos += 1
    if byte < 128:
        return byte, pos
    value, shift = byte & 127, 7
    while True:
        byte = data[pos]
        pos += 1
        value |= (byte & 127) << shift
        if byte < 128:
            break
        shift += 7
        if shift > 63:
            raise ThriftError("a varint has more than ten bytes")
    if value >> 64:
        raise ThriftError("an integer has more than 64 bits")
    return value, pos


def read_integer(data: bytes, pos: int) -> tuple[int, int]:
    """Return the signed (zigzag) integer at ``pos`` and the position after it."""
    value, pos = read_varint(data, pos)
    return (value >> 1) ^ -(value & 1), pos


def advance(data: bytes, pos: int, size: int) -> int:
    """Return the position after ``size`` bytes, which must be there."""
    if size > len(data) - pos:
        raise ThriftError(f"a value claims {size} bytes")
    return pos + size


def read_list_header(data: bytes, pos: int) -> tuple[int, int, int]:
    """Return the type and number of a list's elements, and the position of the first.

    Raises
    ------
    ThriftError
        More elements than bytes left.
    """
    head = data[pos]
    pos += 1
    size, kind = head >> 4, head & 15
    if size == 15:
        size, pos = read_varint(data, pos)
    if size > len(data) - pos:
        raise ThriftError(f"a list claims {size} elements")
    return kind, size, pos


def read_field_header(data: bytes, pos: int, previous_id: int) -> tuple[int, int, int]:
    """Return a field's id, 0 at the end of the struct, its type, and its value's position."""
    head = data[pos]
    pos += 1
    if not head:
        return 0, 0, pos
    if head > 15:
        return previous_id + (head >> 4), head & 15, pos
    field_id, pos = read_integer(data, pos)
    if not previous_id < field_id < 1 << 15:
        raise ThriftError(f"field id {field_id} after {previous_id}")
    return field_id, head, pos


def decode_struct(data: bytes, pos: int = 0, depth: int = 0) -> tuple[Struct, int]:
    """Return the struct at ``pos`` as a tree, and the position after it.

    Raises
    ------
    ThriftError, IndexError
        It is not one.
    """
    if depth > MAX_DEPTH:
        raise ThriftError("structs are nested too deeply")
    struct: Struct = {}
    field_id = 0
    while True:
        field_id, kind, pos = read_field_header(data, pos, field_id)
        if not field_id:
            return struct, pos
        if kind in (TRUE, FALSE):
            struct[field_id] = Field(TRUE, kind == TRUE)
        else:
            value, pos = _decode_value(data, pos, kind, depth)
            struct[field_id] = Field(kind, value)


def _decode_value(data: bytes, pos: int, kind: int, depth: int) -> tuple[Value, int]:
    if I16 <= kind <= I64:
        return read_integer(data, pos)
    if kind == STRUCT:
        return decode_struct(data, pos, depth + 1)
    if kind in (LIST, SET):
        return _decode_list(data, pos, depth + 1)
    size = 1 if kind == I8 else 8
    if kind == BINARY:
        size, pos = read_varint(data, pos)
    elif kind not in (I8, DOUBLE):
        raise ThriftError(f"type {kind} is not used by Parquet")
    end = advance(data, pos, size)
    return data[pos:end], end


def _decode_list(data: bytes, pos: int, depth: int) -> tuple[ThriftList, int]:
    if depth > MAX_DEPTH:
        raise ThriftError("lists are nested too deeply")
    kind, size, pos = read_list_header(data, pos)
    if kind in (TRUE, FALSE):
        end = advance(data, pos, size)
        return ThriftList(kind, [byte == TRUE for byte in data[pos:end]]), end
    values = []
    for _ in range(size):
        value, pos = _decode_value(data, pos, kind, depth)
        values.append(value)
    return ThriftList(kind, values), pos


def optional(struct: Struct, field_id: int, kind: type[T]) -> T | None:
    """Return a field's value, which must be of a Python type, or None where there is none."""
    field = struct.get(field_id)
    if field is None:
        return None
    if not isinstance(field.value, kind):
        raise ThriftError(f"field {field_id} is of type {field.kind}")
    return field.value


def encode_varint(value: int) -> bytes:
    """Return an unsigned integer as a varint."""
    if value < 128:
        return bytes((value,))
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_integer(value: int) -> bytes:
    """Return a signed integer of at most 64 bits as a zigzag varint."""
    return encode_varint(value << 1 if value >= 0 else ~(value << 1))


def encode_binary(value: bytes) -> bytes:
    """Return a binary or string with its length before it."""
    return encode_varint(len(value)) + value


def encode_list(kind: int, encoded: Iterable[bytes]) -> bytes:
    """Return a list of elements that are encoded already."""
    elements = list(encoded)
    size = len(elements)
    head = bytes((size << 4 | kind,)) if size < 15 else bytes((0xF0 | kind,)) + encode_varint(size)
    return head + b"".join(elements)


def encode_fields(fields: Iterable[tuple[int, int, bytes]]) -> bytes:
    """Return a struct of (id, type, encoded value), in ascending order of ids."""
    out = bytearray()
    previous = 0
    for field_id, kind, value in fields:
        delta = field_id - previous
        if delta <= 15:
            out.append(delta << 4 | kind)
        else:
            out.append(kind)
            out += encode_integer(field_id)
        out += value
        previous = field_id
    return bytes(out) + _STOP


def encode_struct(struct: Struct) -> bytes:
    """Return the bytes of a tree; of one from `decode_struct`, those it was made of."""
    return encode_fields(
        (field_id, kind if value is not False else FALSE, _encode_value(kind, value))
        for field_id, (kind, value) in struct.items()
    )


def _encode_value(kind: int, value: Value) -> bytes:
    if isinstance(value, bool):
        return b""
    if isinstance(value, int):
        return encode_integer(value)
    if isinstance(value, bytes):
        return encode_binary(value) if kind == BINARY else value
    if isinstance(value, dict):
        return encode_struct(value)
    return encode_list(value.kind, (_encode_element(value.kind, v) for v in value.values))


def _encode_element(kind: int, value: Value) -> bytes:
    if isinstance(value, bool):
        return bytes((TRUE if value else FALSE,))
    return _encode_value(kind, value)
