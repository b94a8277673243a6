"""What was received of a day's options before a time, of every table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..exchange.sessions import FIRST3H, NEW_YORK, session_ns
from ..features.book.record_chunk import TRADE
from ..features.definitions import OPTION_WINDOW_SECONDS
from ..features.option_market.interest import OpenInterest
from ..features.option_market.listings import Listings
from ..features.option_market.quotes import LastQuotes
from ..features.option_market.snapshot import Snapshot, take_snapshot
from ..features.option_market.trade_sums import OptionTrades, TradeSums
from ..lake.table import Table
from ..vendor.dbn.id_table import IdTable
from .arrow_columns import dollars, letters, nulls, sizes, values
from .time_slices import Arrays, TimeSlices

OPEN_INTEREST: Final = 9
"""DBN StatType of open interest."""
_SECOND_NS: Final = 10**9
_DELETE: Final = "DELETE"


class OptionDay:
    """Steps through the options of a date: what was received before the step under way.

    Parameters
    ----------
    tables : mapping of str to Table
        Definitions, trades, quotes and statistics.
    listings : Listings
    date : datetime.date
    multiplier, rate : float
        USD per point; continuously compounded, annualised.
    """

    def __init__(
        self,
        tables: Mapping[str, Table],
        listings: Listings,
        date: dt.date,
        multiplier: float,
        rate: float,
    ) -> None:
        chain = listings.chain
        self._listings = listings
        self._is_call = chain.is_call
        self._multiplier, self._rate = multiplier, rate
        self._table = IdTable(chain.instrument_ids)
        self._is_zero_dte = np.array(
            [
                dt.datetime.fromtimestamp(ns // _SECOND_NS, NEW_YORK).date() == date
                for ns in chain.expiration_ns.tolist()
            ],
            np.bool_,
        )
        self._quotes = LastQuotes(len(chain.strikes))
        self._interest = OpenInterest(len(chain.strikes))
        quote_columns = ["instrument_id", "bid_px_00", "ask_px_00"]
        self._quote_rows = TimeSlices(tables["nbbo"], quote_columns, self._quotes_of)
        interest_columns = ["instrument_id", "stat_type", "quantity", "update_action"]
        self._interest_rows = TimeSlices(tables["statistics"], interest_columns, self._interest_of)
        trade_columns = ["instrument_id", "action", "side", "price", "size"]
        self._trade_rows = TimeSlices(tables["trades"], trade_columns, self._trades_of)
        first_ns = session_ns(date, FIRST3H[0]) - OPTION_WINDOW_SECONDS * _SECOND_NS
        for _ in self._trade_rows.until(first_ns):
            pass  # before the first window

    def snapshot(self, at_ns: int) -> Snapshot:
        """Return the features of quotes of what was received before a time."""
        for rows in self._quote_rows.until(at_ns):
            self._quotes.update(rows["slots"], rows["times"], rows["bid"], rows["ask"])
        for rows in self._interest_rows.until(at_ns):
            self._interest.update(rows["slots"], rows["quantity"], rows["is_deleted"])
        mid = self._quotes.mid(at_ns)
        spread = np.where(np.isnan(mid), np.nan, self._quotes.ask - self._quotes.bid)
        return take_snapshot(
            self._listings.until(at_ns),
            at_ns,
            mid,
            spread,
            self._interest.contracts,
            self._rate,
            self._multiplier,
        )

    def add_trades(self, sums: TradeSums, step: int, end_ns: int, known: Snapshot) -> None:
        """Add the trades received before a time, with the greeks known before them."""
        for rows in self._trade_rows.until(end_ns):
            slots = rows["slots"]
            trades = OptionTrades(
                rows["sign"],
                rows["size"],
                rows["price"],
                self._is_call[slots],
                self._is_zero_dte[slots],
                known.delta[slots],
                known.vega[slots],
            )
            sums.add(step, trades)

    def _slots(self, table: pa.Table) -> npt.NDArray[np.int64]:
        ids = values(table["instrument_id"], np.int64).astype(np.uint32)
        return self._table.find(ids).astype(np.int64)

    def _quotes_of(self, table: pa.Table) -> Arrays:
        slots = self._slots(table)
        rows = np.flatnonzero(slots >= 0)
        return {
            "times": values(table["ts_recv"], np.int64)[rows],
            "slots": slots[rows],
            "bid": dollars(table["bid_px_00"])[rows],
            "ask": dollars(table["ask_px_00"])[rows],
        }

    def _interest_of(self, table: pa.Table) -> Arrays:
        slots = self._slots(table)
        is_open_interest = values(table["stat_type"], np.int32) == OPEN_INTEREST
        rows = np.flatnonzero((slots >= 0) & is_open_interest)
        quantity = values(table["quantity"], np.int64).astype(np.float64)
        quantity[nulls(table["quantity"])] = np.nan
        actions = np.array(table["update_action"].combine_chunks().to_pylist(), object)
        return {
            "times": values(table["ts_recv"], np.int64)[rows],
            "slots": slots[rows],
            "quantity": quantity[rows],
            "is_deleted": (actions == _DELETE)[rows],
        }

    def _trades_of(self, table: pa.Table) -> Arrays:
        slots, price, size = self._slots(table), dollars(table["price"]), sizes(table["size"])
        is_trade = letters(table["action"]) == TRADE
        rows = np.flatnonzero((slots >= 0) & is_trade & ~np.isnan(price) & (size >= 0))
        side = letters(table["side"])[rows]
        return {
            "times": values(table["ts_recv"], np.int64)[rows],
            "slots": slots[rows],
            "price": price[rows],
            "size": size[rows].astype(np.float64),
            "sign": (side == ord("B")).astype(np.float64) - (side == ord("A")),
        }
