"""Stale partitions by what made them stale: the one that changed, and all that is made of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

_FOLLOWS: Final = re.compile(r"its input (\S+)(?: of \S+)? is stale: (.*)", re.DOTALL)


@dataclass
class Cause:
    """One cause, over dates and tables.

    Attributes
    ----------
    dataset : str
        The table that is stale by itself.
    reason : str
        Why it is.
    own : list of datetime.date
        Its stale partitions' dates; empty where they are not among those looked at.
    below : dict of str to list of datetime.date
        Stale partitions that are made of it, by dataset.
    """

    dataset: str
    reason: str
    own: list[dt.date] = field(default_factory=list)
    below: dict[str, list[dt.date]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-able values: counts and ranges of dates."""
        days = [*self.own, *(day for days in self.below.values() for day in days)]
        return {
            "dataset": self.dataset,
            "reason": self.reason,
            "partitions": len(self.own),
            "made_of_it": {key: len(days) for key, days in self.below.items()},
            "first": min(days).isoformat(),
            "last": max(days).isoformat(),
        }


def causes(stale: Iterable[tuple[str, dt.date, str]]) -> list[Cause]:
    """Return the causes of stale partitions, the most frequent first.

    Parameters
    ----------
    stale : iterable of (str, datetime.date, str)
        Dataset, date and the reason with its chain, as `Currency.why_stale` tells it.

    Examples
    --------
    >>> day, bars = dt.date(2025, 6, 5), "silver.future.ohlcv_2m"
    >>> found = causes([
    ...     (bars, day, "its contract changed"),
    ...     ("silver.future.level", day, f"its input {bars} is stale: its contract changed"),
    ... ])
    >>> [(one.dataset, one.reason, len(one.own), list(one.below)) for one in found]
    [('silver.future.ohlcv_2m', 'its contract changed', 1, ['silver.future.level'])]
    """
    found: dict[tuple[str, str], Cause] = {}
    for key, date, chain in stale:
        origin, reason = key, chain
        while (match := _FOLLOWS.fullmatch(reason)) is not None:
            origin, reason = match[1], match[2]
        cause = found.setdefault((origin, reason), Cause(origin, reason))
        (cause.own if origin == key else cause.below.setdefault(key, [])).append(date)
    size = {where: len(one.own) + sum(map(len, one.below.values())) for where, one in found.items()}
    return [found[where] for where in sorted(found, key=lambda where: -size[where])]
