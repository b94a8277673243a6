"""Made-up sessions and samples for the tests of the evaluation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from src.data_eng.features.book.day_seconds import F64
from src.data_eng.features.level.level_inputs import LevelBars
from src.data_eng.features.level.level_path import LevelPath
from src.data_eng.features.outcome.first_passage import BOUNCE, BREAK, CENSORED, TIMEOUT
from src.data_eng.research.evaluation.labels import LABELS, Label
from src.data_eng.research.evaluation.samples import Samples
from src.data_eng.research.evaluation.session_day import SessionDay
from src.data_eng.research.evaluation.touches import SessionTouches
from tests.features.outcome.martingale import GRID, WalkDay

FIRST = dt.date(2025, 1, 6)
NO_BARS = LevelBars(*(np.zeros(0, np.int64),) * 5)


def label(
    outcome: Sequence[int], base: float = 0.5, weight: Sequence[float] | None = None
) -> Label:
    """A label with a score of one half at a timeout."""
    codes = np.array(outcome, np.uint8)
    weights = np.ones(len(codes)) if weight is None else np.array(weight)
    weights = np.where(codes == CENSORED, 0.0, weights)
    score = np.select([codes == c for c in (BOUNCE, BREAK, TIMEOUT)], [1.0, 0.0, 0.5], np.nan)
    known = np.where(codes == CENSORED, np.nan, base)
    return Label(codes, score, known, weights, weights / 2)


def touches(
    outcome: Sequence[int],
    *,
    level: Sequence[int],
    half_hour: Sequence[int],
    number: Sequence[int] | None = None,
    weight: Sequence[float] | None = None,
) -> SessionTouches:
    """A session of touches; every label is the same, and weighs half among all levels."""
    one = label(outcome, weight=weight)
    return SessionTouches(
        np.array(level, np.int64),
        np.array(half_hour, np.int64),
        np.ones(len(level), np.int64) if number is None else np.array(number, np.int64),
        np.arange(len(level), dtype=np.int64),
        (one,) * len(LABELS),
    )


def session(rng: np.random.Generator, chances: tuple[float, float]) -> SessionTouches:
    """A session of 40 touches that bounce and break with given chances; the rest time out."""
    bounce, broke = chances
    outcome = rng.choice([BOUNCE, BREAK, TIMEOUT], 40, p=[bounce, broke, 1 - bounce - broke])
    return touches(
        outcome.tolist(),
        level=rng.integers(0, 5, 40).tolist(),
        half_hour=rng.integers(0, 6, 40).tolist(),
        number=rng.integers(1, 6, 40).tolist(),
    )


def walk_session(number: int, walk: WalkDay, paths: list[LevelPath]) -> SessionDay:
    """A day of a walk with its levels as a session."""
    date = FIRST + dt.timedelta(number)
    return SessionDay(date, paths, walk.events, walk.prices, NO_BARS, GRID)


def samples(
    seed: int, *, sessions: int = 40, touches: int = 10, known: float = 0.0, columns: int = 12
) -> Samples:
    """Touches whose first feature foretells the outcome as far as ``known`` says, 0 not at all.

    The driftless probability differs from touch to touch, and a tenth of them time out.
    """
    rng = np.random.default_rng(seed)
    rows = sessions * touches
    features: F64 = rng.normal(size=(rows, columns))
    features[rng.random((rows, columns)) < 0.1] = np.nan
    base = rng.uniform(0.3, 0.7, rows)
    odds = np.log(base / (1 - base)) + known * np.nan_to_num(features[:, 0])
    happened = (odds + rng.logistic(size=rows) > 0).astype(np.float64)
    # At a timeout the way that was gone; its mean is the chance of a bounce.
    way = rng.random(rows) < 0.1
    score = np.where(way, 1 / (1 + np.exp(-odds)), happened)
    days = np.repeat(np.arange(sessions), touches)
    return Samples(
        names=tuple(f"x{i}" for i in range(columns)),
        X=features,
        score=score,
        base=base,
        weight=rng.uniform(0.3, 1.0, rows),
        session=(np.datetime64(FIRST) + days).astype("datetime64[D]"),
        level=rng.integers(0, 5, rows),
    )
