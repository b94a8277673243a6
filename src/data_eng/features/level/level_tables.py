"""A level by second from the tables of a day: trades, best quotes, displayed sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..book.best_quotes import BestQuotes
from ..book.day_seconds import F64, I64
from ..book.displayed_sizes import DisplayedSizes
from ..book.second_sums import SECOND_NS
from ..book.trades import Trades, counted_trades
from .level_kernel import merge_level
from .level_path import LevelPath
from .level_seconds import LevelSeconds
from .level_state import LevelEvents, new_standing
from .level_sums import (
    ADDED,
    BAND_DEPTH,
    BAND_FLOW,
    CANCELLED,
    SIZE_NS,
    LevelSums,
    new_level_sums,
)
from .touch_machine import new_machines

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
    changes : int64 array, shape (seconds,)
        Changes of the book by second, `second_sums.CHANGES`.
    start_ns : int, ns since epoch UTC
        Start of the first second.
    """

    trades: Trades
    quotes: BestQuotes
    displayed: DisplayedSizes
    changes: I64
    start_ns: int

    @property
    def end_ns(self) -> int:
        """End of the last second, ns since epoch UTC."""
        return self.start_ns + len(self.changes) * SECOND_NS


def level_seconds(paths: list[LevelPath], tables: LevelTables) -> list[LevelSeconds]:
    """Return each level by second.

    A fixed level has its place among the trades from the first second on; everything else of a
    level begins when it is known, which may be before the first second.

    Raises
    ------
    ValueError
        A level steps within a second.
    """
    trades = counted_trades(tables.trades)
    changes = np.concatenate([[0], np.cumsum(tables.changes)])
    key = tables.displayed.second.astype(np.int64) * _PRICES + tables.displayed.price
    found = []
    for path in paths:
        into = (path.times - tables.start_ns) % SECOND_NS
        if np.any((path.times > tables.start_ns) & (into != 0)):
            raise ValueError(f"{path.name} steps within a second")
        sums = new_level_sums(tables.start_ns, tables.end_ns)
        is_fixed = not path.is_moving and len(path.ticks) > 0 and not np.isnan(path.ticks[0])
        tick = int(np.floor(path.ticks[0] + 0.5)) if is_fixed else None
        events = LevelEvents(
            trades,
            tables.quotes,
            changes,
            path.times.astype(np.int64),
            path.ticks.astype(np.float64),
        )
        merge_level(
            tables.start_ns, events, new_standing(tables.start_ns, tick), new_machines(1), sums
        )
        level = LevelSeconds(path, sums, tables.start_ns)
        add_displayed(level.nearest_tick[:-1], tables.displayed, key, sums)
        found.append(level)
    return found


def add_displayed(
    tick: F64, displayed: DisplayedSizes, key: npt.NDArray[np.int64], sums: LevelSums
) -> None:
    """Fill the sums of what was displayed at a level.

    Parameters
    ----------
    tick : float64 array, shape (seconds,), ticks
        ``tick(L)`` in force in each second, NaN where the level has no value.
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
    sums.sums[seconds, ADDED] = displayed.added[at]
    sums.sums[seconds, CANCELLED] = displayed.cancelled[at]
    sums.sums[seconds, BAND_FLOW] = displayed.band_flow[at]
    sums.sums[seconds, BAND_DEPTH] = displayed.band_depth[at]
    sums.sums[seconds, SIZE_NS] = displayed.size_ns[at]
