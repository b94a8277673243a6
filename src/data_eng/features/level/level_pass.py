"""One pass over the records of a day for several levels, chunk by chunk, in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..book.day_seconds import F64, I64
from ..book.record_chunk import BOOK_VALUES, LEVELS, NO_PRICE, RecordChunk
from .level_kernel import advance_levels, take_steps
from .level_path import LevelPath
from .level_seconds import LevelSeconds
from .level_state import (
    BAND,
    G_ROW,
    G_SECOND,
    L_HAS_TICK,
    L_SINCE,
    L_TICK,
    LEVEL_VALUES,
    MARKET_VALUES,
    hold,
)
from .level_sums import LevelSums
from .touch_machine import (
    F_LEVEL,
    F_MAX,
    KEPT_FLOATS,
    M_END_NS,
    M_TOUCH_NS,
    MACHINE_FLOATS,
    MACHINE_VALUES,
)


class LevelPass:
    """Fills `LevelSeconds` of each level from records in file order.

    Parameters
    ----------
    paths : sequence of LevelPath
        The levels. A fixed one has its place among the trades from ``start_ns`` on; everything else
        of a level begins when it is known.
    start_ns, end_ns : int, ns since epoch UTC
        Whole seconds apart. No record lies before ``start_ns``; those from ``end_ns`` on are left.

    Raises
    ------
    ValueError
        A level is known by ``start_ns`` already.
    """

    def __init__(self, paths: Sequence[LevelPath], start_ns: int, end_ns: int) -> None:
        self._paths = tuple(paths)
        self._start_ns, self._end_ns = start_ns, end_ns
        self._steps, self._values = steps_of(paths)
        if len(self._steps) and self._steps[0, 0] <= start_ns:
            raise ValueError(f"a level is known at {self._steps[0, 0]}, not after {start_ns}")
        self._sums = LevelSums(len(paths), start_ns, end_ns)
        self._book = np.full((BOOK_VALUES, 1), NO_PRICE, np.int32)
        self._executed = np.zeros(2 * LEVELS, np.int64)
        self._market = np.zeros(MARKET_VALUES, np.int64)
        self._market[[G_SECOND, G_ROW]] = -1
        self._rows = np.zeros((len(paths), LEVEL_VALUES), np.int64)
        self._rows[:, L_SINCE] = start_ns
        self._machines = np.zeros((len(paths), MACHINE_VALUES), np.int64)
        self._machines[:, [M_TOUCH_NS, M_END_NS]] = -1
        self._floats = np.zeros((len(paths), MACHINE_FLOATS))
        self._floats[:, : max(F_MAX, KEPT_FLOATS, F_LEVEL) + 1] = np.nan
        self._bands = np.zeros((len(paths), 2 * BAND), np.int64)
        for row, path in zip(self._rows, self._paths, strict=True):
            if not path.is_moving and len(path.ticks):
                row[L_TICK] = int(np.floor(path.ticks[0] + 0.5))
                row[L_HAS_TICK] = 1

    def add(self, chunk: RecordChunk) -> None:
        """Take the next records.

        Raises
        ------
        ValueError
            The first record lies before ``start_ns``.
        """
        if not len(chunk):
            return
        if chunk.times[0] < self._start_ns:
            raise ValueError(f"a record at {chunk.times[0]} lies before {self._start_ns}")
        out = self._sums
        advance_levels(
            chunk.times,
            chunk.ts_event,
            chunk.action,
            chunk.side,
            chunk.flags,
            chunk.price,
            chunk.size,
            chunk.book,
            self._start_ns,
            self._end_ns,
            self._steps,
            self._values,
            self._book,
            self._executed,
            self._market,
            self._rows,
            self._machines,
            self._floats,
            self._bands,
            out.sums,
            out.penetration,
            out.has_changed,
            out.machine,
            out.machine_floats,
        )

    def finish(self) -> list[LevelSeconds]:
        """Bring the sums up to ``end_ns`` and return those of each level; no records may follow."""
        out = self._sums
        take_steps(
            self._end_ns,
            self._start_ns,
            self._steps,
            self._values,
            self._book,
            self._book,
            self._market,
            self._rows,
            self._machines,
            self._floats,
            self._bands,
            out.sums,
            out.has_changed,
            out.machine,
            out.machine_floats,
        )
        for row, sums in zip(self._rows, out.sums, strict=True):
            hold(self._end_ns, self._start_ns, row, sums)
        return [LevelSeconds(path, out, n) for n, path in enumerate(self._paths)]


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
