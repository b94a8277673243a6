"""Bars as the levels read them: whole ticks, or an error that names the row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from src.data_eng.errors import ContractError
from src.data_eng.records.level_bars import read_level_bars


class Bars:
    partition = "silver.future.ohlcv_2m ESM5 2025-06-05"

    def __init__(self, close: list[float]) -> None:
        times, prices = range(len(close)), [6000.25] * len(close)
        self.rows = pa.table(
            {"ts_start": times, "ts_end": times, "high": prices, "low": prices, "close": close}
        )

    def read(self, columns: list[str]) -> pa.Table:
        return self.rows.select(columns)


def test_prices_are_whole_ticks() -> None:
    bars: Any = Bars([6000.0, 5999.75])
    np.testing.assert_array_equal(read_level_bars(bars, 0.25).close, [24_000, 23_999])


@pytest.mark.parametrize(("price", "says"), [(1e300, "beyond 1,000,000"), (0.1, "no whole number")])
def test_a_price_that_is_none_is_told(price: float, says: str) -> None:
    bars: Any = Bars([6000.0, price])
    told = f"^{Bars.partition}: field close, row 1: .* is {says}"
    with pytest.raises(ContractError, match=told):
        read_level_bars(bars, 0.25)
