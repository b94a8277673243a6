"""MARKET features of futures options on the 1-second grid.

1. `SilverOptionMarket` reads the date's definitions, trades, quotes and statistics, and what there
   is of the trades of the 20 full sessions before. It does without trades or statistics where the
   lake has none of them at all: the columns that need them are null, and the manifest says why.
2. `transform` steps through time, 5 seconds at a time from 09:25 to 12:30 New York: what was
   received before the step moves the listed options, the last quotes and the open interest, a
   snapshot gives the features of quotes, and the trades of the following 5 seconds are added with
   its deltas. Before 09:25 the forwards alone are followed, from midnight UTC on.
3. `features.option_market.columns` makes the columns, each 5-second value carried to its rows.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from ...catalogue.datasets import dataset, raw_of_optional
from ...exchange.calendar import is_early_close
from ...exchange.products import known_product, product_of
from ...exchange.sessions import FIRST3H, window_ns
from ...features.definitions import HISTORY_SESSIONS, OPTION_STEP_SECONDS, OPTION_WINDOW_SECONDS
from ...lake.inputs import LEFT_OUT_FACT, inherited_facts
from ...lake.paths import Partition
from ...lake.table import Table
from ...records.grid import grid_batch, grid_parameters, grid_times
from ...settings import Settings
from ..inputs import Inputs
from ..reads import Read, ReadEarlier
from ..regular_session import FeatureStage
from ..target import Context, Made, Target, Writers

TABLES: Final = ("definition", "trades", "nbbo", "statistics")
RATE: Final = 0.04
"""Continuously compounded, annualised. A 30-day volatility moves by 0.3 % of itself with it."""
_SECOND_NS: Final = 10**9
_STEP_NS: Final = OPTION_STEP_SECONDS * _SECOND_NS
_NONE: Final = np.empty(0)

F64 = npt.NDArray[np.float64]

log = logging.getLogger(__name__)


def _key(table: str) -> str:
    return f"silver.future_option.{table}_clean"


def _read(key: str) -> Read:
    return Read(key, may_be_left_out=raw_of_optional(dataset(key)) is not None)


def _table(inputs: Inputs, name: str) -> Table | None:
    found = inputs.get(_key(name))
    return None if found is None else found.table


def _left_out(where: Partition, inputs: Inputs, columns: Mapping[str, F64]) -> dict[str, Any]:
    # What the table was made without, and the columns that have no value for want of it; told too.
    if not inputs.left_out:
        return {}
    empty = [name for name, values in columns.items() if np.isnan(values).all()]
    for key, reason in inputs.left_out.items():
        log.warning(
            "%s: made without %s (%s): the columns that need it are null; put its raw files there "
            "and run with --layer all --refresh-stale to have them",
            where,
            key,
            reason,
        )
    return {LEFT_OUT_FACT: inputs.left_out, "columns_without_value": empty}


class SilverOptionMarket(FeatureStage):
    """Silver ``market`` of futures options: a row a second from 09:30 to 12:30 ET.

    A row at ``ts`` uses records with ``ts_recv`` before the last whole 5 seconds up to ``ts``.
    """

    name: ClassVar[str] = "silver_option_market"
    version: ClassVar[int] = 4

    reads = (
        *(_read(_key(table)) for table in TABLES),
        ReadEarlier(_key("trades"), HISTORY_SESSIONS),
    )
    writes = (dataset("silver.future_option.market"),)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return the grid, the rate and the multiplier."""
        product = product_of(symbol)
        return {
            "grid": grid_parameters(),
            "recomputed_seconds": OPTION_STEP_SECONDS,
            "rate": RATE,
            "multiplier": None if product is None else product.multiplier,
            "history_sessions": HISTORY_SESSIONS,
        }

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Step through the day, compute the columns, write them."""
        from ...features.option_market.columns import (  # noqa: PLC0415
            DayTrades,
            option_market_columns,
        )
        from ...features.option_market.snapshot import Snapshot  # noqa: PLC0415 - compiled
        from ...features.option_market.trade_sums import TradeSums  # noqa: PLC0415
        from ...records.option_coverage import buckets_covered  # noqa: PLC0415
        from ...records.option_day import OptionDay, OptionTables  # noqa: PLC0415
        from ...records.option_history import prior_option_volume, same_parents  # noqa: PLC0415
        from ...records.option_listings import read_listings  # noqa: PLC0415

        date, symbol = target.date, target.symbol
        definition, quotes = inputs[_key("definition")].table, inputs[_key("nbbo")].table
        trades, statistics = (_table(inputs, name) for name in ("trades", "statistics"))
        open_ns, end_ns = window_ns(date, *FIRST3H)
        listings = read_listings(definition)
        tables = OptionTables(quotes, trades, statistics)
        day = OptionDay(tables, listings, date, known_product(symbol).multiplier, RATE)
        first_ns = open_ns - OPTION_WINDOW_SECONDS * _SECOND_NS
        count = (end_ns - first_ns) // _STEP_NS
        sums = TradeSums(count)
        snapshots: list[Snapshot] = []
        for step in range(count + 1):
            snapshots.append(day.snapshot(first_ns + step * _STEP_NS))
            if step < count:
                day.add_trades(sums, step, first_ns + (step + 1) * _STEP_NS, snapshots[-1])
            context.progress((step + 1) / (count + 1))
            # Only the last one's greeks are needed again.
            if len(snapshots) > 1:
                snapshots[-2] = Snapshot(
                    snapshots[-2].values, snapshots[-2].front_expiration_ns, _NONE, _NONE
                )
        times = grid_times(date)
        first_rth = OPTION_WINDOW_SECONDS // OPTION_STEP_SECONDS
        there = [one.table.table for one in inputs.earlier(_key("trades")) if one.table is not None]
        alike = [] if trades is None else same_parents(there, trades.manifest)
        starts = first_ns + _STEP_NS * np.arange(count)
        is_covered = (
            np.zeros(count, np.bool_)
            if trades is None
            else buckets_covered(starts, trades.manifest, _STEP_NS)
        )
        traded = DayTrades(sums.sums, is_covered, prior_option_volume(alike, count - first_rth + 1))
        columns = option_market_columns(snapshots, traded, first_rth, len(times))
        writers[self.output].write(grid_batch(times, columns, self.output.contract()))
        facts = {
            **inherited_facts(quotes.manifest),
            **_left_out(Partition(self.output, symbol, date), inputs, columns),
            "early_close": is_early_close(date),
            "options": len(listings.chain.strikes),
            "expirations": len(set(listings.chain.expiration_ns.tolist())),
            "quotes": day.counts.facts(),
            "history": {"sessions": len(there), "with_the_same_parents": len(alike)},
        }
        return Made(facts=facts)
