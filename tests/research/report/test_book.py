"""The book by second and the trades in it are those of the records."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from src.data_eng.features.book.record_chunk import NO_PRICE
from src.data_eng.research.report.book import book_seconds
from src.data_eng.research.report.day import ReportDay
from tests.stages.silver.market_lake import CLEAN, DATE, rows

NS = 10**9


def test_the_book_is_the_last_one_before_each_second(lake: Path, day: ReportDay) -> None:
    found = book_seconds(day)
    books = rows(lake, CLEAN, "ESM5", DATE).filter(pl.col("f_last") & (pl.col("action") != "T"))
    times = books["ts_recv"].dt.epoch("ns").to_numpy()
    assert found.prices.shape == found.sizes.shape == (2, 10, 3 * 3600 + 2 * 300)
    for second in range(0, found.prices.shape[-1], 307):
        at = int(np.searchsorted(times, found.start_ns + second * NS)) - 1
        book = books.row(at, named=True)
        for s, side in enumerate(("bid", "ask")):
            for k in range(10):
                price = book[f"{side}_px_{k:02d}"]
                wanted = (
                    (NO_PRICE, 0)
                    if price is None
                    else (round(price * 4), book[f"{side}_sz_{k:02d}"])
                )
                assert (found.prices[s, k, second], found.sizes[s, k, second]) == wanted


def test_trades_are_summed_by_second_and_price(lake: Path, day: ReportDay) -> None:
    found = book_seconds(day)
    end_ns = found.start_ns + found.prices.shape[-1] * NS
    trades = (
        rows(lake, CLEAN, "ESM5", DATE)
        .filter(pl.col("action") == "T")
        .with_columns(time=pl.col("ts_recv").dt.epoch("ns"))
        .filter((pl.col("time") >= found.start_ns) & (pl.col("time") < end_ns))
        .group_by(second=(pl.col("time") - found.start_ns) // NS, price="price")
        .agg(*(pl.col("size").filter(pl.col("side") == side).sum().alias(side) for side in "BAN"))
        .sort("second", "price")
    )
    assert trades.height > 100
    for name, values in (
        ("second", found.trade_second),
        ("price", found.trade_price * 0.25),
        ("B", found.bought),
        ("A", found.sold),
        ("N", found.unsided),
    ):
        assert trades[name].to_list() == values.tolist()
