from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data_eng.arrays import arrow_array, string_array

KINDS = [
    (np.int8, pa.int8()),
    (np.uint8, pa.uint8()),
    (np.int32, pa.int32()),
    (np.uint32, pa.uint32()),
    (np.int64, pa.int64()),
    (np.float64, pa.float64()),
    (np.bool_, pa.bool_()),
    (np.int32, pa.date32()),
    (np.int64, pa.timestamp("ns", "UTC")),
    (np.int64, pa.timestamp("ns", "America/New_York")),
]


def values_of(dtype: npt.DTypeLike, count: int) -> npt.NDArray[np.generic]:
    return np.random.default_rng(0).integers(0, 2, count).astype(dtype)


@pytest.mark.parametrize(("dtype", "kind"), KINDS, ids=str)
@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 64, 100])
@pytest.mark.parametrize("nulls", [None, "none", "some", "all"])
def test_it_is_the_array_that_pyarrow_makes(
    dtype: npt.DTypeLike, kind: pa.DataType, count: int, nulls: str | None
) -> None:
    values = values_of(dtype, count)
    is_null = {
        "none": np.zeros(count, np.bool_),
        "some": np.arange(count) % 3 == 0,
        "all": np.ones(count, np.bool_),
    }.get(nulls or "")
    found = arrow_array(values, kind, is_null)
    found.validate(full=True)
    plain = pa.array(values, mask=is_null)
    expected = plain if plain.type == kind else plain.cast(kind)
    assert found.type == kind
    assert found.equals(expected)
    assert found.null_count == (0 if is_null is None else int(is_null.sum()))


@pytest.mark.parametrize(("dtype", "kind"), [k for k in KINDS if k[0] is not np.bool_], ids=str)
def test_values_are_not_copied(dtype: npt.DTypeLike, kind: pa.DataType) -> None:
    values = values_of(dtype, 10)
    assert arrow_array(values, kind).buffers()[1].address == values.ctypes.data


def test_without_nulls_there_is_no_validity_bitmap() -> None:
    values = values_of(np.int64, 10)
    assert arrow_array(values, pa.int64()).buffers()[0] is None
    assert arrow_array(values, pa.int64(), np.zeros(10, np.bool_)).buffers()[0] is None


def test_the_memory_outlives_the_numpy_array() -> None:
    found = arrow_array(np.arange(100_000), pa.int64())
    again = np.full(100_000, -1)
    assert found.sum().as_py() == 4_999_950_000
    assert again.sum() == -100_000


@given(st.lists(st.text(max_size=12), max_size=30))
@settings(max_examples=60)
def test_strings_come_back(values: list[str]) -> None:
    found = string_array(values)
    found.validate(full=True)
    assert found.equals(pa.array(values, pa.string()))


def test_text_without_a_utf_8_form_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        string_array(["\ud800"])
