"""Made-up sessions and samples for the tests of the evaluation."""

from __future__ import annotations

import datetime as dt

import numpy as np

from src.data_eng.features.book.day_seconds import F64
from src.data_eng.features.outcome.first_passage import BOUNCE, BREAK, TIMEOUT
from src.data_eng.research.evaluation.samples import Samples
from src.data_eng.research.evaluation.touches import SessionTouches

FIRST = dt.date(2025, 1, 6)


def session(number: int, rng: np.random.Generator, chances: tuple[float, float]) -> SessionTouches:
    """A session of 40 touches that bounce and break with given chances; the rest time out."""
    bounce, broke = chances
    outcome = rng.choice([BOUNCE, BREAK, TIMEOUT], 40, p=[bounce, broke, 1 - bounce - broke])
    return SessionTouches(
        FIRST + dt.timedelta(number),
        rng.integers(0, 5, 40),
        rng.integers(0, 6, 40),
        outcome.astype(np.uint8),
        np.arange(40),
    )


def samples(
    seed: int, *, sessions: int = 40, touches: int = 10, known: float = 0.0, columns: int = 12
) -> Samples:
    """Touches whose first feature foretells the outcome as far as ``known`` says, 0 not at all."""
    rng = np.random.default_rng(seed)
    rows = sessions * touches
    features: F64 = rng.normal(size=(rows, columns))
    features[rng.random((rows, columns)) < 0.1] = np.nan
    score = known * np.nan_to_num(features[:, 0]) + rng.logistic(size=rows)
    days = np.repeat(np.arange(sessions), touches)
    return Samples(
        names=tuple(f"x{i}" for i in range(columns)),
        X=features,
        is_bounce=score > 0,
        session=(np.datetime64(FIRST) + days).astype("datetime64[D]"),
        level=rng.integers(0, 5, rows),
    )
