"""Markets whose mid is a martingale, by second: what is found there is found by chance.

Every second the book is quoted a tick wide, then the ask and the bid are traded once each, so a
trade reaches a barrier exactly when the mid is half a tick before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from src.data_eng.features.book.day_seconds import F64
from src.data_eng.features.book.market_events import MarketEvents
from src.data_eng.features.level.level_path import LevelPath
from src.data_eng.features.level.level_touches import level_touches
from src.data_eng.features.outcome.episodes import Episodes
from src.data_eng.features.outcome.label_touches import DayPrices, label_touches
from src.data_eng.features.true_range import TrueRange

SECOND = 10**9
OPEN = 1_749_130_200 * SECOND
GRID = (OPEN, OPEN + 10_800 * SECOND)
SECONDS = 12_700
CENTRE = 20_000.0
MOVES = 0.5
"""Chance of a move of the mid by a tick, each second."""


@dataclass(frozen=True)
class WalkDay:
    """A day of it: the mid from each second on, and what touches are found and labelled by."""

    mid: F64
    events: MarketEvents
    prices: DayPrices

    def episodes(self, paths: list[LevelPath]) -> Episodes:
        touches = level_touches(paths, self.events, *GRID, self.prices.last_ns)
        return label_touches(paths, touches, self.prices, *GRID)


def walk_day(mid: F64) -> WalkDay:
    """Return the day of a mid by second, ticks and a half; the range stands at 10 ticks."""
    seconds = len(mid)
    start = OPEN + np.arange(seconds) * SECOND
    times = np.stack([start, start + SECOND // 3, start + SECOND // 2], axis=1).reshape(-1)
    value = np.stack([mid, mid + 0.5, mid - 0.5], axis=1).reshape(-1)
    is_trade = np.tile([False, True, True], seconds)
    before = np.append(np.nan, mid)
    ranges = TrueRange(np.array([OPEN]), np.array([10.0]))
    prices = DayPrices(
        times[is_trade], value[is_trade], OPEN, before, np.full(seconds + 1, 0.5), ranges,
        int(times[-1]),
    )  # fmt: skip
    return WalkDay(mid, MarketEvents(times, is_trade, value), prices)


def martingale_mids(rng: np.random.Generator, sessions: int, seconds: int = SECONDS) -> F64:
    """Return driftless mids, shape (sessions, seconds)."""
    steps = rng.choice([-1.0, 0.0, 1.0], (sessions, seconds), p=[MOVES / 2, 1 - MOVES, MOVES / 2])
    return CENTRE + 0.5 + np.cumsum(steps, axis=1)


def rejected_mids(
    rng: np.random.Generator, level: F64, drift: float, seconds: int = SECONDS
) -> F64:
    """Return mids that drift away from a level, shape (sessions, seconds).

    Within 8 ticks of its session's level the mid drifts back to the side that it came from, by
    ``drift`` ticks a second.
    """
    mid = np.full(len(level), CENTRE + 0.5)
    side = np.where(mid > level, 1.0, -1.0)
    found = np.empty((len(level), seconds))
    for second in range(seconds):
        away = mid - level
        side = np.where(np.abs(away) >= 8, np.sign(away), side)
        up = MOVES / 2 + np.where(np.abs(away) < 8, side * drift / 2, 0.0)
        drawn = rng.random(len(level))
        mid = mid + np.where(drawn < up, 1.0, np.where(drawn < MOVES, -1.0, 0.0))
        found[:, second] = mid
    return found


def fixed(name: str, ticks: float, known_ns: int = OPEN) -> LevelPath:
    return LevelPath(name, np.array([known_ns]), np.array([ticks]), None, None)
