"""Placebo levels: prices that mean nothing, treated as the real levels are (Osler 2000).

Two sets stand beside the real levels. *Drawn*: on the side of a fixed level at its start, as far
from the mid as the level itself was on another session, in average true ranges. *Displaced*: the
extreme of another window of the same length. Beside a moving average both sets have averages of
other lengths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...features.book.day_seconds import F64
from ...features.level.level_inputs import (
    OPENING_RANGE,
    PRE_MARKET,
    LevelBars,
    LevelInputs,
    LevelTrades,
)
from ...features.level.level_path import LevelPath
from ...features.level.levels import level_named
from ...features.level.prices import simple_moving_average
from ...features.outcome.label_touches import DayPrices
from ...features.true_range import last_closed

MIN_SESSIONS: Final = 20
"""Other sessions whose distances are drawn from; with fewer they are uniform."""
MAX_UNIFORM: Final = 3.0
"""Largest distance then, average true ranges."""
APART_TICKS: Final = 8.0
"""A placebo touch with a real level within so many ticks at that moment is left out."""
AVERAGES: Final = (45, 60, 120, 150)
"""Bars of the averages beside SMA 90."""


@dataclass(frozen=True)
class Placebo:
    """Placebo levels and the real level that each stands beside.

    Attributes
    ----------
    paths : tuple of LevelPath
    beside : tuple of str
        Name of the real level of each path.
    """

    paths: tuple[LevelPath, ...]
    beside: tuple[str, ...]

    def __add__(self, other: Placebo) -> Placebo:
        """Return both together."""
        return Placebo(self.paths + other.paths, self.beside + other.beside)


@dataclass(frozen=True)
class Start:
    """Where the price is when a fixed level starts to count.

    Attributes
    ----------
    start_ns : int, ns since epoch UTC
        The later of the time it is known and the open.
    mid, true_range : float, ticks
    side : float
        Of the level: 1 above the mid, -1 below it, 0 at it.
    distance : float
        Of the level from the mid, average true ranges.
    """

    start_ns: int
    mid: float
    true_range: float
    side: float
    distance: float


def level_starts(paths: Sequence[LevelPath], prices: DayPrices, open_ns: int) -> dict[str, Start]:
    """Return the start of each fixed level whose mid and average true range are known then."""
    found = {}
    for path in paths:
        if path.is_moving or path.known_ns is None:
            continue
        start_ns = path.start_ns(open_ns)
        at = np.array([start_ns])
        mid = float(prices.mid_at(at)[0])
        true_range = float(last_closed(prices.true_range.ts_end, prices.true_range.value, at)[0])
        if np.isnan(mid) or not true_range > 0:
            continue
        apart = float(path.ticks[-1]) - mid
        found[path.name] = Start(
            start_ns, mid, true_range, float(np.sign(apart)), abs(apart) / true_range
        )
    return found


def drawn_levels(
    starts: Mapping[str, Start],
    distances: Mapping[str, F64],
    count: int,
    rng: np.random.Generator,
) -> Placebo:
    """Draw placebo levels for every fixed level that has a start.

    Parameters
    ----------
    starts : mapping of str to Start
    distances : mapping of str to float64 array
        Distances of each level at its start in the other sessions of the run, average true ranges.
    count : int
        Placebo levels for each real one.
    rng : numpy.random.Generator
    """
    paths, beside = [], []
    for name, start in starts.items():
        known = distances.get(name, np.zeros(0))
        is_enough = len(known) >= MIN_SESSIONS
        distance = rng.choice(known, count) if is_enough else rng.uniform(0, MAX_UNIFORM, count)
        side = np.full(count, start.side) if start.side else rng.choice([-1.0, 1.0], count)
        for ticks in np.rint(start.mid + side * distance * start.true_range):
            paths.append(_fixed(name, start.start_ns, float(ticks)))
            beside.append(name)
    return Placebo(tuple(paths), tuple(beside))


def displaced_levels(
    paths: Sequence[LevelPath], trades: LevelTrades, bars: LevelBars, open_ns: int
) -> Placebo:
    """Return the extremes of the window before the pre-market, and after the opening range.

    They are of the same length and kind, known at the end of their window, not before the open. A
    level without a trade in the window, or without a window, has none.
    """
    found, beside = [], []
    for path in paths:
        level = level_named(path.name)
        if path.window is None or level.window not in (PRE_MARKET, OPENING_RANGE):
            continue
        start_ns, end_ns = path.window
        back = start_ns - end_ns if level.window == PRE_MARKET else end_ns - start_ns
        moved = {level.window: (start_ns + back, end_ns + back)}
        prices = level.price_rule(LevelInputs(trades, bars, (), moved, 1.0))
        if prices.missing is not None:
            continue
        known_ns = max(int(prices.known_ns[0]), open_ns)
        found.append(_fixed(path.name, known_ns, float(prices.ticks[0])))
        beside.append(path.name)
    return Placebo(tuple(found), tuple(beside))


def other_averages(paths: Sequence[LevelPath], bars: LevelBars) -> Placebo:
    """Return the averages of other lengths beside every moving level of the date.

    As SMA 90 they step at each bar close, and lapse where the bars span too much
    (`prices.simple_moving_average`).
    """
    moving = [path.name for path in paths if path.is_moving and path.known_ns is not None]
    found, beside = [], []
    for name in moving:
        for count in AVERAGES:
            average = simple_moving_average(bars.close, bars.start_ns, bars.end_ns, count)
            if len(average.known_ns):
                found.append(LevelPath(name, average.known_ns, average.ticks, None, None))
                beside.append(name)
    return Placebo(tuple(found), tuple(beside))


def _fixed(name: str, known_ns: int, ticks: float) -> LevelPath:
    return LevelPath(name, np.array([known_ns]), np.array([ticks]), None, None)
