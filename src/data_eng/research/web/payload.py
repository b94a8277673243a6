"""Data of a page: JSON, and arrays as one compressed block, which ``data.js`` reads back."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_ESCAPED: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}
"""In a script element these could end it or begin another."""


def json_script(name: str, value: Any) -> str:
    """Return JSON values in an element that a script finds by its name."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    for letter, escape in _ESCAPED.items():
        text = text.replace(letter, escape)
    return f'<script type="application/json" id="{name}">{text}</script>'


class Arrays:
    """Arrays of 32-bit integers and floats, packed one behind the other.

    The bytes of an array are laid out by significance (all lowest bytes first), and an integer
    array may be stored as differences: both make what changes little small. Floats keep 16
    significant bits, which is a digit more than a page shows.

    Attributes
    ----------
    index : list of dict
        Name, type, length and place of each.
    """

    def __init__(self) -> None:
        self.index: list[dict[str, Any]] = []
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, name: str, values: npt.NDArray[Any], *, differences: bool = False) -> None:
        """Take an array, flattened; integers as int32, anything else as float32."""
        is_whole = values.dtype.kind in "iub"
        flat = np.ascontiguousarray(values, np.int32 if is_whole else np.float32).ravel()
        if not is_whole:
            flat = _rounded(flat)
        if differences:
            flat = np.diff(flat, prepend=np.int32(0))  # wraps, as the sums that undo it do
        planes = flat.view(np.uint8).reshape(-1, 4).T.tobytes()
        self.index.append(
            {
                "name": name,
                "type": "i" if is_whole else "f",
                "length": len(flat),
                "at": self._size,
                "differences": differences,
            }
        )
        self._parts.append(planes)
        self._size += len(planes)

    def script(self, name: str) -> str:
        """Return them in an element that a script finds by its name."""
        packed = base64.b64encode(zlib.compress(b"".join(self._parts), 6)).decode()
        return f'<script type="text/plain" id="{name}">{packed}</script>'


def _rounded(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    # Of float32: to nearest in units of the ninth bit; what carries into the exponent is right too.
    bits = values.view(np.uint32)
    kept = np.where(np.isfinite(values), (bits + 0x80) & 0xFFFFFF00, bits)
    return kept.astype(np.uint32).view(np.float32)
