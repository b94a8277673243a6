"""Columns as arrays: whatever chunks, offsets, dictionaries and nulls they come in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from src.data_eng.records.arrow_columns import (
    codes_of,
    dollars,
    flags,
    letters,
    nulls,
    sizes,
    values,
)

WORDS = ("none", "idle", "armed")


def words(*parts: list[str]) -> pa.ChunkedArray:
    """Return chunks, each with a dictionary of its own in the order in which words come."""
    return pa.chunked_array([pa.array(part).dictionary_encode() for part in parts])


@pytest.mark.parametrize("cut", [slice(None), slice(1, 5), slice(3, None), slice(6, 6)])
def test_each_chunk_has_its_own_dictionary(cut: slice) -> None:
    found = words(["A", "B", "A"], ["N", "B", "A"])
    start, length = cut.indices(6)[0], len(range(6)[cut])
    found = found.slice(start, length)
    assert bytes(letters(found)).decode() == "ABANBA"[cut]
    phases = words(["idle", "none", "idle"], ["armed", "idle", "none"])
    assert codes_of(phases.slice(start, length), WORDS).tolist() == [1, 0, 1, 2, 1, 0][cut]


@pytest.mark.parametrize("start", range(12))
def test_nulls_and_bits_are_those_of_the_rows_behind_an_offset(start: int) -> None:
    truth = [True, False, None, True, True, None, False, False, True, None, True, False]
    plain = [one is True for one in truth]
    whole = pa.chunked_array([pa.array(truth[:5]), pa.array(truth[5:])])
    assert nulls(whole.slice(start)).tolist() == [one is None for one in truth][start:]
    known = pa.chunked_array([pa.array(plain[:5]), pa.array(plain[5:])])
    assert flags(known.slice(start)).tolist() == plain[start:]
    assert not nulls(known.slice(start)).any()
    prices = [None if one is None else float(n) for n, one in enumerate(truth)]
    floats = pa.chunked_array([pa.array(prices[:5]), pa.array(prices[5:])])
    wanted = [np.nan if one is None else one for one in prices[start:]]
    assert np.array_equal(dollars(floats.slice(start)), wanted, equal_nan=True)
    ints = floats.cast(pa.int32())
    assert sizes(ints.slice(start)).tolist() == [
        -1 if one is None else int(one) for one in prices[start:]
    ]


def test_what_is_read_is_not_changed_by_its_nulls() -> None:
    column = pa.chunked_array([pa.array([1.5, None, 2.5])])
    before = column.to_pylist()
    dollars(column)
    sizes(pa.chunked_array([pa.array([1, None], pa.int32())]))
    assert column.to_pylist() == before


def test_without_a_chunk_there_is_nothing() -> None:
    text = pa.dictionary(pa.int32(), pa.string())
    for made, kind in (
        (values(pa.chunked_array([], pa.int64()), np.int64), np.int64),
        (dollars(pa.chunked_array([], pa.float64())), np.float64),
        (letters(pa.chunked_array([], text)), np.uint8),
        (codes_of(pa.chunked_array([], text), WORDS), np.uint8),
        (flags(pa.chunked_array([], pa.bool_())), np.bool_),
        (nulls(pa.chunked_array([], pa.bool_())), np.bool_),
    ):
        assert (len(made), made.dtype) == (0, np.dtype(kind))
