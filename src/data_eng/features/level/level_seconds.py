"""One level by second: its value, window sums, and the touch machine at whole seconds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..book.day_seconds import F64, I64, DaySeconds
from ..book.second_sums import SECOND_NS
from .level_path import LevelPath
from .level_sums import LevelSums


@dataclass(frozen=True)
class LevelSeconds:
    """What a day's tables tell of one level.

    Seconds are counted from the start of the sums; what stands for a second comes from records
    before it.

    Attributes
    ----------
    path : LevelPath
    level_sums : LevelSums
    start_ns : int, ns since epoch UTC
        Start of the sums.
    """

    path: LevelPath
    level_sums: LevelSums
    start_ns: int

    @property
    def known_second(self) -> int | None:
        """The first second at which the level has a value, None without one; it may be negative."""
        known_ns = self.path.known_ns
        return None if known_ns is None else -(-(known_ns - self.start_ns) // SECOND_NS)

    def start_seconds(self, day: DaySeconds) -> I64:
        """Return where what counts "since" begins (`LevelPath.start_ns`), not after each row."""
        first = -(-(self.path.start_ns(day.open_ns) - self.start_ns) // SECOND_NS)
        return np.minimum(first, day.rows)

    @cached_property
    def ticks(self) -> F64:
        """The level in force at each second, shape (seconds + 1,), ticks; NaN where it has none."""
        times = self.start_ns + np.arange(len(self.level_sums.touch)) * SECOND_NS
        return self.path.at(times)

    @cached_property
    def place(self) -> F64:
        """Where the level lies at each second, ticks: a fixed one also before it is known."""
        return LevelSeconds(self.path.place, self.level_sums, self.start_ns).ticks

    @cached_property
    def nearest_tick(self) -> F64:
        """``tick(L)`` at each second, half to even, NaN where the level has no value."""
        return np.rint(self.ticks)

    def step_second(self, time_ns: I64) -> I64:
        """Return the second in which times lie."""
        return (time_ns - self.start_ns) // SECOND_NS

    def seconds_since(self, time_ns: I64, seconds: I64) -> F64:
        """Return the seconds from times, ns since epoch, to whole seconds."""
        return (self.start_ns + seconds * SECOND_NS - time_ns) / SECOND_NS

    def between(self, field: int, begin: I64, end: I64) -> I64:
        """Return the sum of a field of `LevelSums.sums` over ``[begin, end)``."""
        total = self._cumulative[:, field]
        sums: I64 = total[end] - total[np.maximum(begin, 0)]
        return sums

    def touch(self, field: str, seconds: I64) -> I64:
        """Return an integer of `touch_machine.TOUCH_STATE` at whole seconds."""
        values: I64 = self.level_sums.touch[field][seconds]
        return values

    def touch_float(self, field: str, seconds: I64) -> F64:
        """Return a float of `touch_machine.TOUCH_STATE` at whole seconds."""
        values: F64 = self.level_sums.touch[field][seconds]
        return values

    @cached_property
    def _cumulative(self) -> I64:
        sums = self.level_sums.sums
        total = np.zeros((len(sums) + 1, sums.shape[1]), np.int64)
        np.cumsum(sums, axis=0, out=total[1:])
        return total
