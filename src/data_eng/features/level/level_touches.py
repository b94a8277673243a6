"""The touches of levels: when each began, from which side, how far it went, when it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, I64
from ..book.market_events import MarketEvents
from ..book.second_sums import SECOND_NS
from ..definitions import MID_AFTER_SECONDS
from .level_path import LevelPath, steps_of
from .touch_search import LevelEvents, new_search, search_touches

_FIRST_ROOM: Final = 256


@dataclass(frozen=True)
class Touches:
    """Touches in order of start, of equal times in order of level.

    Attributes
    ----------
    level : int64 array, shape (n,)
        Position of the level among the paths.
    touch_ns : int64 array, shape (n,), ns since epoch UTC
        Receipt of the trade that started it.
    end_ns : int64 array, shape (n,), ns since epoch UTC
        Receipt of the book that ended it, -1 where it was still in progress.
    side, cause : int64 array, shape (n,)
        -1 from below, 1 from above; `touch_machine.PRICE` or `LEVEL_STEP`.
    is_rejected : bool array, shape (n,)
        Whether it ended on the side that it came from; False while it is in progress.
    penetration : float64 array, shape (n,), ticks
        Largest excursion of a trade beyond the level so far, at least 0.
    mid_after : float64 array, shape (n,), ticks
        Mid `MID_AFTER_SECONDS` after the start; NaN without a valid quote or records then.
    """

    level: I64
    touch_ns: I64
    end_ns: I64
    side: I64
    cause: I64
    is_rejected: npt.NDArray[np.bool_]
    penetration: F64
    mid_after: F64

    def __len__(self) -> int:
        return len(self.level)

    @property
    def feature_ns(self) -> I64:
        """First whole second after each start, ns since epoch UTC: whose features have seen it."""
        return (self.touch_ns // SECOND_NS + 1) * SECOND_NS

    def on_grid(self, first_ns: int, last_ns: int) -> Touches:
        """Return those whose `feature_ns` lies on a grid, both ends included."""
        return self.only((self.feature_ns >= first_ns) & (self.feature_ns <= last_ns))

    def only(self, rows: npt.NDArray[np.bool_]) -> Touches:
        """Return some of them."""
        return Touches(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def level_touches(
    paths: Sequence[LevelPath],
    events: MarketEvents,
    open_ns: int,
    until_ns: int,
    last_ns: int,
) -> Touches:
    """Return the touches of levels in a part of the day, as the touch machine finds them.

    Parameters
    ----------
    paths : sequence of LevelPath
    events : MarketEvents
        Of the whole day, up to `MID_AFTER_SECONDS` after ``until_ns``.
    open_ns : int, ns since epoch UTC
        The machine begins then, or when a level is known if that is later, with the mid that
        stands.
    until_ns : int, ns since epoch UTC
        Nothing from then on moves the machine: touches under way have no end.
    last_ns : int, ns since epoch UTC
        Time of the last record that there is; what comes after is not known.
    """
    steps, values = steps_of([path.since(path.start_ns(open_ns)) for path in paths])
    taken = LevelEvents(events.times, events.is_trade, events.value, steps, values)
    search = new_search(len(paths), max(_FIRST_ROOM, 2 * len(paths)))
    done, count = 0, int(np.searchsorted(events.times, until_ns))
    while done < count:
        done = int(search_touches(taken, done, until_ns, search))
        if done < count:
            room = search.touches
            search = search._replace(touches=np.concatenate([room, np.zeros_like(room)]))
    found = search.touches[: int(search.state["found"][0])]
    # Trades at one time may start several touches: then in order of level.
    found = found[np.lexsort((found["level"], found["touch_ns"]))]
    return Touches(
        level=found["level"].copy(),
        touch_ns=found["touch_ns"].copy(),
        end_ns=found["end_ns"].copy(),
        side=found["side"].copy(),
        cause=found["cause"].copy(),
        is_rejected=found["rejected"] != 0,
        penetration=found["penetration"].copy(),
        mid_after=_mid_after(events, found["touch_ns"], last_ns),
    )


def _mid_after(events: MarketEvents, touch_ns: I64, last_ns: int) -> F64:
    books = np.flatnonzero(~events.is_trade)
    at = touch_ns + MID_AFTER_SECONDS * SECOND_NS
    # Before the first book there is none: the NaN at the end.
    mids = np.append(events.value[books], np.nan)
    mid = mids[np.searchsorted(events.times[books], at) - 1]
    return np.where(last_ns >= at, mid, np.nan)
