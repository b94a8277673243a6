"""Lakes of a day of trades that a test names one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from src.data_eng.catalogue.datasets import dataset
from tests.dbn_files import mbp10_records, write_mbp10
from tests.lakes import build
from tests.stages.silver.market_lake import UP_TO_BARS, clean

SYMBOL = "ESM5"
TICK_FIXED = 250_000_000
"""A tick in DBN's fixed-point prices."""

Trade = tuple[int, int]
"""Time, ns since epoch UTC, and price, ticks."""


def at(date: dt.date, clock: str, offset_ns: int = 0) -> int:
    """Return a New York wall time as ns since epoch, some ns later."""
    wall = dt.datetime.combine(date, dt.time.fromisoformat(clock), ZoneInfo("America/New_York"))
    return int(wall.timestamp()) * 10**9 + offset_ns


def trades_day(
    lake: Path, date: dt.date, trades: Sequence[Trade], flags: Sequence[int] | None = None
) -> None:
    """Write trades as the vendor's file of a date, and run it up to the bars."""
    records = mbp10_records(len(trades))
    records["ts_recv"] = [time for time, _ in trades]
    records["ts_event"] = records["ts_recv"]
    records["price"] = [price * TICK_FIXED for _, price in trades]
    records["action"], records["depth"] = b"T", 0
    records["flags"] = np.zeros(len(trades)) if flags is None else flags
    folder = lake / dataset("raw.future.market_by_price_10").folder("ES")
    write_mbp10(folder / f"glbx-mdp3-{date:%Y%m%d}.mbp-10.dbn.zst", records, date=date)
    assert clean(lake, date) == SYMBOL
    build(UP_TO_BARS, lake, SYMBOL, date)
