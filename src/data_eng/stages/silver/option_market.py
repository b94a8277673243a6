"""MARKET features of futures options on the 1-second grid.

1. `SilverOptionMarket` reads the date's definitions, trades, quotes and statistics.
2. `transform` steps through time, 5 seconds at a time from 09:25 to 12:30 New York: what was
   received before the step moves the listed options, the last quotes and the open interest, a
   snapshot gives the features of quotes, and the trades of the following 5 seconds are added with
   its deltas.
3. `features.option_market.columns` makes the columns, each 5-second value carried to its rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...catalogue.datasets import dataset
from ...exchange.calendar import is_early_close
from ...exchange.products import known_product, product_of
from ...exchange.sessions import FIRST3H, NEW_YORK, session_ns, window_ns
from ...features.option_market.columns import WINDOW_S, option_market_columns
from ...features.option_market.interest import OpenInterest
from ...features.option_market.listings import Listings
from ...features.option_market.moment import STEP_S
from ...features.option_market.quotes import LastQuotes
from ...features.option_market.snapshot import Snapshot, take_snapshot
from ...features.option_market.trade_sums import TradeSums
from ...lake.inputs import inherited_facts
from ...lake.table import Table
from ...records.grid import grid_batch, grid_parameters
from ...records.mbp10_arrays import dollars, letters, nulls, sizes, values
from ...records.option_listings import read_listings
from ...records.time_slices import Arrays, TimeSlices
from ...settings import Settings
from ...vendor.dbn.id_table import IdTable
from ..inputs import Inputs
from ..reads import Read
from ..regular_session import FeatureStage
from ..stage import Context, Made, Target, Writers

TABLES: Final = ("definition", "trades", "nbbo", "statistics")
OPEN_INTEREST: Final = 9
"""DBN StatType of open interest."""
RATE: Final = 0.04
"""Continuously compounded, annualised. A 30-day volatility moves by 0.3 % of itself with it."""
_SECOND_NS: Final = 10**9
_STEP_NS: Final = STEP_S * _SECOND_NS
_DELETE: Final = "DELETE"


def _key(table: str) -> str:
    return f"silver.future_option.{table}_clean"


class SilverOptionMarket(FeatureStage):
    """Silver ``market`` of futures options: a row a second from 09:30 to 12:30 ET.

    A row at ``ts`` uses records with ``ts_recv`` before the last whole 5 seconds up to ``ts``.
    """

    name: ClassVar[str] = "silver_option_market"
    version: ClassVar[int] = 3

    reads = tuple(Read(_key(table)) for table in TABLES)
    writes = (dataset("silver.future_option.market"),)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return the grid, the rate and the multiplier."""
        product = product_of(symbol)
        return {
            "grid": grid_parameters(),
            "recomputed_seconds": STEP_S,
            "rate": RATE,
            "multiplier": None if product is None else product.multiplier,
        }

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Step through the day, compute the columns, write them."""
        date, symbol = target.date, target.symbol
        tables = {name: inputs[_key(name)].table for name in TABLES}
        open_ns, end_ns = window_ns(date, *FIRST3H)
        listings = read_listings(tables["definition"])
        steps = _Steps(tables, listings, date, known_product(symbol).multiplier)
        first_ns = open_ns - WINDOW_S * _SECOND_NS
        count = (end_ns - first_ns) // _STEP_NS
        sums = TradeSums(count)
        snapshots: list[Snapshot] = []
        for step in range(count + 1):
            snapshots.append(steps.snapshot(first_ns + step * _STEP_NS))
            if step < count:
                steps.add_trades(sums, step, first_ns + (step + 1) * _STEP_NS, snapshots[-1])
            context.progress((step + 1) / (count + 1))
            # Only the last one's greeks are needed again.
            if len(snapshots) > 1:
                snapshots[-2] = Snapshot(
                    snapshots[-2].values, snapshots[-2].front_expiration_ns, _NONE, _NONE
                )
        rows = (end_ns - open_ns) // _SECOND_NS + 1
        columns = option_market_columns(snapshots, sums.sums, WINDOW_S // STEP_S, rows)
        times = open_ns + np.arange(rows, dtype=np.int64) * _SECOND_NS
        writers[self.output].write(grid_batch(times, columns, self.output.contract()))
        facts = {
            **inherited_facts(tables["nbbo"].manifest),
            "early_close": is_early_close(date),
            "options": len(listings.chain.strikes),
            "expirations": len(np.unique(listings.chain.expiration_ns)),
        }
        return Made(facts=facts)


_NONE: Final = np.empty(0)


class _Steps:
    # What was received before the step under way, of every table.
    def __init__(
        self, tables: Mapping[str, Table], listings: Listings, date: dt.date, multiplier: float
    ) -> None:
        chain = listings.chain
        self._listings = listings
        self._is_call = chain.is_call
        self._multiplier = multiplier
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
        first_ns = session_ns(date, FIRST3H[0]) - WINDOW_S * _SECOND_NS
        for _ in self._trade_rows.until(first_ns):
            pass  # before the first window

    def snapshot(self, at_ns: int) -> Snapshot:
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
            RATE,
            self._multiplier,
        )

    def add_trades(self, sums: TradeSums, step: int, end_ns: int, known: Snapshot) -> None:
        for rows in self._trade_rows.until(end_ns):
            slots = rows["slots"]
            sums.add(
                step,
                rows["sign"],
                rows["size"],
                rows["price"],
                self._is_call[slots],
                self._is_zero_dte[slots],
                known.delta[slots],
                known.vega[slots],
            )

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
        is_trade = letters(table["action"]) == ord("T")
        rows = np.flatnonzero((slots >= 0) & is_trade & ~np.isnan(price) & (size >= 0))
        side = letters(table["side"])[rows]
        return {
            "times": values(table["ts_recv"], np.int64)[rows],
            "slots": slots[rows],
            "price": price[rows],
            "size": size[rows].astype(np.float64),
            "sign": (side == ord("B")).astype(np.float64) - (side == ord("A")),
        }
