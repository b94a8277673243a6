"""Sums that 64 bits cannot hold are told: they would wrap into values that look right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from src.data_eng.errors import ContractError
from src.data_eng.features.book.displayed_sizes import DisplayedSizes
from src.data_eng.features.book.record_chunk import BID_SZ, MOST_DOLLARS
from src.data_eng.features.book.second_sums import HIGH, LOW, SECOND_NS, VOLUME, SecondSums
from src.data_eng.records.exact_sums import (
    MOST_DISPLAYED,
    require_exact_sizes,
    require_exact_sums,
)
from src.data_eng.records.ticks import ticks_of

WHERE = "ESM5 2025-06-05"


def seconds(volume: int, ticks: int, size: int = 0) -> SecondSums:
    made = SecondSums(0, 3 * SECOND_NS)
    made.sums[1, VOLUME] = volume
    made.prices[1, [HIGH, LOW]] = 1, ticks
    made.books[2, BID_SZ + 4] = size
    return made


@pytest.mark.parametrize("ticks", [2**26, -(2**26)])
def test_volume_times_the_squared_price_fits(ticks: int) -> None:
    require_exact_sums(seconds(2**11 - 1, ticks, (2**31 - 1) // 20), WHERE)
    told = (
        rf"^{WHERE}: trades of 2,048 contracts at up to 67,108,864 ticks: .*nothing was published$"
    )
    with pytest.raises(ContractError, match=told):
        require_exact_sums(seconds(2**11, ticks), WHERE)


def test_volume_times_a_spread_fits_whatever_the_price() -> None:
    require_exact_sums(seconds(2**33 - 1, 4), WHERE)
    with pytest.raises(ContractError, match="trades of 8,589,934,592 contracts"):
        require_exact_sums(seconds(2**33, 4), WHERE)


def test_the_depth_of_a_book_fits_32_bits() -> None:
    with pytest.raises(ContractError, match="a displayed size of 107,374,183 contracts"):
        require_exact_sums(seconds(1, 4, 2**31 // 20 + 1), WHERE)


@pytest.mark.parametrize("name", ["size_ns", "band_size_ns"])
def test_an_hour_of_a_displayed_size_fits(name: str) -> None:
    most = MOST_DISPLAYED * SECOND_NS
    assert most * 3600 < 2**63
    none: dict[str, Any] = {field: np.zeros(2, np.int64) for field in DisplayedSizes._fields}
    require_exact_sizes(DisplayedSizes(**none | {name: np.array([0, most])}), WHERE)
    with pytest.raises(ContractError, match="displayed sizes of 2,500,000 contracts"):
        require_exact_sizes(DisplayedSizes(**none | {name: np.array([0, most + 1])}), WHERE)
    require_exact_sizes(DisplayedSizes(**{field: none[field][:0] for field in none}), WHERE)


def test_a_price_that_32_bits_of_ticks_may_not_hold_is_told() -> None:
    """On the grid it would be another price, or none: 2**30 dollars are 2**32 ticks of 0.25."""
    column = pa.chunked_array([[MOST_DOLLARS, -MOST_DOLLARS, None, 2.0**30]], pa.float64())
    known = ticks_of(column.slice(0, 2), 0.005, "price", (WHERE, 7))
    assert known.tolist() == [2 * 10**8, -2 * 10**8]
    with pytest.raises(
        ContractError, match=r"field price, row 10: 1073741824\.0 is beyond 1,000,000;"
    ):
        ticks_of(column, 0.25, "price", (WHERE, 7))
