"""The best prices at each whole second: of a valid quote, as it stood before."""

from __future__ import annotations

import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from src.data_eng.errors import ContractError
from src.data_eng.records.seconds import read_best_prices, read_depth
from tests.plain_table import PlainTable

S = 10**9
START = 1_749_081_600 * S


def best(folder: Path, quotes: list[tuple[float | None, float | None]]) -> list[list[float | None]]:
    """Return bid and ask of seconds that end with some quotes, in ticks of 0.25; None for NaN."""
    bids, asks = (pa.array(side, pa.float64()) for side in zip(*quotes, strict=True))
    times = pa.array(range(START, START + len(quotes) * S, S), pa.int64())
    table = {"ts": times.cast(pa.timestamp("ns", "UTC")), "bid_px_00": bids, "ask_px_00": asks}
    pq.write_table(pa.table(table), folder / "t.parquet")
    with (folder / "t.parquet").open("rb") as file:
        start_ns, *sides = read_best_prices(PlainTable(file), 0.25)
    assert start_ns == START
    return [[None if math.isnan(one) else one for one in side.tolist()] for side in sides]


def test_a_second_begins_with_the_quote_that_the_one_before_ended_with(tmp_path: Path) -> None:
    bid, ask = best(tmp_path, [(10.0, 10.25), (10.25, 10.75)])
    assert bid == [None, 40.0, 41.0]
    assert ask == [None, 41.0, 43.0]


@pytest.mark.parametrize(
    "quote", [(10.0, None), (None, 10.0), (None, None), (10.0, 10.0), (10.25, 10.0), (None, -1.0)]
)
def test_without_a_valid_quote_there_is_neither(
    tmp_path: Path, quote: tuple[float | None, float | None]
) -> None:
    bid, ask = best(tmp_path, [(10.0, 10.25), quote, (10.0, 10.25)])
    assert bid == [None, 40.0, None, 40.0]
    assert ask == [None, 41.0, None, 41.0]


def test_a_price_off_the_tick_is_told_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"field ask_px_00, row 1: 10\.3 is no whole number"):
        best(tmp_path, [(10.0, 10.25), (10.0, 10.3)])


def test_a_depth_that_is_not_known_is_no_depth_of_nothing(tmp_path: Path) -> None:
    depths = pa.array([7, None, 0], pa.int32())
    pq.write_table(pa.table({"depth_ten_levels": depths}), tmp_path / "t.parquet")
    with (tmp_path / "t.parquet").open("rb") as file:
        first, unknown, last = read_depth(PlainTable(file)).tolist()
    assert (first, last) == (7.0, 0.0)
    assert math.isnan(unknown)
