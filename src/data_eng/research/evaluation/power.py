"""How sure an interval is, and the smallest effect that it would find."""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

CONFIDENCE: Final = 0.95
POWER: Final = 0.8
"""Chance with which an effect of the detectable size is found."""


def confidence_among(count: int) -> float:
    """Return the confidence of each of so many intervals that hold together (Bonferroni)."""
    return 1 - (1 - CONFIDENCE) / count


def detectable_errors(count: int = 1) -> float:
    """Return the smallest effect that is found with the chance `POWER`, in standard errors.

    Parameters
    ----------
    count : int
        Intervals that are looked at together.
    """
    tail = (1 - confidence_among(count)) / 2
    return NormalDist().inv_cdf(1 - tail) + NormalDist().inv_cdf(POWER)
