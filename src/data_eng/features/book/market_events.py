"""Trades and mids of a day, in record order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .best_quotes import BestQuotes
from .day_seconds import F64, I64
from .trades import Trades, counted_trades


@dataclass(frozen=True)
class MarketEvents:
    """Trades and mids; of one record the trade comes before the mid.

    Attributes
    ----------
    times : int64 array, shape (n,), ns since epoch UTC
        ``ts_recv``, non-decreasing.
    is_trade : bool array, shape (n,)
    value : float64 array, shape (n,), ticks
        Price of a trade, or the mid from then on; NaN where there is no valid quote.
    """

    times: I64
    is_trade: npt.NDArray[np.bool_]
    value: F64


def market_events(trades: Trades, quotes: BestQuotes) -> MarketEvents:
    """Return the events of a part of the day.

    Parameters
    ----------
    trades : Trades
        All T records of the part, or those that count.
    quotes : BestQuotes
        Of the same records.
    """
    trades = counted_trades(trades)
    mid = np.where(quotes.is_valid, (quotes.bid.astype(np.float64) + quotes.ask) / 2, np.nan)
    # Trades stand first, so that a stable order keeps them before the mid of their record.
    order = np.argsort(np.concatenate([trades.record, quotes.record]), kind="stable")
    is_trade = np.arange(len(order)) < len(trades.record)
    return MarketEvents(
        np.concatenate([trades.ts_recv, quotes.ts_recv])[order],
        is_trade[order],
        np.concatenate([trades.price.astype(np.float64), mid])[order],
    )
