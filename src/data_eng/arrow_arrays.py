"""NumPy arrays as Arrow arrays without a copy.

``pyarrow.array`` would import pandas for it, most of a second in every process.
"""

from __future__ import annotations

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
