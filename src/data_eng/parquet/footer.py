"""Read a Parquet file's footer, and encode one for other row groups."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from ..errors import CorruptPartitionError
from .flat_schema import FlatSchema, SchemaElement, parse_schema
from .row_group import RowGroup, scan_row_group
from .thrift_compact import (
    BINARY,
    I32,
    I64,
    LIST,
    STRUCT,
    ThriftError,
    decode_struct,
    encode_fields,
    encode_integer,
    encode_list,
    optional,
    read_field_header,
    read_integer,
    read_list_header,
    read_varint,
)
from .thrift_scan import skip_value

MAGIC: Final = b"PAR1"

# Fields of FileMetaData in parquet.thrift.
_VERSION: Final = 1
_SCHEMA: Final = 2
_NUM_ROWS: Final = 3
_ROW_GROUPS: Final = 4
_KEY_VALUES: Final = 5
_CREATED_BY: Final = 6
_KINDS: Final = {
    _VERSION: I32,
    _SCHEMA: LIST,
    _NUM_ROWS: I64,
    _ROW_GROUPS: LIST,
    _KEY_VALUES: LIST,
    _CREATED_BY: BINARY,
    7: LIST,  # column orders
}

_TAIL_BYTES: Final = 1 << 16
_TRAILER_BYTES: Final = 8  # length of the footer and magic


@dataclass(frozen=True)
class ParquetFooter:
    """The footer of a Parquet file with flat columns.

    Attributes
    ----------
    version : int
        Format version as recorded: 1, or 2 for all 2.x.
    schema : FlatSchema
        The columns.
    num_rows : int
        Rows of the file.
    row_groups : tuple of RowGroup
        In order of rows.
    key_values : dict
        Key-value metadata.
    created_by : str or None
        The library that wrote the file.
    fields : dict
        Every field as it is encoded, by field id; the row groups' is empty.
    """

    version: int
    schema: FlatSchema
    num_rows: int
    row_groups: tuple[RowGroup, ...]
    key_values: dict[bytes, bytes]
    created_by: str | None
    fields: dict[int, bytes]

    @property
    def columns(self) -> tuple[SchemaElement, ...]:
        """The columns in order."""
        return self.schema.elements

    def encode(self, row_groups: Sequence[bytes], num_rows: int) -> bytes:
        """Return what ends a file that differs from this one in its row groups only.

        Parameters
        ----------
        row_groups : sequence of bytes
            Their metadata, encoded.
        num_rows : int
            Rows of all of them.

        Returns
        -------
        bytes
            Footer, length and magic.
        """
        fields = dict(self.fields)
        fields[_NUM_ROWS] = encode_integer(num_rows)
        fields[_ROW_GROUPS] = encode_list(STRUCT, row_groups)
        data = encode_fields((key, _KINDS[key], value) for key, value in fields.items())
        return _ended(data)


def read_footer(file: BinaryIO, where: str | None = None) -> ParquetFooter:
    """Read the footer of a Parquet file.

    Parameters
    ----------
    file : binary file
        Readable and seekable; its position is not kept.
    where : str, optional
        What to call the file in messages; by default its path, if it knows it.

    Raises
    ------
    CorruptPartitionError
        Not a whole Parquet file of flat columns, or encrypted.
    """
    if where is None:
        name = getattr(file, "name", None)
        where = name if isinstance(name, str) else "Parquet file"
    try:
        data, start = _read_encoded(file)
        return _parse(data, start)
    except (ThriftError, IndexError, UnicodeDecodeError) as error:
        reason = "its footer ends too early" if isinstance(error, IndexError) else str(error)
        raise CorruptPartitionError(
            f"{where}: {reason}; delete the partition and run its layer again"
        ) from error


def read_tail(file: BinaryIO) -> bytes:
    """Return what ends a Parquet file: footer, length and magic.

    Parameters
    ----------
    file : binary file
        Readable and seekable; its position is not kept.

    Raises
    ------
    ThriftError
        Not a whole Parquet file.
    """
    data, _ = _read_encoded(file)
    return _ended(data)


def footer_sha256(file: BinaryIO) -> str:
    """Return the SHA-256 of what ends a Parquet file; parameter and errors as of `read_tail`."""
    return hashlib.sha256(read_tail(file)).hexdigest()


def _ended(data: bytes) -> bytes:
    return data + len(data).to_bytes(4, "little") + MAGIC


def _read_encoded(file: BinaryIO) -> tuple[bytes, int]:
    # The encoded footer and its position in the file.
    size = file.seek(0, os.SEEK_END)
    if size < len(MAGIC) + _TRAILER_BYTES:
        raise ThriftError(f"{size} bytes are not a Parquet file")
    tail = _read_range(file, max(0, size - _TAIL_BYTES), size)
    head = tail[:4] if len(tail) == size else _read_range(file, 0, 4)
    if tail[-4:] != MAGIC or head != MAGIC:
        raise ThriftError(f"no {MAGIC.decode()} at both ends: not a Parquet file, or cut off")
    length = int.from_bytes(tail[-8:-4], "little")
    end = size - _TRAILER_BYTES
    start = end - length
    if start < len(MAGIC):
        raise ThriftError(f"a footer of {length} bytes does not fit into {size}")
    if length + _TRAILER_BYTES <= len(tail):
        return tail[-length - _TRAILER_BYTES : -_TRAILER_BYTES], start
    return _read_range(file, start, end), start


def _read_range(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    data = file.read(end - start)
    if len(data) != end - start:
        raise ThriftError(f"the file ended at byte {start + len(data)} while it was read")
    return data


def _parse(data: bytes, start: int) -> ParquetFooter:
    fields: dict[int, bytes] = {}
    row_groups: list[RowGroup] = []
    pos = field_id = 0
    while True:
        field_id, kind, pos = read_field_header(data, pos, field_id)
        if not field_id:
            break
        if kind != _KINDS.get(field_id):
            raise ThriftError(
                f"its footer has a field {field_id} of type {kind}, as encrypted files do"
            )
        begin = pos
        if field_id == _ROW_GROUPS:
            pos = _scan_row_groups(data, pos, _schema(fields), start, row_groups)
            fields[field_id] = b""
        else:
            pos = skip_value(data, pos, kind)
            fields[field_id] = data[begin:pos]
    if pos != len(data):
        raise ThriftError(f"its footer has {len(data) - pos} bytes too many")
    if not fields.keys() >= {_VERSION, _NUM_ROWS, _ROW_GROUPS}:
        raise ThriftError("its footer is not complete")
    num_rows, _ = read_integer(fields[_NUM_ROWS], 0)
    if num_rows != sum(row_group.num_rows for row_group in row_groups):
        raise ThriftError(f"its row groups do not have {num_rows} rows")
    return ParquetFooter(
        version=read_integer(fields[_VERSION], 0)[0],
        schema=_schema(fields),
        num_rows=num_rows,
        row_groups=tuple(row_groups),
        key_values=_key_values(fields.get(_KEY_VALUES)),
        created_by=_text(fields.get(_CREATED_BY)),
        fields=fields,
    )


def _schema(fields: dict[int, bytes]) -> FlatSchema:
    if _SCHEMA not in fields:
        raise ThriftError("its footer has no schema")
    return parse_schema(fields[_SCHEMA])


def _scan_row_groups(
    data: bytes, pos: int, schema: FlatSchema, limit: int, row_groups: list[RowGroup]
) -> int:
    _, size, pos = read_list_header(data, pos)
    for _ in range(size):
        row_group, pos = scan_row_group(data, pos, schema, limit)
        row_groups.append(row_group)
    return pos


def _key_values(encoded: bytes | None) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    if encoded is None:
        return found
    _, size, pos = read_list_header(encoded, 0)
    for _ in range(size):
        struct, pos = decode_struct(encoded, pos)
        key = optional(struct, 1, bytes)
        if key is None:
            raise ThriftError("key-value metadata have no key")
        found[key] = optional(struct, 2, bytes) or b""
    return found


def _text(encoded: bytes | None) -> str | None:
    return None if encoded is None else encoded[read_varint(encoded, 0)[1] :].decode("utf-8")
