"""The touches of one session: of the real levels, and of the placebo levels beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ...features.book.day_seconds import F64, I64
from ...features.book.second_sums import SECOND_NS
from ...features.level.level_path import LevelPath
from ...features.level.level_touches import level_touches
from ...features.level.levels import level_names
from ...features.outcome.label_touches import label_touches
from .labels import Label, labels_of
from .placebo import (
    APART_TICKS,
    Placebo,
    displaced_levels,
    drawn_levels,
    level_starts,
    other_averages,
)
from .session_day import SessionDay

HALF_HOUR_NS: Final = 1800 * SECOND_NS
DRAWN: Final = "drawn"
DISPLACED: Final = "displaced"
PLACEBO_SETS: Final = (DRAWN, DISPLACED)


@dataclass(frozen=True)
class SessionTouches:
    """Touches of one session with their labels; arrays of shape (n,).

    Attributes
    ----------
    level : int64 array
        Position in `level_names`; of a placebo level that of the real one it stands beside.
    half_hour : int64 array
        Of ``feature_ts`` since 09:30 America/New_York, 0 to 5.
    touch_number : int64 array
        Its number among the touches of its level, or placebo level, that day, from 1.
    touch_ns : int64 array, ns since epoch UTC
    labels : tuple of Label
        In the order of `labels.LABELS`.
    """

    level: I64
    half_hour: I64
    touch_number: I64
    touch_ns: I64
    labels: tuple[Label, ...]

    def only(self, rows: npt.NDArray[np.bool_]) -> SessionTouches:
        """Return some of them."""
        return SessionTouches(
            self.level[rows],
            self.half_hour[rows],
            self.touch_number[rows],
            self.touch_ns[rows],
            tuple(label.only(rows) for label in self.labels),
        )


Pairs = dict[str, tuple[SessionTouches, SessionTouches]]
"""By placebo set: the real touches that it stands beside, and those of the placebo levels."""


def session_touches(
    day: SessionDay, distances: Mapping[str, F64], *, placebos: int, seed: int
) -> Pairs:
    """Return the touches of a session, for each placebo set.

    All go through the same trades and quotes, with the same barriers.

    Parameters
    ----------
    day : SessionDay
    distances : mapping of str to float64 array
        As for `placebo.drawn_levels`.
    placebos : int
        Placebo levels drawn for each fixed level.
    seed : int
        Of the draw, with the date.
    """
    rng = np.random.default_rng([seed, day.date.toordinal()])
    starts = level_starts(day.paths, day.prices, day.grid[0])
    averages = other_averages(day.paths, day.bars)
    drawn = drawn_levels(starts, distances, placebos, rng) + averages
    displaced = displaced_levels(day.paths, day.trades, day.bars, day.grid[0]) + averages
    real = touches_of(day, day.paths, [path.name for path in day.paths], real=None)
    return {
        DRAWN: (real, _placebo(day, drawn)),
        DISPLACED: (real.only(_from_start(real, displaced)), _placebo(day, displaced)),
    }


def _placebo(day: SessionDay, placebo: Placebo) -> SessionTouches:
    return touches_of(day, placebo.paths, placebo.beside, real=day.paths)


def _from_start(real: SessionTouches, placebo: Placebo) -> npt.NDArray[np.bool_]:
    # The real touches since the placebo level beside their level is known.
    names = level_names()
    known = np.full(len(names), np.iinfo(np.int64).max)
    for path, name in zip(placebo.paths, placebo.beside, strict=True):
        start_ns = 0 if path.is_moving else int(path.times[0])
        known[names.index(name)] = min(known[names.index(name)], start_ns)
    return np.asarray(real.touch_ns >= known[real.level], np.bool_)


def touches_of(
    day: SessionDay,
    paths: Sequence[LevelPath],
    beside: Sequence[str],
    *,
    real: Sequence[LevelPath] | None,
) -> SessionTouches:
    """Return the touches of levels with their labels.

    Parameters
    ----------
    day : SessionDay
    paths : sequence of LevelPath
    beside : sequence of str
        The real level that each is, or stands beside.
    real : sequence of LevelPath, optional
        Touches with one of them within `APART_TICKS` at that moment are left out.
    """
    if not len(paths):
        paths, beside = [_nowhere()], [level_names()[0]]
    touches = level_touches(paths, day.events, *day.grid, day.prices.last_ns).on_grid(*day.grid)
    number = _numbers(touches.level)
    if real is not None:
        is_apart = _is_apart(touches.touch_ns, touches.level, paths, real)
        touches, number = touches.only(is_apart), number[is_apart]
    found = label_touches(paths, touches, day.prices, *day.grid)
    level = np.array([level_names().index(name) for name in beside], np.int64)[found.level]
    half_hour = np.minimum((found.feature_ns - day.grid[0]) // HALF_HOUR_NS, 5)
    return SessionTouches(level, half_hour, number, found.touch_ns, labels_of(found))


def _nowhere() -> LevelPath:
    return LevelPath(level_names()[0], np.zeros(0, np.int64), np.zeros(0), None, None)


def _numbers(level: I64) -> I64:
    # 1 for the first touch of its level, 2 for the second, and so on.
    seen: dict[int, int] = {}
    numbers = np.zeros(len(level), np.int64)
    for i, one in enumerate(level.tolist()):
        numbers[i] = seen[one] = seen.get(one, 0) + 1
    return numbers


def _is_apart(
    touch_ns: I64, level: I64, paths: Sequence[LevelPath], real: Sequence[LevelPath]
) -> npt.NDArray[np.bool_]:
    own = np.array([path.at(touch_ns) for path in paths])[level, np.arange(len(level))]
    apart = np.array([np.abs(path.at(touch_ns) - own) for path in real])
    return np.asarray(~(apart <= APART_TICKS).any(axis=0), np.bool_)
