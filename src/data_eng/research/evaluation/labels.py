"""The labels of touches: outcome, score, what the score is without drift, and weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ...features.book.day_seconds import F64, I64
from ...features.book.second_sums import SECOND_NS
from ...features.definitions import MID_AFTER_SECONDS
from ...features.outcome.barriers import SETS
from ...features.outcome.episodes import Episodes
from ...features.outcome.first_passage import BOUNCE, BREAK, CENSORED, TIMEOUT
from ...features.outcome.overlap import average_uniqueness

PRIMARY: Final = 0
LABELS: Final = (*(one.label for one in SETS), "close_outcome_2m", "bounce_15m_osler")
HAS_BASE: Final = (*(True for _ in SETS), False, False)
"""Whether a formula gives the score without drift; else only the difference from placebos tells."""


@dataclass(frozen=True)
class Label:
    """One label of some touches; arrays of shape (n,).

    Attributes
    ----------
    outcome : uint8 array
        `first_passage.BOUNCE`, `BREAK`, `TIMEOUT` or `CENSORED`.
    score : float64 array
        1 for a bounce, 0 for a break; at a timeout the share of the way, one half without barriers.
    base : float64 array
        Expectation of the score without drift, NaN where it is not known; 0 throughout for a label
        of which no formula gives it (`HAS_BASE`).
    weight, weight_all_levels : float64 array
        Average uniqueness among the labels of the level, of all levels; 0 where censored.
    """

    outcome: npt.NDArray[np.uint8]
    score: F64
    base: F64
    weight: F64
    weight_all_levels: F64

    def only(self, rows: npt.NDArray[np.bool_]) -> Label:
        """Return those of some touches."""
        return Label(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def labels_of(found: Episodes) -> tuple[Label, ...]:
    """Return the labels of episodes, in the order of `LABELS`."""
    return tuple(_labels(found))


def _labels(found: Episodes) -> Iterator[Label]:
    for one in found.outcomes:
        yield Label(
            one.outcome,
            one.score,
            one.driftless,
            np.nan_to_num(one.uniqueness),
            np.nan_to_num(one.uniqueness_all_levels),
        )
    yield _without_base(found, found.close.outcome, found.close.outcome_ns)
    # Where the mid is at the level itself it counts for neither.
    sides = [found.osler > 0, found.osler < 0]
    osler = np.select(sides, [BOUNCE, BREAK], CENSORED).astype(np.uint8)
    yield _without_base(found, osler, found.touch_ns + MID_AFTER_SECONDS * SECOND_NS)


def _without_base(found: Episodes, outcome: npt.NDArray[np.uint8], until_ns: I64) -> Label:
    codes = [outcome == code for code in (BOUNCE, BREAK, TIMEOUT)]
    spans = (found.feature_ns, until_ns, outcome != CENSORED)
    return Label(
        outcome,
        np.select(codes, [1.0, 0.0, 0.5], np.nan),
        np.zeros(len(outcome)),
        np.nan_to_num(average_uniqueness(found.level, *spans)),
        np.nan_to_num(average_uniqueness(np.zeros_like(found.level), *spans)),
    )
