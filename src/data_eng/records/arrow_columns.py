"""Columns of a table as NumPy arrays, without a copy where there is one chunk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def values(column: pa.ChunkedArray, dtype: Any) -> npt.NDArray[Any]:
    """Return a fixed-width column without nulls, shape (n,); shared where it is one chunk."""
    parts = [_values(chunk, dtype) for chunk in column.chunks]
    if not parts:
        return np.zeros(0, dtype)
    return parts[0] if len(parts) == 1 else np.concatenate(parts, dtype=dtype)


def dollars(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """Return a float64 column, shape (n,), NaN where null."""
    found = values(column, np.float64)
    if column.null_count:
        found = found.copy()
        found[nulls(column)] = np.nan
    return found


def sizes(column: pa.ChunkedArray) -> npt.NDArray[np.int32]:
    """Return an int32 column, shape (n,), -1 where null."""
    found = values(column, np.int32)
    if column.null_count:
        found = found.copy()
        found[nulls(column)] = -1
    return found


def letters(column: pa.ChunkedArray) -> npt.NDArray[np.uint8]:
    """Return a dictionary column of single letters as ASCII codes, shape (n,)."""
    parts = []
    for chunk in column.chunks:  # each with its dictionary, in an order of its own
        codes = np.array([ord(letter) for letter in chunk.dictionary.to_pylist()], np.uint8)
        parts.append(codes[_values(chunk.indices, np.int32)])
    if not parts:
        return np.zeros(0, np.uint8)
    return parts[0] if len(parts) == 1 else np.concatenate(parts, dtype=np.uint8)


def codes_of(column: pa.ChunkedArray, symbols: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Return a dictionary column as positions among symbols, shape (n,)."""
    parts = []
    for chunk in column.chunks:
        codes = np.array([symbols.index(one) for one in chunk.dictionary.to_pylist()], np.uint8)
        parts.append(codes[_values(chunk.indices, np.int32)])
    return np.concatenate(parts) if parts else np.zeros(0, np.uint8)


def flags(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Return a boolean column without nulls, shape (n,)."""
    parts = [_bits(chunk.buffers()[1], chunk) for chunk in column.chunks]
    return np.concatenate(parts) if parts else np.zeros(0, np.bool_)


def nulls(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Return where a column is null, shape (n,)."""
    parts = []
    for chunk in column.chunks:
        validity = chunk.buffers()[0]
        if validity is None:
            parts.append(np.zeros(len(chunk), np.bool_))
            continue
        parts.append(~_bits(validity, chunk))
    return np.concatenate(parts) if parts else np.zeros(0, np.bool_)


def _values(chunk: pa.Array, dtype: Any) -> npt.NDArray[Any]:
    return np.frombuffer(chunk.buffers()[1], dtype)[chunk.offset : chunk.offset + len(chunk)]


def _bits(buffer: pa.Buffer, chunk: pa.Array) -> npt.NDArray[np.bool_]:
    bits = np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder="little")
    return np.asarray(bits[chunk.offset : chunk.offset + len(chunk)] != 0, np.bool_)
