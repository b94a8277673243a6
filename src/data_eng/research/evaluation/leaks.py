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
"""An area of 0.65 by one feature alone is more than honest ones reach on such outcomes."""

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
        Area under the ROC curve of the feature alone, 0.5 for one that says nothing.
    bound : float
        Largest distance from 0.5 that is not suspected.
    """

    name: str
    area: float
    bound: float


def suspected_leaks(samples: Samples) -> list[Leak]:
    """Return the features whose area under the ROC curve is out of proportion.

    A feature is suspected where its area is further from one half than `MIN_EXCESS` and than
    chance allows: z standard errors with z for `FALSE_ALARMS` over all features (Bonferroni). The
    standard error is the larger of that of the Mann-Whitney statistic without any relation and
    that of a jackknife by session, since touches of a session are alike. Missing values are
    compared as a feature of their own: whether there is a value may leak too.
    """
    columns = {name: samples.X[:, i] for i, name in enumerate(samples.names)}
    columns |= {
        f"{name} (missing)": np.isnan(column).astype(np.float64) for name, column in columns.items()
    }
    z = NormalDist().inv_cdf(1 - FALSE_ALARMS / (2 * len(columns)))
    found = []
    for name, column in columns.items():
        has_value = ~np.isnan(column)
        values, bounced = column[has_value], samples.is_bounce[has_value]
        if min(bounced.sum(), (~bounced).sum()) < MIN_OF_EACH:
            continue
        area = area_under_curve(values, bounced)
        if abs(area - 0.5) <= MIN_EXCESS:
            continue
        error = _standard_error(values, bounced, samples.session[has_value])
        bound = max(MIN_EXCESS, z * error)
        if abs(area - 0.5) > bound:
            found.append(Leak(name, area, bound))
    return sorted(found, key=lambda leak: -abs(leak.area - 0.5))


def area_under_curve(values: F64, happened: npt.NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve: the Mann-Whitney statistic, ties counted half.

    Parameters
    ----------
    values : float64 array, shape (n,)
        No NaN.
    happened : bool array, shape (n,)
        With both values in it.
    """
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    upper = np.cumsum(count)
    rank = (upper - (count - 1) / 2)[place.reshape(-1)]
    ones = int(happened.sum())
    zeros = len(happened) - ones
    return float((rank[happened].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def _standard_error(
    values: F64, happened: npt.NDArray[np.bool_], session: npt.NDArray[np.datetime64]
) -> float:
    ones = int(happened.sum())
    zeros = len(happened) - ones
    by_chance = np.sqrt((ones + zeros + 1) / (12 * ones * zeros))
    areas = []
    for one in np.unique(session):
        rest = session != one
        if happened[rest].any() and not happened[rest].all():
            areas.append(area_under_curve(values[rest], happened[rest]))
    if len(areas) < 2:
        return float(by_chance)
    jackknife = np.sqrt((len(areas) - 1) * np.var(areas))
    return float(max(by_chance, jackknife))
