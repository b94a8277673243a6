"""How a level moves: its values and when each comes into force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ..book.day_seconds import F64, I64
from .levels import MOVING, level_named

BEGINNING_NS: Final = 0
"""Before every record, ns since epoch UTC."""


@dataclass(frozen=True)
class LevelPath:
    """A level of one date and contract.

    Attributes
    ----------
    name : str
        Of a level that is declared.
    times : int64 array, shape (n,), ns since epoch UTC
        When each value comes into force, increasing; a fixed level has one, or none.
    ticks : float64 array, shape (n,), ticks
        The values, NaN where the level lapses.
    set_ns : int or None, ns since epoch UTC
        Receipt of the trade that set the extreme.
    window : tuple of int or None, ns since epoch UTC
        Start and end of the window whose extreme it is.
    """

    name: str
    times: I64
    ticks: F64
    set_ns: int | None
    window: tuple[int, int] | None

    @property
    def is_moving(self) -> bool:
        """Whether the level takes a new value at every bar close."""
        return level_named(self.name).kind == MOVING

    @property
    def place(self) -> LevelPath:
        """The path as windows look back on it: a fixed level lies there from the beginning on."""
        if self.is_moving or self.known_ns is None:
            return self
        return replace(self, times=np.array([BEGINNING_NS]), ticks=self.ticks[:1])

    def at(self, times: I64) -> F64:
        """Return the value in force at times (ns since epoch UTC), NaN where there is none."""
        # The last value is that of times before the first.
        return np.append(self.ticks, np.nan)[np.searchsorted(self.times, times, side="right") - 1]

    def since(self, start_ns: int) -> LevelPath:
        """Return the path from a time on, with the value that stands then as its first."""
        last = int(np.searchsorted(self.times, start_ns, side="right")) - 1
        if last < 0:
            return self
        times = np.concatenate([[start_ns], self.times[last + 1 :]])
        return replace(self, times=times, ticks=self.ticks[last:])

    @property
    def known_ns(self) -> int | None:
        """When the level has its first value, None without one."""
        known = np.flatnonzero(~np.isnan(self.ticks))
        return int(self.times[known[0]]) if len(known) else None

    def start_ns(self, open_ns: int) -> int:
        """Return when touches and what counts "since" begin, ns since epoch UTC.

        When the level is known, at the open of the regular session at the earliest.
        """
        return open_ns if self.known_ns is None else max(self.known_ns, open_ns)


def steps_of(paths: Sequence[LevelPath]) -> tuple[I64, F64]:
    """Return (time, level) and value of every step, in order of time, then of level.

    Returns
    -------
    tuple
        int64 array of shape (k, 2), ns since epoch UTC and position of the path, and float64 array
        of shape (k,), ticks, NaN where the level lapses.
    """
    times = np.concatenate([path.times for path in paths]).astype(np.int64)
    level = np.repeat(np.arange(len(paths)), [len(path.times) for path in paths])
    values = np.concatenate([path.ticks for path in paths]).astype(np.float64)
    order = np.argsort(times, kind="stable")
    return np.stack([times, level], axis=1)[order], values[order]
