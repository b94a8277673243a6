"""The price levels of a date, and when each is known.

1. `SilverLevel.load` opens the date's records and 2-minute bars.
2. `transform` reads the trades of the pre-market and of the opening range for their extremes, and
   the bars for the moving average.
3. The rows are written as one row group: a row for each high and low, and one for each bar close
   from the 90th on. `read_levels` reads them back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from ...arrow_arrays import arrow_array, string_array
from ...contract import Contract
from ...datasets import Dataset
from ...errors import ContractError
from ...feature_tables import LEVELS
from ...features.book.record_chunk import FLAG_SNAPSHOT, NO_PRICE, TRADE, to_ticks
from ...features.level.level_path import MOVING, LevelPath
from ...features.level.prices import (
    MAX_SPAN_MINUTES,
    SMA_BARS,
    MovingAverage,
    WindowExtremes,
    simple_moving_average,
)
from ...features.products import known_product, why_unknown
from ...lake.part import PartWriter
from ...sessions import NEW_YORK, RTH_OPEN, window_ns
from ...settings import Settings
from ...stage import Context, Stage
from ...trading_calendar import closure_reason
from ..partition_input import (
    LEVEL_PARAMETERS,
    LoadedPartition,
    LoadedPartitions,
    inherited_facts,
    load_partitions,
)
from .mbp10_arrays import RowGroups, dollars, letters, nulls, sizes, values
from .ohlcv_2m import BAR_NS

FIXED: Final = tuple(name for name in LEVELS if name != MOVING)
MISSING_FACT: Final = "missing"
"""Fact of the manifest: why a level has no price, by level."""

_COLUMNS: Final = ("ts_recv", "action", "flags", "price", "size")
_NO_TIME = 0


@dataclass(frozen=True)
class _Row:
    level: str
    known_ns: int | None = None
    set_ns: int | None = None
    price: float = np.nan
    window: tuple[int, int] | None = None


class SilverLevel(Stage):
    """Silver ``level``: Pre-Market High and Low, Opening Range High and Low, SMA 90.

    Highs and lows are of trades, whatever their side. Nothing is known before the end of its
    window; a level without a trade in its window, and every level of a date without a regular
    session, has a row without a price, and the manifest says why.

    Parameters
    ----------
    records, bars : Dataset
        The MBP-10 table and the 2-minute bars.
    output : Dataset
    """

    name: ClassVar[str] = "silver_level"
    version: ClassVar[int] = 2

    def __init__(self, records: Dataset, bars: Dataset, output: Dataset) -> None:
        self.sources = (records, bars)
        self.output = output
        self.reads = (records.key, bars.key)

    def exclusion(self, symbol: str) -> str | None:
        """Return why there are no levels for a symbol, else None."""
        return why_unknown(symbol)

    def parameters(self, context: Context, symbol: str) -> Mapping[str, Any]:
        """Return the windows, the moving average and the tick."""
        tick_size = known_product(symbol).tick_size
        return {**level_parameters(context.settings), "tick_size": tick_size}

    def load(self, context: Context, symbol: str, date: dt.date) -> LoadedPartitions:
        """Open the date's records and bars."""
        return load_partitions(context.settings.lake_root, self.sources, self.output, symbol, date)

    def transform(
        self, context: Context, loaded: LoadedPartitions, writer: PartWriter
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Find the levels and write their rows."""
        records, bars = loaded.partitions
        tick_size = known_product(loaded.partition.symbol).tick_size
        date = loaded.partition.date
        closed = closure_reason(date)
        if closed is None:
            rows, missing = self._rows(context, loaded, tick_size)
        else:
            rows = [_Row(name) for name in LEVELS]
            missing = dict.fromkeys(LEVELS, f"no regular session: {closed}")
            for one in (records, bars):
                one.open_part()  # what is recorded as an input is verified
        writer.write(_batch(rows, self.output.contract()))
        facts = {
            **inherited_facts(records.source.manifest),
            LEVEL_PARAMETERS: level_parameters(context.settings),
            MISSING_FACT: missing,
        }
        return {}, facts

    def _rows(
        self, context: Context, loaded: LoadedPartitions, tick_size: float
    ) -> tuple[list[_Row], dict[str, str]]:
        records, bars = loaded.partitions
        pre_market, opening_range = _windows(context.settings, loaded.partition.date)
        extremes = {"pm": WindowExtremes(*pre_market), "or": WindowExtremes(*opening_range)}
        _add_trades(context, records, tick_size, extremes)
        rows, missing = [], {}
        for name in FIXED:
            found = extremes[name[:2]]
            is_high = name.endswith("high")
            price, set_ns = (found.high, found.high_ns) if is_high else (found.low, found.low_ns)
            window = (found.start_ns, found.end_ns)
            if price is None:
                missing[name] = "no trade in the window"
                rows.append(_Row(name, found.end_ns, window=window))
            else:
                rows.append(_Row(name, found.end_ns, set_ns, price * tick_size, window))
        average = _moving_average(bars, tick_size)
        if not len(average.known_ns):
            missing[MOVING] = f"fewer than {SMA_BARS} bars"
            return [*rows, _Row(MOVING)], missing
        if np.isnan(average.price).all():
            missing[MOVING] = f"{SMA_BARS} bars span more than {MAX_SPAN_MINUTES} minutes"
        columns = zip(average.known_ns, average.price, average.start_ns, strict=True)
        rows += [_Row(MOVING, int(t), None, float(p), (int(s), int(t))) for t, p, s in columns]
        return rows, missing


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


def read_levels(levels: LoadedPartition, tick_size: float) -> list[LevelPath]:
    """Return the levels of a partition, in the order of `LEVELS`.

    Parameters
    ----------
    levels : LoadedPartition
        Of the level table; its file is opened.
    tick_size : float, dollars
    """
    table = pq.ParquetFile(levels.open_part(), page_checksum_verification=True).read()
    names = np.array(table["level"].to_pylist())
    ticks = dollars(table["price"]) / tick_size
    times = {name: values(table[name], np.int64) for name in ("known_at", "set_at")}
    start, end = (values(table[name], np.int64) for name in ("window_start", "window_end"))
    is_known = ~nulls(table["known_at"])
    is_set = ~nulls(table["set_at"])
    found = []
    for name in LEVELS:
        rows = np.flatnonzero((names == name) & is_known)
        if name == MOVING:
            # A mean of whole ticks: their sum is whole.
            path = np.rint(ticks[rows] * SMA_BARS) / SMA_BARS
            found.append(LevelPath(name, times["known_at"][rows], path, None, None))
            continue
        rows = rows[~np.isnan(ticks[rows])]
        set_ns = int(times["set_at"][rows[0]]) if len(rows) and is_set[rows[0]] else None
        window = (int(start[rows[0]]), int(end[rows[0]])) if len(rows) else None
        known = times["known_at"][rows]
        found.append(LevelPath(name, known, np.rint(ticks[rows]), set_ns, window))
    return found


def _windows(settings: Settings, date: dt.date) -> tuple[tuple[int, int], tuple[int, int]]:
    start = dt.time.fromisoformat(settings.pre_market_start)
    pre_market = window_ns(date, start, RTH_OPEN)
    end_ns = pre_market[1] + settings.opening_range_minutes * 60 * 10**9
    return pre_market, (pre_market[1], end_ns)


def _add_trades(
    context: Context,
    records: LoadedPartition,
    tick_size: float,
    extremes: Mapping[str, WindowExtremes],
) -> None:
    groups = RowGroups(records.open_part(), _COLUMNS, str(records.source.partition))
    start_ns = min(window.start_ns for window in extremes.values())
    end_ns = max(window.end_ns for window in extremes.values())
    last_ns = _NO_TIME
    for first_row, table in groups.between(start_ns, end_ns):
        times = np.maximum(np.maximum.accumulate(values(table["ts_recv"], np.int64)), last_ns)
        last_ns = int(times[-1]) if len(times) else last_ns
        is_trade = (letters(table["action"]) == TRADE) & (sizes(table["size"]) >= 0)
        is_trade &= values(table["flags"], np.int32) & FLAG_SNAPSHOT == 0
        rows = np.flatnonzero(is_trade)
        price = np.empty(len(rows), np.int32)
        exact = dollars(table["price"])[rows]
        wrong = to_ticks(exact, tick_size, price)
        if wrong >= 0:
            raise ContractError(
                f"{groups.where}: field price, row {first_row + rows[wrong]}: {exact[wrong]} is no "
                f"whole number of ticks of {tick_size}; nothing was published"
            )
        is_priced = price != NO_PRICE
        for window in extremes.values():
            window.add(times[rows][is_priced], price[is_priced])
    context.progress(1.0)


def _moving_average(bars: LoadedPartition, tick_size: float) -> MovingAverage:
    file = pq.ParquetFile(bars.open_part(), page_checksum_verification=True)
    table = file.read(columns=["ts_start", "ts_end", "close"])
    if not len(table):
        nothing = np.zeros(0, np.int64)
        return MovingAverage(nothing, nothing, np.zeros(0))
    ticks = np.rint(dollars(table["close"]) / tick_size).astype(np.int64)
    start, end = (values(table[name], np.int64) for name in ("ts_start", "ts_end"))
    return simple_moving_average(ticks, start, end, tick_size)


def _batch(rows: list[_Row], contract: Contract) -> pa.RecordBatch:
    schema = contract.arrow_schema
    known = [row.known_ns for row in rows]
    columns: dict[str, npt.NDArray[Any]] = {
        "known_at": _times(known),
        "known_at_est": _times(known),
        "set_at": _times([row.set_ns for row in rows]),
        "price": np.array([row.price for row in rows]),
        "window_start": _times([row.window and row.window[0] for row in rows]),
        "window_end": _times([row.window and row.window[1] for row in rows]),
    }
    kind = schema.field("level").type
    codes = np.array([LEVELS.index(row.level) for row in rows], kind.index_type.to_pandas_dtype())
    indices = arrow_array(codes, kind.index_type)
    arrays = [pa.DictionaryArray.from_arrays(indices, string_array(LEVELS))]
    for name, column in columns.items():
        is_null = np.isnan(column) if name == "price" else column == _NO_TIME
        arrays.append(arrow_array(column, schema.field(name).type, is_null))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _times(found: list[int | None]) -> npt.NDArray[np.int64]:
    return np.array([_NO_TIME if t is None else t for t in found], np.int64)
