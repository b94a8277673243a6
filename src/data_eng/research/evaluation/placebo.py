"""Placebo levels: prices that mean nothing, treated as the real levels are (Osler 2000)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...errors import UsageError
from ...exchange.products import known_product
from ...features.level.level_path import LevelPath

MIN_APART_TICKS: Final = 8.0
"""Placebo levels lie at least so many ticks from every real level when they become known."""


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


def span_ticks(symbol: str) -> int:
    """Return how far from the open placebo levels of a contract lie at the most, ticks."""
    product = known_product(symbol)
    if product.placebo_span is None:
        raise UsageError(
            f"{symbol}: no placebo span is known of its root; declare one in exchange/products.py"
        )
    return round(product.placebo_span / product.tick_size)


def placebo_levels(
    levels: Sequence[LevelPath],
    open_ticks: float,
    open_ns: int,
    reach_ticks: int,
    count: int,
    rng: np.random.Generator,
) -> Placebo:
    """Draw placebo levels for every level that has a price.

    They are uniform on the ticks within ``reach_ticks`` of the open and at least `MIN_APART_TICKS`
    from every real level, fixed, and known when the real one is, not before the open.

    Parameters
    ----------
    levels : sequence of LevelPath
    open_ticks : float, ticks
        First trade of the regular session.
    open_ns : int, ns since epoch UTC
    reach_ticks : int
    count : int
        Placebo levels for each real one.
    rng : numpy.random.Generator
    """
    paths, beside = [], []
    first = np.floor(open_ticks) - reach_ticks
    ticks = first + np.arange(2 * reach_ticks + 1)
    for level in levels:
        if level.known_ns is None:
            continue
        known_ns = max(level.known_ns, open_ns)
        real = [_value_at(one, known_ns) for one in levels]
        apart = np.array([np.abs(ticks - value) for value in real if not np.isnan(value)])
        free = ticks[(apart >= MIN_APART_TICKS).all(axis=0)] if len(apart) else ticks
        if not len(free):
            continue
        for value in rng.choice(free, count):
            paths.append(LevelPath("pm_high", np.array([known_ns]), np.array([value]), None, None))
            beside.append(level.name)
    return Placebo(tuple(paths), tuple(beside))


def _value_at(level: LevelPath, time_ns: int) -> float:
    # A fixed level that is not known yet will lie there all the same.
    if not len(level.ticks):
        return float("nan")
    step = int(np.searchsorted(level.times, time_ns, side="right")) - 1
    return float(level.ticks[max(step, 0)])
