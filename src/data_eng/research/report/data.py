"""What the scripts of a day's page draw from: JSON values, and arrays by second."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from ...catalogue.tables import BARS
from ...features.book.record_chunk import NO_PRICE
from ...features.level.levels import level_names
from ..web.payload import Arrays
from .book import ABOUT_SECONDS, book_seconds
from .day import ReportDay, numbers, times_ns
from .gaps import Gap
from .levels import DID, level_lines
from .touches import features_at_touches
from .tracks import Track, grid_start_ns, track_names, tracks

_MARKET: Final = ("open", "high", "low", "close", "volume")


def day_data(
    day: ReportDay,
    touches: Sequence[dict[str, Any]],
    found: Sequence[Gap],
    *,
    touch: int | None,
    features: Sequence[str] | None,
) -> tuple[dict[str, Any], Arrays]:
    """Return the JSON values and the arrays of a page.

    Parameters
    ----------
    day : ReportDay
    touches : sequence of dict
        As of `touches.touch_rows`.
    found : sequence of Gap
    touch : int, optional
        The touch that is shown first.
    features : sequence of str, optional
        As for `tracks.track_names`.

    Raises
    ------
    UsageError
        A feature that no table of the day has.
    """
    arrays = Arrays()
    shown = track_names(features)
    names = list(dict.fromkeys(name for level in level_names() for name in shown[level]))
    start, end = day.clock_seconds(np.array(day.window_ns))
    book = book_seconds(day)
    values: dict[str, Any] = {
        "tick": day.tick_size,
        "decimals": day.decimals,
        "start": float(day.clock_seconds(np.array([day.start_ns]))[0]),
        "open": float(start),
        "end": float(end),
        "did": DID,
        "levels": level_lines(day),
        "bars": _bars(day),
        "gaps": [
            [*day.clock_seconds(np.array([one.start_ns, one.end_ns])).tolist(), one.what]
            for one in found
        ],
        "touches": list(touches),
        "features": features_at_touches(day),
        "chosen": touch,
        "book": {
            "start": float(day.clock_seconds(np.array([book.start_ns]))[0]),
            "seconds": book.prices.shape[-1],
            "about": ABOUT_SECONDS,
            "none": int(NO_PRICE),
        },
        "grid": float(day.clock_seconds(np.array([grid_start_ns(day)]))[0]),
        "tracks": [
            {"name": one.name, "unit": one.unit} for one in _packed_tracks(day, names, arrays)
        ],
        "shown": {level: [names.index(name) for name in shown[level]] for level in shown},
    }
    arrays.add("prices", book.prices, differences=True)
    arrays.add("sizes", book.sizes)
    arrays.add("tradeSecond", book.trade_second, differences=True)
    for name, column in (
        ("tradePrice", book.trade_price),
        ("bought", book.bought),
        ("sold", book.sold),
        ("unsided", book.unsided),
    ):
        arrays.add(name, column)
    values["arrays"] = arrays.index
    return values, arrays


def _packed_tracks(day: ReportDay, names: Sequence[str], arrays: Arrays) -> Iterator[Track]:
    for n, one in enumerate(tracks(day, names)):
        arrays.add(f"track{n}", one.values)
        yield one


def _bars(day: ReportDay) -> dict[str, list[float]]:
    # From the start of the pre-market to the end of the grid.
    table = day.tables[BARS]
    begin = times_ns(table, "ts_start")
    rows = np.flatnonzero((begin >= day.start_ns) & (begin < day.window_ns[1]))
    found = {name: numbers(table, name)[rows].tolist() for name in _MARKET}
    return {"time": day.clock_seconds(begin[rows]).tolist(), **found}
