"""A Parquet file in memory of what a question wants: column chunks of other files, and constants.

The chunks are copied as they are, once their pages are checked, so that another library reads the
very bytes that were verified. However many files they come from, it reads one, whose footer has
these columns alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from .chunk_place import ENCODINGS, ChunkPlace, chunk_place
from .file_footer import FileFooter
from .footer import MAGIC, ParquetFooter, read_footer
from .pages import Read, check_chunk
from .thrift_compact import (
    FALSE,
    I32,
    I64,
    LIST,
    STRUCT,
    ThriftError,
    encode_fields,
    encode_integer,
    encode_list,
    encode_varint,
)

_TYPES: Final = {"BOOLEAN": 0, "INT32": 1, "INT64": 2, "FLOAT": 4, "DOUBLE": 5, "BYTE_ARRAY": 6}
_CODECS: Final = {"UNCOMPRESSED": 0, "SNAPPY": 1, "GZIP": 2, "BROTLI": 4, "ZSTD": 6}
"""By PyArrow's names, those of the format."""
_DICTIONARY_PAGE: Final = 2
_DATA_PAGE_V2: Final = 3
_NEXT: Final = bytes((1 << 4 | I64,))
_NEXT_BUT_ONE: Final = bytes((2 << 4 | I64,))
_EPOCH: Final = dt.date(1970, 1, 1)

Constant = str | dt.date


class Excerpt:
    """Row groups of several files, some columns of them, then columns of one value a row group.

    Parameters
    ----------
    schema : pyarrow.Schema
        The columns that are copied, flat.
    constants : pyarrow.Schema
        The columns that are not: text and dates, without nulls.

    Attributes
    ----------
    rows, size : int
        Rows and bytes so far.
    """

    def __init__(self, schema: pa.Schema, constants: pa.Schema) -> None:
        self.rows = 0
        self._footer, columns = _template(pa.schema([*schema, *constants]))
        self._columns, self._constants = columns[: len(schema)], columns[len(schema) :]
        self._parts: list[bytes] = [MAGIC]
        self.size = len(MAGIC)
        self._row_groups: list[bytes] = []

    def copy(
        self,
        source: FileFooter,
        index: int,
        read: Read,
        constants: Mapping[str, Constant],
        *,
        verify: bool = True,
    ) -> None:
        """Add a row group of another file.

        Parameters
        ----------
        source : FileFooter
            Of the other file.
        index : int
            Row group there.
        read : callable
            Reads the other file.
        constants : mapping of str or date
            The value of each constant column in these rows; others too, for other excerpts.
        verify : bool
            Compare page headers with the footer, and pages with their checksums.

        Raises
        ------
        ThriftError, LookupError, OSError
            A page is damaged, or a column is missing or stored in another way.
        """
        row_group = source.metadata.row_group(index)
        rows = row_group.num_rows
        chunks = list(self._copied(source, row_group, read, verify=verify))
        chunks += [
            (*_constant(constants[column.name], rows), column.path) for column in self._constants
        ]
        if not rows:
            return
        encoded, unpacked = [], 0
        for place, data, path in chunks:
            encoded.append(_encode_chunk(place, path, self.size))
            unpacked += place.uncompressed_size
            self._parts.append(data)
            self.size += len(data)
        numbers = ((2, I64, encode_integer(unpacked)), (3, I64, encode_integer(rows)))
        self._row_groups.append(encode_fields(((1, LIST, encode_list(STRUCT, encoded)), *numbers)))
        self.rows += rows

    def to_bytes(self) -> bytes:
        """Return the file."""
        return b"".join((*self._parts, self._footer.encode(self._row_groups, self.rows)))

    def _copied(
        self, source: FileFooter, row_group: Any, read: Read, *, verify: bool
    ) -> Iterator[tuple[ChunkPlace, bytes, bytes]]:
        for column in self._columns:
            position, stored = source.column(column.name)
            if not stored.equals(column.stored):
                raise ThriftError(f"column {column.name} is not stored as its contract says")
            place = chunk_place(row_group.column(position), is_nullable=column.is_nullable)
            if verify:
                data = check_chunk(place, read, checksums=True)
            else:
                data = read(place.size, place.start)
            if len(data) != place.size:
                raise ThriftError(f"the file ended at byte {place.start + len(data)}")
            yield place, data, column.path


class _Column(NamedTuple):
    """A column of the file that is made: its name, encoded path, and how it is stored."""

    name: str
    path: bytes
    is_nullable: bool
    stored: Any


@lru_cache(maxsize=64)
def _template(schema: pa.Schema) -> tuple[ParquetFooter, tuple[_Column, ...]]:
    # The footer of a file of these columns without rows.
    empty = pa.BufferOutputStream()
    pq.ParquetWriter(empty, schema, version="2.6").close()
    file = pa.BufferReader(empty.getvalue())
    footer, stored = read_footer(file), pq.read_metadata(file).schema
    columns = (
        _Column(element.name, element.path, element.nullable, stored.column(position))
        for position, element in enumerate(footer.columns)
    )
    return footer, tuple(columns)


def _encode_chunk(place: ChunkPlace, path: bytes, start: int) -> bytes:
    # ColumnChunk of parquet.thrift, for bytes that start there. What varies are five numbers,
    # fields of ColumnMetaData: the headers say how far each id is from the one before.
    return b"".join(
        (
            *(_encode_how(place.kind, place.codec, place.encodings, path), _NEXT),
            *(encode_integer(place.num_values), _NEXT),
            *(encode_integer(place.uncompressed_size), _NEXT),
            *(encode_integer(place.size), _NEXT_BUT_ONE),
            encode_integer(start + place.dictionary_size),
            _NEXT_BUT_ONE + encode_integer(start) if place.has_dictionary else b"",
            b"\x00\x00",
        )
    )


@lru_cache(maxsize=1024)
def _encode_how(kind: str, codec: str, encodings: tuple[str, ...], path: bytes) -> bytes:
    # What is the same wherever a chunk lies: ColumnChunk up to the fourth field of its metadata.
    numbers = (encode_integer(ENCODINGS[name]) for name in encodings)
    fields = (
        (1, I32, encode_integer(_TYPES[kind])),
        (2, LIST, encode_list(I32, numbers)),
        (3, LIST, path),
        (4, I32, encode_integer(_CODECS[codec])),
    )
    return encode_fields(((2, I64, b"\x00"), (3, STRUCT, encode_fields(fields))))[:-2]


@lru_cache(maxsize=1024)
def _constant(value: Constant, rows: int) -> tuple[ChunkPlace, bytes]:
    # The column chunk of one value.
    kind = "BYTE_ARRAY" if isinstance(value, str) else "INT32"
    dictionary, data = _dictionary_page(value), _data_page(rows)
    size = len(dictionary) + len(data)
    how = (kind, "UNCOMPRESSED", ("PLAIN", "RLE", "RLE_DICTIONARY"))
    place = ChunkPlace(0, size, size, rows, True, False, *how, len(dictionary))
    return place, dictionary + data


def _dictionary_page(value: Constant) -> bytes:
    if isinstance(value, str):
        text = value.encode()
        payload = len(text).to_bytes(4, "little") + text
    else:
        payload = (value - _EPOCH).days.to_bytes(4, "little", signed=True)
    # Its number of values, and that they are plain.
    header = encode_fields(((1, I32, encode_integer(1)), (2, I32, encode_integer(0))))
    return _page(_DICTIONARY_PAGE, payload, (7, STRUCT, header))


@lru_cache(maxsize=1024)
def _data_page(rows: int) -> bytes:
    # One run of the dictionary's first value, in codes of one bit.
    payload = b"\x01" + encode_varint(rows << 1) + b"\x00"
    count, none = encode_integer(rows), encode_integer(0)
    numbers = (count, none, count, encode_integer(ENCODINGS["RLE_DICTIONARY"]), none, none)
    fields = [(number, I32, value) for number, value in enumerate(numbers, 1)]
    header = encode_fields((*fields, (7, FALSE, b"")))
    return _page(_DATA_PAGE_V2, payload, (8, STRUCT, header))


def _page(kind: int, payload: bytes, header: tuple[int, int, bytes]) -> bytes:
    size = encode_integer(len(payload))
    fields = ((1, I32, encode_integer(kind)), (2, I32, size), (3, I32, size), header)
    return encode_fields(fields) + payload
