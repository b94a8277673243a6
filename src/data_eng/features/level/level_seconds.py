"""One level by second: its value, window sums, and the touch machine at whole seconds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, I64
from ..book.second_sums import SECOND_NS
from .level_path import LevelPath
from .level_sums import LevelSums
from .touch_machine import NONE


@dataclass(frozen=True)
class LevelSeconds:
    """What a finished pass left of one level.

    Seconds are counted from the start of the sums; what stands for a second comes from records
    before it.

    Attributes
    ----------
    path : LevelPath
    all_sums : LevelSums
        Of every level of the pass.
    index : int
        Which of them this one is.
    """

    path: LevelPath
    all_sums: LevelSums
    index: int

    @property
    def known_second(self) -> int | None:
        """The first second at which the level has a value, None without one."""
        known_ns = self.path.known_ns
        return None if known_ns is None else -(-(known_ns - self.all_sums.start_ns) // SECOND_NS)

    @cached_property
    def ticks(self) -> F64:
        """The level in force at each second, shape (seconds + 1,), ticks; NaN where it has none."""
        count = self.all_sums.sums.shape[1]
        times = self.all_sums.start_ns + np.arange(count + 1) * SECOND_NS
        step = np.searchsorted(self.path.times, times, side="right") - 1
        return np.append(self.path.ticks, np.nan)[step]

    @cached_property
    def place(self) -> F64:
        """Where the level lies at each second, ticks: a fixed one also before it is known."""
        if self.path.is_moving or not len(self.path.ticks):
            return self.ticks
        return np.full(len(self.ticks), self.path.ticks[0])

    @cached_property
    def nearest_tick(self) -> F64:
        """``tick(L)`` at each second, NaN where the level has no value."""
        return np.floor(self.ticks + 0.5)

    def step_second(self, time_ns: I64) -> I64:
        """Return the second in which times lie."""
        return (time_ns - self.all_sums.start_ns) // SECOND_NS

    def seconds_since(self, time_ns: I64, seconds: I64) -> F64:
        """Return the seconds from times, ns since epoch, to whole seconds."""
        return (self.all_sums.start_ns + seconds * SECOND_NS - time_ns) / SECOND_NS

    def between(self, field: int, begin: I64, end: I64) -> I64:
        """Return the sum of a field of `LevelSums.sums` over ``[begin, end)``."""
        total = self._cumulative[:, field]
        sums: I64 = total[end] - total[np.maximum(begin, 0)]
        return sums

    def machine(self, field: int, seconds: I64) -> I64:
        """Return a kept integer of the touch machine at whole seconds."""
        values: I64 = self._machine[seconds, field]
        return values

    def machine_float(self, field: int, seconds: I64) -> F64:
        """Return a kept float of the touch machine at whole seconds."""
        values: F64 = self._machine_floats[seconds, field]
        return values

    @cached_property
    def _cumulative(self) -> I64:
        sums = self.all_sums.sums[self.index]
        total = np.zeros((len(sums) + 1, sums.shape[1]), np.int64)
        np.cumsum(sums, axis=0, out=total[1:])
        return total

    @cached_property
    def _last_change(self) -> npt.NDArray[np.intp]:
        # For each second the last one before it in which the machine changed, -1 for none.
        changed = self.all_sums.has_changed[self.index] != 0
        last = np.full(len(changed) + 1, -1, np.intp)
        np.maximum.accumulate(np.where(changed, np.arange(len(changed)), -1), out=last[1:])
        return last

    @cached_property
    def _machine(self) -> I64:
        found: I64 = self.all_sums.machine[self.index][self._last_change]
        found[self._last_change < 0] = NONE
        return found

    @cached_property
    def _machine_floats(self) -> F64:
        found: F64 = self.all_sums.machine_floats[self.index][self._last_change]
        found[self._last_change < 0] = np.nan
        return found

    @property
    def penetration(self) -> F64:
        """Largest excursion beyond the level during a touch a second, -1 without one, ticks."""
        found: F64 = self.all_sums.penetration[self.index]
        return found
