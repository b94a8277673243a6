"""Sessions in which two levels stand at nearly the same price."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Final

import numpy as np

from .pool import Pool

CLOSE_TICKS: Final = 2.0

_DISTANCE: Final = "distance_ticks"


def close_levels(pool: Pool, prefixes: Mapping[str, str]) -> dict[frozenset[str], frozenset[int]]:
    """Return, for each two LEVEL tables, the sessions in which their levels nearly coincide.

    Two fixed levels differ by a constant in one session; of a moving one the median difference
    counts. What is measured at one price is the same for both levels, which is no duplicate.

    Parameters
    ----------
    pool : Pool
        Features with ``{prefix}distance_ticks`` of each level, ticks.
    prefixes : mapping
        Prefix of each LEVEL table by its name in the pool.

    Returns
    -------
    dict
        Two tables to the positions of the sessions in which the levels lie within 2 ticks; a
        table without its distance column has none.
    """
    distances = {
        table: pool.names.index(name)
        for table, prefix in prefixes.items()
        if (name := f"{prefix}{_DISTANCE}") in pool.names
    }
    found = {}
    for first, second in combinations(distances, 2):
        close = []
        for position, session in enumerate(pool.sessions):
            apart = np.abs(session[:, distances[first]] - session[:, distances[second]])
            apart = apart[np.isfinite(apart)]
            if len(apart) and np.median(apart) <= CLOSE_TICKS:
                close.append(position)
        if close:
            found[frozenset({first, second})] = frozenset(close)
    return found
