"""Where a column chunk lies, and how it is stored, as PyArrow reads it from a footer."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

ENCODINGS: Final = {
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
    kind, codec : str
        Physical type and compression, by PyArrow's names.
    encodings : tuple of str
        Of its pages and null flags, by PyArrow's names.
    dictionary_size : int
        Bytes before the first data page.
    """

    start: int
    size: int
    uncompressed_size: int
    num_values: int
    has_dictionary: bool
    is_nullable: bool
    kind: str
    codec: str
    encodings: tuple[str, ...]
    dictionary_size: int = 0


def chunk_place(chunk: Any, *, is_nullable: bool) -> ChunkPlace:
    """Return what a footer says of a column chunk.

    Parameters
    ----------
    chunk : pyarrow.parquet.ColumnChunkMetaData
    is_nullable : bool
        Whether its column is.
    """
    dictionary, start = chunk.dictionary_page_offset, chunk.data_page_offset
    return ChunkPlace(
        dictionary or start,
        chunk.total_compressed_size,
        chunk.total_uncompressed_size,
        chunk.num_values,
        bool(dictionary),
        is_nullable,
        chunk.physical_type,
        chunk.compression,
        chunk.encodings,
        start - dictionary if dictionary else 0,
    )
