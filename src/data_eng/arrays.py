"""NumPy arrays and strings as Arrow arrays.

``pyarrow.array`` would do it, but imports pandas first: more than a second in every process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def arrow_array(
    values: npt.NDArray[Any], kind: pa.DataType, is_null: npt.NDArray[np.bool_] | None = None
) -> pa.Array:
    """Return an Arrow array that shares the memory of ``values``.

    Parameters
    ----------
    values : array, shape (n,), contiguous
        Of the width of ``kind``; booleans are packed into bits, which copies.
    kind : pyarrow.DataType
        A fixed-width type.
    is_null : bool array, shape (n,), optional
        Which values are null.
    """
    validity, null_count = None, 0
    if is_null is not None:
        null_count = int(np.count_nonzero(is_null))
        if null_count:
            validity = pa.py_buffer(np.packbits(~is_null, bitorder="little"))
    data = np.packbits(values, bitorder="little") if values.dtype == np.bool_ else values
    return pa.Array.from_buffers(kind, len(values), [validity, pa.py_buffer(data)], null_count)


def string_array(values: Sequence[str]) -> pa.Array:
    """Return strings as an Arrow array of type string."""
    encoded = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers, 0)
