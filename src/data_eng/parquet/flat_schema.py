"""The schema elements of a flat Parquet file: the columns, in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from .thrift_compact import (
    BINARY,
    Struct,
    ThriftError,
    decode_struct,
    encode_binary,
    encode_list,
    encode_struct,
    optional,
    read_list_header,
)

_TYPE: Final = 1
_REPETITION: Final = 3
_NAME: Final = 4
_CHILDREN: Final = 5
_CONVERTED_TYPE: Final = 6
_FIELD_ID: Final = 9

_OPTIONAL: Final = 1
_UNSIGNED: Final = range(11, 15)  # ConvertedType UINT_8 to UINT_64


@dataclass(frozen=True, slots=True)
class SchemaElement:
    """A column as the Parquet schema has it.

    Attributes
    ----------
    name : str
        Column name.
    type : int
        Physical type, parquet.thrift ``Type``: 0 boolean, 1 int32, 2 int64, 4 float, 5 double,
        6 byte array, 7 fixed length byte array.
    nullable : bool
        Whether the pages hold definition levels.
    unsigned : bool
        Whether the values are unsigned integers.
    path : bytes
        ``path_in_schema`` of its column chunks, encoded.
    layout : bytes
        What decides how pages are read: the element, encoded, without name and field id. Pages
        of one column are pages of another exactly if these are equal.
    """

    name: str
    type: int
    nullable: bool
    unsigned: bool
    path: bytes
    layout: bytes


@dataclass(frozen=True, eq=False)
class FlatSchema:
    """The columns of a file.

    Attributes
    ----------
    elements : tuple of SchemaElement
        The columns in order.
    index : dict
        Column name to position.
    """

    elements: tuple[SchemaElement, ...]
    index: dict[str, int]


@lru_cache(maxsize=32)
def parse_schema(data: bytes) -> FlatSchema:
    """Parse the encoded list of schema elements of a footer.

    Raises
    ------
    ThriftError, IndexError, UnicodeDecodeError
        It is not one, a column is nested, or a name stands twice.
    """
    _, size, pos = read_list_header(data, 0)
    structs = []
    for _ in range(size):
        struct, pos = decode_struct(data, pos)
        structs.append(struct)
    if not structs or optional(structs[0], _CHILDREN, int) != size - 1:
        raise ThriftError("the schema is nested or not complete; only flat tables are read")
    elements = tuple(map(_element, structs[1:]))
    index = {element.name: position for position, element in enumerate(elements)}
    if len(index) != len(elements):
        raise ThriftError("a column name stands twice in the schema")
    return FlatSchema(elements, index)


def _element(struct: Struct) -> SchemaElement:
    raw_name = optional(struct, _NAME, bytes)
    if raw_name is None:
        raise ThriftError("a schema element has no name")
    name = raw_name.decode("utf-8")
    kind, repetition = optional(struct, _TYPE, int), optional(struct, _REPETITION, int)
    if (
        kind is None
        or kind not in range(8)
        or _CHILDREN in struct
        or repetition not in (0, _OPTIONAL)
    ):
        raise ThriftError(f"column {name!r} is nested; only flat tables are read")
    return SchemaElement(
        name=name,
        type=kind,
        nullable=repetition == _OPTIONAL,
        unsigned=optional(struct, _CONVERTED_TYPE, int) in _UNSIGNED,
        path=encode_list(BINARY, [encode_binary(raw_name)]),
        layout=encode_struct(_without(struct, (_NAME, _FIELD_ID))),
    )


def _without(struct: Struct, field_ids: Iterable[int]) -> Struct:
    return {key: field for key, field in struct.items() if key not in field_ids}
