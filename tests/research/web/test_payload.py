"""Data of a page comes back as it went in, and cannot end its element."""

from __future__ import annotations

import base64
import json
import re
import zlib

import numpy as np
import pytest

from src.data_eng.research.web.payload import Arrays, json_script


def unpacked(arrays: Arrays) -> dict[str, np.ndarray]:
    """Return what ``data.js`` makes of them, in NumPy's way."""
    found = re.fullmatch(r'<script type="text/plain" id="x">(.*)</script>', arrays.script("x"))
    assert found is not None
    data = zlib.decompress(base64.b64decode(found[1]))
    values = {}
    for one in arrays.index:
        planes = np.frombuffer(data, np.uint8, 4 * one["length"], one["at"])
        raw = planes.reshape(4, -1).T.tobytes()
        column = np.frombuffer(raw, "<i4" if one["type"] == "i" else "<f4")
        if one["differences"]:
            column = np.cumsum(column, dtype=np.int32)
        values[one["name"]] = column
    return values


def test_arrays_come_back() -> None:
    arrays = Arrays()
    extremes = np.array([-(2**31), 2**31 - 1, -(2**31), 0, 5], np.int32)
    floats = np.array([1.5, np.nan, -np.inf, 1e-20, 5143.683333, -0.123456, 1.99999999])
    arrays.add("plain", extremes)
    arrays.add("differences", extremes, differences=True)
    arrays.add("floats", floats)
    arrays.add("none", np.zeros(0, np.int64))
    found = unpacked(arrays)
    assert found["plain"].tolist() == found["differences"].tolist() == extremes.tolist()
    np.testing.assert_allclose(found["floats"], floats, rtol=2**-16)
    assert len(found["none"]) == 0


def test_json_cannot_end_its_element() -> None:
    text = json_script("data", {"a": "</script><!--&", "b": None})
    assert text.count("<") == 2
    assert json.loads(text[text.index(">") + 1 : -len("</script>")]) == {
        "a": "</script><!--&",
        "b": None,
    }


def test_what_json_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_script("data", float("nan"))
