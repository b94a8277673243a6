"""Features that foretell the outcome too well to be honest."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from ...features.book.day_seconds import F64
from .samples import Samples

MIN_EXCESS: Final = 0.15
"""An area so far from the driftless one is more than honest features reach alone."""

FALSE_ALARMS: Final = 0.01
"""Chance of an alarm over all features together if none foretells anything."""

MIN_OF_EACH: Final = 20


@dataclass(frozen=True)
class Leak:
    """A feature that is suspected.

    Attributes
    ----------
    name : str
    area : float
        Area under the ROC curve of the feature alone.
    driftless : float
        The area that it has without drift: near 0.5, but for features that say where between the
        barriers the mid is.
    bound : float
        Largest distance between the two that is not suspected.
    """

    name: str
    area: float
    driftless: float
    bound: float


def suspected_leaks(samples: Samples) -> list[Leak]:
    """Return the features whose area under the ROC curve is out of proportion.

    A feature is suspected where its area is further from that without drift than `MIN_EXCESS` and
    than chance allows: z standard errors with z for `FALSE_ALARMS` over all features (Bonferroni).
    The standard error is the larger of that of the Mann-Whitney statistic without any relation and
    that of a jackknife by session, since touches of a session are alike. A touch counts by its
    weight, as a bounce with its score and as a break with the rest. Missing values are compared as
    a feature of their own: whether there is a value may leak too.
    """
    columns = {name: samples.X[:, i] for i, name in enumerate(samples.names)}
    columns |= {
        f"{name} (missing)": np.isnan(column).astype(np.float64) for name, column in columns.items()
    }
    z = NormalDist().inv_cdf(1 - FALSE_ALARMS / (2 * len(columns)))
    found = []
    for name, column in columns.items():
        has_value = ~np.isnan(column)
        values, weight = column[has_value], samples.weight[has_value]
        score, base = samples.score[has_value], samples.base[has_value]
        if min((weight * score).sum(), (weight * (1 - score)).sum()) < MIN_OF_EACH:
            continue
        area = area_under_curve(values, weight * score, weight * (1 - score))
        driftless = area_under_curve(values, weight * base, weight * (1 - base))
        if abs(area - driftless) <= MIN_EXCESS:
            continue
        error = _standard_error(values, score, weight, samples.session[has_value])
        bound = max(MIN_EXCESS, z * error)
        if abs(area - driftless) > bound:
            found.append(Leak(name, area, driftless, bound))
    return sorted(found, key=lambda leak: -abs(leak.area - leak.driftless))


def area_under_curve(values: F64, ones: F64, zeros: F64) -> float:
    """Return the area under the ROC curve: the Mann-Whitney statistic, ties counted half.

    Parameters
    ----------
    values : float64 array, shape (n,)
        No NaN.
    ones, zeros : float64 array, shape (n,)
        Weight of each row as one that happened, and as one that did not; neither all 0.
    """
    _, place = np.unique(values, return_inverse=True)
    at_one, at_zero = np.bincount(place, ones), np.bincount(place, zeros)
    below = np.cumsum(at_zero) - at_zero
    return float((at_one * (below + at_zero / 2)).sum() / (ones.sum() * zeros.sum()))


def _standard_error(
    values: F64, score: F64, weight: F64, session: npt.NDArray[np.datetime64]
) -> float:
    ones, zeros = weight * score, weight * (1 - score)
    by_chance = np.sqrt((ones.sum() + zeros.sum() + 1) / (12 * ones.sum() * zeros.sum()))
    areas = []
    for one in np.unique(session):
        rest = session != one
        if ones[rest].any() and zeros[rest].any():
            areas.append(area_under_curve(values[rest], ones[rest], zeros[rest]))
    if len(areas) < 2:
        return float(by_chance)
    jackknife = np.sqrt((len(areas) - 1) * np.var(areas))
    return float(max(by_chance, jackknife))
