"""A level by second from the tables of a day: trades, best quotes, displayed sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..book.best_quotes import BestQuotes
from ..book.day_seconds import F64
from ..book.displayed_sizes import DisplayedSizes
from ..book.second_sums import SECOND_NS
from ..book.trades import Trades, counted_trades
from .level_kernel import merge_level
from .level_path import LevelPath
from .level_seconds import LevelSeconds
from .level_state import LevelEvents, Watches, new_standing
from .level_sums import (
    ADDED,
    BAND_FLOW,
    BAND_SIZE_NS,
    CANCELLED,
    SIZE_NS,
    LevelSums,
    new_level_sums,
)
from .touch_machine import new_machines

_FIELDS = {
    "added": ADDED,
    "cancelled": CANCELLED,
    "size_ns": SIZE_NS,
    "band_flow": BAND_FLOW,
    "band_size_ns": BAND_SIZE_NS,
}
_PRICES = 2**32  # more than there are prices, so that second and price make one key


@dataclass(frozen=True)
class LevelTables:
    """What the scan of a day left of its book, for any number of levels.

    Attributes
    ----------
    trades : Trades
        All T records, or those that count.
    quotes : BestQuotes
    displayed : DisplayedSizes
    start_ns, end_ns : int, ns since epoch UTC
        Start of the first second, end of the last.
    open_ns : int, ns since epoch UTC
        Open of the regular session, a whole second, where touch machines begin.
    """

    trades: Trades
    quotes: BestQuotes
    displayed: DisplayedSizes
    start_ns: int
    end_ns: int
    open_ns: int


def level_seconds(paths: list[LevelPath], tables: LevelTables) -> list[LevelSeconds]:
    """Return each level by second.

    Raises
    ------
    ValueError
        A level steps within a second.
    """
    trades = counted_trades(tables.trades)
    key = tables.displayed.second.astype(np.int64) * _PRICES + tables.displayed.price
    found = []
    for path in paths:
        into = (path.times - tables.start_ns) % SECOND_NS
        if np.any((path.times > tables.start_ns) & (into != 0)):
            raise ValueError(f"{path.name} steps within a second")
        sums = new_level_sums(tables.start_ns, tables.end_ns)
        place = path.place
        watches = Watches(path.start_ns(tables.open_ns), *(path.window or (-1, -1)))
        steps, values = place.times.astype(np.int64), place.ticks.astype(np.float64)
        merge_level(
            tables.start_ns,
            watches,
            LevelEvents(trades, tables.quotes, steps, values),
            new_standing(tables.start_ns),
            new_machines(2),
            sums,
        )
        level = LevelSeconds(path, sums, tables.start_ns)
        add_displayed(np.rint(level.place[:-1]), tables.displayed, key, sums)
        found.append(level)
    return found


def add_displayed(
    tick: F64, displayed: DisplayedSizes, key: npt.NDArray[np.int64], sums: LevelSums
) -> None:
    """Fill the sums of what was displayed at a level.

    Parameters
    ----------
    tick : float64 array, shape (seconds,), ticks
        ``tick(L)`` in each second, NaN where the level has no value.
    displayed : DisplayedSizes
    key : int64 array, shape (n,)
        Second times `_PRICES` plus price of each row: they increase.
    sums : LevelSums
    """
    seconds = np.flatnonzero(~np.isnan(tick))
    if not len(key) or not len(seconds):
        return
    wanted = seconds * _PRICES + tick[seconds].astype(np.int64)
    at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    is_there = key[at] == wanted
    seconds, at = seconds[is_there], at[is_there]
    for name, field in _FIELDS.items():
        sums.sums[seconds, field] = getattr(displayed, name)[at]
