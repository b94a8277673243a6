"""What touches are labelled by, read from the tables of a date."""

from __future__ import annotations

import numpy as np

from ..features.book.trades import Trades, counted_trades
from ..features.outcome.label_touches import DayPrices
from ..lake.table import Table
from .bar_range import read_true_range
from .seconds import read_best_prices


def read_day_prices(
    trades: Trades, seconds: Table, bars: Table, tick_size: float, last_ns: int
) -> DayPrices:
    """Return trades with mids and spreads by second, and the true range of their date.

    Parameters
    ----------
    trades : Trades
        All T records, or those that count.
    seconds, bars : Table
        Of the book by second, of 2-minute bars.
    tick_size : float, dollars
    last_ns : int, ns since epoch UTC
        Time of the date's last record, 0 without one.
    """
    counted = counted_trades(trades)
    start_ns, bid, ask = read_best_prices(seconds, tick_size)
    return DayPrices(
        times=counted.ts_recv,
        price=counted.price.astype(np.float64),
        start_ns=start_ns,
        mids=(bid + ask) / 2,
        half_spreads=(ask - bid) / 2,
        true_range=read_true_range(bars, tick_size),
        last_ns=last_ns,
    )
