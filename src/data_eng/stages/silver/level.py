"""The price levels of a date, and when each is known.

1. `SilverLevel` reads the date's trades and 2-minute bars, and what levels declare of
   sessions before.
2. `transform` reads the trades of the windows that the levels declare, and the bars: the inputs of
   the levels' price rules (`features.level.levels`).
3. Each level's rule gives its prices; the rows are written as one row group: a row for a fixed
   level, one for each step of a moving one. `read_levels` reads them back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...arrays import arrow_array, string_array
from ...catalogue.contract import Contract
from ...catalogue.datasets import dataset
from ...catalogue.tables import BARS, LEVEL, TRADES
from ...exchange.calendar import closure_reason
from ...exchange.products import known_product, why_unknown
from ...exchange.sessions import NEW_YORK, RTH_OPEN, utc_day_ns, window_ns
from ...features.level.level_inputs import (
    DATE,
    OPENING_RANGE,
    PRE_MARKET,
    LevelInputs,
    LevelPrices,
    LevelTrades,
    no_price,
)
from ...features.level.levels import level_names, levels, sessions_back
from ...features.level.prices import MAX_SPAN_MINUTES, SMA_BARS
from ...lake.inputs import LEVEL_PARAMETERS, inherited_facts
from ...lake.table import Table
from ...settings import Settings
from ..inputs import Inputs
from ..reads import Declared, Read, ReadEarlier
from ..stage import Stage
from ..target import Context, Made, Target, Writers
from .ohlcv_2m import BAR_NS

MISSING_FACT: Final = "missing"
"""Fact of the manifest: why a level has no price, by level."""

_NO_TIME = 0

I64 = npt.NDArray[np.int64]


class SilverLevel(Stage):
    """Silver ``level``: the prices of every level, and when each is known.

    Highs and lows are of trades, whatever their side. A level without a price has a row without
    one, so has every level of a date without a regular session, and the manifest says why.
    """

    name: ClassVar[str] = "silver_level"
    version: ClassVar[int] = 3

    writes = (dataset(LEVEL),)

    @property
    def reads(self) -> tuple[Declared, ...]:  # type: ignore[override]
        """The date's trades and bars, and the bars of the sessions that a level looks back at."""
        back = sessions_back()
        own = (Read(TRADES), Read(BARS))
        return (*own, ReadEarlier(BARS, back, early_closes=True)) if back else own

    def exclusion(self, symbol: str) -> str | None:
        """Return why there are no levels for a symbol, else None."""
        return why_unknown(symbol)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return the windows, the moving average and the tick."""
        tick_size = known_product(symbol).tick_size
        return {**level_parameters(settings), "tick_size": tick_size}

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Find the levels and write their rows."""
        tick_size = known_product(target.symbol).tick_size
        closed = closure_reason(target.date)
        if closed is None:
            read = self._read(context.settings, inputs, tick_size)
            found = {level.name: level.price_rule(read) for level in levels()}
        else:
            found = {name: no_price(f"no regular session: {closed}") for name in level_names()}
        writers[self.output].write(_batch(found, tick_size, self.output.contract()))
        missing = {name: one.missing for name, one in found.items() if one.missing is not None}
        facts = {
            **inherited_facts(inputs[TRADES].manifest),
            LEVEL_PARAMETERS: level_parameters(context.settings),
            MISSING_FACT: missing,
        }
        return Made(facts=facts)

    def _read(self, settings: Settings, inputs: Inputs, tick_size: float) -> LevelInputs:
        from ...records.level_bars import read_level_bars  # noqa: PLC0415 - of transforms

        windows = _windows(settings, inputs.date)
        names = {level.window for level in levels() if level.window is not None}
        span = (min(windows[name][0] for name in names), max(windows[name][1] for name in names))
        earlier = inputs.earlier(BARS) if sessions_back() else ()
        return LevelInputs(
            trades=_trades(inputs[TRADES].table, tick_size, span),
            bars=read_level_bars(inputs[BARS].table, tick_size),
            earlier_bars=tuple(
                None if one.table is None else read_level_bars(one.table.table, tick_size)
                for one in earlier
            ),
            windows=windows,
            tick_size=tick_size,
        )


def level_parameters(settings: Settings) -> dict[str, Any]:
    """Return the windows of the levels and the moving average."""
    return {
        "pre_market": {
            "start": settings.pre_market_start,
            "end": RTH_OPEN.isoformat("minutes"),
            "time_zone": NEW_YORK.key,
        },
        "opening_range_minutes": settings.opening_range_minutes,
        "sma": {
            "bars": SMA_BARS,
            "bar_seconds": BAR_NS // 10**9,
            "max_span_minutes": MAX_SPAN_MINUTES,
        },
    }


def _windows(settings: Settings, date: dt.date) -> dict[str, tuple[int, int]]:
    start = dt.time.fromisoformat(settings.pre_market_start)
    pre_market = window_ns(date, start, RTH_OPEN)
    end_ns = pre_market[1] + settings.opening_range_minutes * 60 * 10**9
    return {
        DATE: utc_day_ns(date),
        PRE_MARKET: pre_market,
        OPENING_RANGE: (pre_market[1], end_ns),
    }


def _trades(trades: Table, tick_size: float, span: tuple[int, int]) -> LevelTrades:
    from ...features.book.trades import counted_trades  # noqa: PLC0415 - compiled
    from ...records.trades import read_trades  # noqa: PLC0415

    found = counted_trades(read_trades(trades, tick_size, span[1]))
    first, last = np.searchsorted(found.ts_recv, span)
    return LevelTrades(found.ts_recv[first:last], found.price[first:last])


def _batch(
    found: Mapping[str, LevelPrices], tick_size: float, contract: Contract
) -> pa.RecordBatch:
    schema = contract.arrow_schema
    names = level_names()
    rows = [_columns(found[name], tick_size) for name in names]
    columns = {name: np.concatenate([one[name] for one in rows]) for name in rows[0]}
    kind = schema.field("level").type
    counts = [len(one["price"]) for one in rows]
    codes = np.repeat(np.arange(len(names)), counts).astype(kind.index_type.to_pandas_dtype())
    indices = arrow_array(codes, kind.index_type)
    arrays = [pa.DictionaryArray.from_arrays(indices, string_array(names))]
    for name, column in columns.items():
        is_null = np.isnan(column) if name == "price" else column == _NO_TIME
        arrays.append(arrow_array(column, schema.field(name).type, is_null))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _columns(prices: LevelPrices, tick_size: float) -> dict[str, npt.NDArray[Any]]:
    # One row even where the level has no value: the table names every level.
    if not len(prices.known_ns):
        nothing = np.full(1, _NO_TIME, np.int64)
        times = dict.fromkeys(("known_at", "known_at_est", "set_at"), nothing)
        window = dict.fromkeys(("window_start", "window_end"), nothing)
        return {**times, "price": np.full(1, np.nan), **window}
    set_ns = _NO_TIME if prices.set_ns is None else prices.set_ns
    return {
        "known_at": prices.known_ns,
        "known_at_est": prices.known_ns,
        "set_at": np.full(len(prices.known_ns), set_ns, np.int64),
        "price": prices.ticks * tick_size,
        "window_start": prices.windows[:, 0],
        "window_end": prices.windows[:, 1],
    }
