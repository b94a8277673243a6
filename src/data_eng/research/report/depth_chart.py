"""The displayed depth by price and second about one touch, and the trades through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...catalogue.datasets import dataset
from ...features.book.day_seconds import F64, I64
from ...features.book.record_chunk import TRADE
from ...features.level.levels import level_named, level_words
from ...lake.paths import Partition
from ...lake.table import open_table
from ...records.arrow_columns import dollars, letters, values
from ...records.row_groups import RowGroups
from .day import OUTCOME, RECORDS, ReportDay, level_steps, new_york, times_ns
from .style import ASKS, BIDS, axis, layout

ABOUT_SECONDS: Final = 120
_NS: Final = 10**9
_LEVELS: Final = range(10)
_BOOK: Final = tuple(
    f"{side}_{what}_{k:02d}" for side in ("bid", "ask") for what in ("px", "sz") for k in _LEVELS
)
_COLUMNS: Final = ("ts_recv", "action", "side", "f_last", "price", "size", *_BOOK)
_REACH_TICKS: Final = 40
"""Farther than this from every best quote, trade and level nothing is drawn."""


@dataclass(frozen=True)
class DepthWindow:
    """Depth and trades about a touch.

    Attributes
    ----------
    seconds : int64 array, shape (n,), ns since epoch UTC
        Whole seconds; the book at each is the last complete one before it.
    prices : float64 array, shape (m,), dollars
    bids, asks : float64 array, shape (m, n), contracts
        Displayed size; NaN where nothing is displayed.
    level : tuple of int64 and float64 array
        Times from which the level has its prices within the window.
    trade_times : int64 array, shape (k,), ns since epoch UTC
    trade_prices : float64 array, shape (k,), dollars
    trade_sides : uint8 array, shape (k,)
        ASCII of the aggressor's side: B, A, N.
    """

    seconds: I64
    prices: F64
    bids: F64
    asks: F64
    trade_times: I64
    trade_prices: F64
    trade_sides: npt.NDArray[np.uint8]
    level: tuple[I64, F64]


def depth_window(day: ReportDay, touch_ns: int, level: str) -> DepthWindow:
    """Read the records of two minutes before and after a touch of a level."""
    first = (touch_ns // _NS - ABOUT_SECONDS) * _NS
    last = first + 2 * ABOUT_SECONDS * _NS
    seconds = np.arange(first, last + 1, _NS)
    # Price and size of ten levels at each second.
    sides = {side: np.full((2, len(_LEVELS), len(seconds)), np.nan) for side in ("bid", "ask")}
    trades = [(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.uint8))]
    partition = Partition(dataset(RECORDS), day.symbol, day.date)
    with open_table(day.lake_root, partition) as clean:
        groups = RowGroups(clean, _COLUMNS)
        for _, table in groups.between(first, last):
            times = np.maximum.accumulate(values(table["ts_recv"], np.int64))
            is_trade = letters(table["action"]) == TRADE
            is_book = np.array(table["f_last"].combine_chunks()) & ~is_trade
            rows = np.flatnonzero(is_trade & (times >= first) & (times < last))
            price, side = dollars(table["price"])[rows], letters(table["side"])[rows]
            trades.append((times[rows], price, side))
            books = np.flatnonzero(is_book)
            row = np.searchsorted(times[books], seconds) - 1
            for name, target in sides.items():
                _take(table, name, books, row, target)
    time, price, side = (np.concatenate(parts) for parts in zip(*trades, strict=True))
    steps = _steps(day, level, first, last)
    best = [sides["bid"][0, 0], sides["ask"][0, 0], price, steps[1]]
    tick = day.tick_size
    ticks = _ticks(
        np.concatenate(best), np.concatenate([px[0].ravel() for px in sides.values()]), tick
    )
    bids, asks = (_by_price(found, ticks, tick) for found in sides.values())
    prices = np.asarray(ticks * tick, np.float64)
    return DepthWindow(seconds, prices, bids, asks, time, price, side, steps)


def _take(table: Any, side: str, books: Any, row: Any, target: F64) -> None:
    # A later row group overwrites what an earlier one left for the seconds after its first book.
    seen = np.flatnonzero(row >= 0)
    if not len(seen):
        return
    at = books[row[seen]]
    for k in _LEVELS:
        target[0, k, seen] = dollars(table[f"{side}_px_{k:02d}"])[at]
        target[1, k, seen] = values(table[f"{side}_sz_{k:02d}"], np.int32)[at]


def _steps(day: ReportDay, level: str, first: int, last: int) -> tuple[I64, F64]:
    # From the step in force at the first second on; ends at the last.
    times, price = level_steps(day, level)
    begin = max(int(np.searchsorted(times, first, side="right")) - 1, 0)
    kept = slice(begin, int(np.searchsorted(times, last)))
    times, price = np.maximum(times[kept], first), price[kept]
    return np.append(times, last) if len(times) else times, np.append(price, price[-1:])


def _ticks(near: F64, displayed: F64, tick: float) -> I64:
    # Every displayed price that is not far from all of ``near``.
    near = near[~np.isnan(near)]
    if not len(near):
        return np.zeros(0, np.int64)
    low, high = near.min() - _REACH_TICKS * tick, near.max() + _REACH_TICKS * tick
    shown = displayed[(displayed >= low) & (displayed <= high)]
    both = np.rint(np.append(near, shown) / tick).astype(np.int64)
    return np.arange(both.min(), both.max() + 1)


def _by_price(side: F64, ticks: I64, tick: float) -> F64:
    # Shape (prices, seconds).
    price, size = side
    shown = np.full((len(ticks), price.shape[1]), np.nan)
    if not len(ticks):
        return shown
    place = np.rint(np.nan_to_num(price / tick, nan=-1.0)).astype(np.int64) - ticks[0]
    inside = ~np.isnan(price) & (place >= 0) & (place < len(ticks))
    _, second = np.nonzero(inside)
    shown[place[inside], second] = size[inside]
    return shown


def depth_chart(day: ReportDay, touch: int) -> Any:
    """Return the figure of a touch, by its position in the outcome table."""
    import plotly.graph_objects as go  # noqa: PLC0415 - for reports alone

    outcomes = day.tables[OUTCOME]
    touch_ns = int(times_ns(outcomes, "touch_ts")[touch])
    level = outcomes["level"][touch].as_py()
    window = depth_window(day, touch_ns, level)
    figure = go.Figure()
    largest = float(
        np.nanmax([np.nanmax(window.bids, initial=1), np.nanmax(window.asks, initial=1)])
    )
    for name, sizes, colours, x in (
        ("bids", window.bids, BIDS, 1.01),
        ("asks", window.asks, ASKS, 1.07),
    ):
        figure.add_trace(
            go.Heatmap(
                x=new_york(window.seconds), y=window.prices, z=sizes, colorscale=colours,
                zmin=0, zmax=largest, name=name, hoverongaps=False,
                colorbar={"title": {"text": name}, "x": x, "thickness": 12, "len": 0.9},
                hovertemplate="%{x|%H:%M:%S}<br>%{y:,.2f}: %{z:.0f} contracts<extra>" + name
                + "</extra>",
            )
        )  # fmt: skip
    for code, name, colour in (("B", "buys", "#0B3C5D"), ("A", "sells", "#7A1F1F")):
        rows = np.flatnonzero(window.trade_sides == ord(code))
        figure.add_trace(
            go.Scatter(
                x=new_york(window.trade_times[rows]), y=window.trade_prices[rows], name=name,
                mode="markers", marker={"color": colour, "size": 4},
                hovertemplate="%{x|%H:%M:%S.%L}<br>%{y:,.2f}<extra>" + name + "</extra>",
            )
        )  # fmt: skip
    ends = new_york(window.seconds[[0, -1]])
    figure.add_trace(
        go.Scatter(
            x=new_york(window.level[0]), y=window.level[1], mode="lines", name=level_words(level),
            line={"color": level_named(level).colour, "width": 2, "shape": "hv"},
        )
    )  # fmt: skip
    at = str(new_york(np.array([touch_ns]))[0])
    line = {"type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1}
    figure.update_layout(
        **layout(
            460,
            xaxis=axis("New York time", tickformat="%H:%M:%S", range=[str(x) for x in ends]),
            yaxis=axis("index points", tickformat=",.2f"),
            shapes=[{**line, "line": {"color": "#555555", "width": 1, "dash": "dot"}}],
        )
    )
    figure.update_layout(margin={"l": 70, "r": 130, "t": 16, "b": 64})
    return figure
