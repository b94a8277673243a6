"""What was received of a day's options before a time, of every table."""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..exchange.sessions import FIRST3H, NEW_YORK, session_ns, utc_day_ns
from ..features.definitions import OPTION_STEP_SECONDS, OPTION_WINDOW_SECONDS
from ..features.option_market.interest import OpenInterest
from ..features.option_market.listings import Listings
from ..features.option_market.quotes import LastQuotes, QuoteCounts
from ..features.option_market.snapshot import DayTerms, Snapshot, take_snapshot
from ..features.option_market.trade_sums import OptionTrades, TradeSums
from ..lake.table import Table
from ..options.pricing import follow_forwards, price_chain
from ..vendor.dbn.id_table import IdTable
from .arrow_columns import codes_of, dollars, letters, nulls, sizes, values
from .option_coverage import quotes_known
from .option_trades import COLUMNS as TRADE_COLUMNS
from .option_trades import trade_rows
from .time_slices import Arrays, TimeSlices

OPEN_INTEREST: Final = 9
"""DBN StatType of open interest."""
_SECOND_NS: Final = 10**9
_STEP_NS: Final = OPTION_STEP_SECONDS * _SECOND_NS
_ACTIONS: Final = ("NEW", "DELETE")
_CLEAR: Final = ord("R")


class OptionTables(NamedTuple):
    """The clean tables of a date that change with time; None where one was left out."""

    quotes: Table
    trades: Table | None
    statistics: Table | None


class OptionDay:
    """Steps through the options of a date: what was received before the step under way.

    Parameters
    ----------
    tables : OptionTables
    listings : Listings
    date : datetime.date
    multiplier, rate : float
        USD per point; continuously compounded, annualised.

    Attributes
    ----------
    counts : QuoteCounts
        Of the quotes of the steps from 09:30 on.
    """

    def __init__(
        self,
        tables: OptionTables,
        listings: Listings,
        date: dt.date,
        multiplier: float,
        rate: float,
    ) -> None:
        chain = listings.chain
        self._listings = listings
        self._is_call = chain.is_call
        midnight = dt.datetime.combine(date + dt.timedelta(days=1), dt.time(), NEW_YORK)
        self._terms = DayTerms(rate, multiplier, int(midnight.timestamp()) * _SECOND_NS)
        self._table = IdTable(chain.instrument_ids)
        self._is_zero_dte = np.array(
            [
                dt.datetime.fromtimestamp(ns // _SECOND_NS, NEW_YORK).date() == date
                for ns in chain.expiration_ns.tolist()
            ],
            np.bool_,
        )
        manifest = tables.quotes.manifest
        self._quotes = LastQuotes(len(chain.strikes), manifest.facts["source_schema"])
        self._manifest = manifest
        self._interest = OpenInterest(chain.expiration_ns)
        self.counts = QuoteCounts()
        quote_columns = ["instrument_id", "action", "bid_px_00", "ask_px_00"]
        quote_columns += ["bid_sz_00", "ask_sz_00"]
        self._quote_rows = TimeSlices(tables.quotes, quote_columns, self._quotes_of)
        interest_columns = ["instrument_id", "stat_type", "quantity", "update_action"]
        self._interest_rows = TimeSlices(tables.statistics, interest_columns, self._interest_of)
        trade_columns = ["instrument_id", "side", *TRADE_COLUMNS]
        self._trade_rows = TimeSlices(tables.trades, trade_columns, self._trades_of)
        self._open_ns = session_ns(date, FIRST3H[0])
        self._first_ns = self._open_ns - OPTION_WINDOW_SECONDS * _SECOND_NS
        for _ in self._trade_rows.until(self._first_ns):
            pass  # before the first window
        self._start(utc_day_ns(date)[0])

    def snapshot(self, at_ns: int) -> Snapshot:
        """Return the features of quotes of what was received before a time."""
        self._receive(at_ns)
        for rows in self._interest_rows.until(at_ns):
            self._interest.update(rows["slots"], rows["quantity"], rows["is_deleted"])
        is_known = bool(quotes_known(np.array([at_ns]), self._manifest)[0])
        quotes = self._quotes.judge(at_ns) if is_known else self._quotes.forget()
        priced = price_chain(self._listings.until(at_ns), quotes, at_ns, self._terms.rate)
        if is_known and at_ns >= self._open_ns:
            self.counts.add(priced, quotes, at_ns)
        return take_snapshot(priced, quotes, at_ns, self._interest.contracts, self._terms)

    def _start(self, day_ns: int) -> None:
        # Forwards of the steps before the first snapshot: which of the quotes since midnight the
        # future has left behind by then.
        for at_ns in range(day_ns + _STEP_NS, self._first_ns, _STEP_NS):
            if self._receive(at_ns):
                quotes = self._quotes.judge(at_ns)
                follow_forwards(self._listings.until(at_ns), quotes, at_ns, self._terms.rate)

    def _receive(self, at_ns: int) -> bool:
        # Takes the quotes received before a time; whether there were any.
        found = False
        for rows in self._quote_rows.until(at_ns):
            found = True
            self._quotes.update(
                rows["slots"], rows["times"], rows["bid"], rows["ask"], rows["has_sizes"]
            )
        return found

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
        is_clear = letters(table["action"])[rows] == _CLEAR
        bid, ask = (dollars(table[name])[rows] for name in ("bid_px_00", "ask_px_00"))
        bid_size, ask_size = (sizes(table[name])[rows] for name in ("bid_sz_00", "ask_sz_00"))
        return {
            "times": values(table["ts_recv"], np.int64)[rows],
            "slots": slots[rows],
            "bid": np.where(is_clear, np.nan, bid),
            "ask": ask,
            "has_sizes": (bid_size > 0) & (ask_size > 0),
        }

    def _interest_of(self, table: pa.Table) -> Arrays:
        slots = self._slots(table)
        is_open_interest = values(table["stat_type"], np.int32) == OPEN_INTEREST
        rows = np.flatnonzero((slots >= 0) & is_open_interest)
        quantity = values(table["quantity"], np.int64).astype(np.float64)
        quantity[nulls(table["quantity"])] = np.nan
        actions = codes_of(table["update_action"], _ACTIONS)
        return {
            "times": values(table["ts_recv"], np.int64)[rows],
            "slots": slots[rows],
            "quantity": quantity[rows],
            "is_deleted": (actions == _ACTIONS.index("DELETE"))[rows],
        }

    def _trades_of(self, table: pa.Table) -> Arrays:
        slots, price, size = self._slots(table), dollars(table["price"]), sizes(table["size"])
        rows = trade_rows(table)
        rows = rows[slots[rows] >= 0]
        side = letters(table["side"])[rows]
        return {
            "times": values(table["ts_recv"], np.int64)[rows],
            "slots": slots[rows],
            "price": price[rows],
            "size": size[rows].astype(np.float64),
            "sign": (side == ord("B")).astype(np.float64) - (side == ord("A")),
        }
