"""LEVEL features that are about no level: the same for two levels, or a market feature in disguise.

- *Across levels*: a base column that is equal, or equal but for its sign, for two levels on more
  than 99 % of the common rows on which at least one of the two is not 0.
- *Given the side*: a level's column that is an affine copy of a MARKET column on the rows on which
  the price is above the level, or below it; a feature that is only turned toward the level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Final

import numpy as np

from ...catalogue.finding import Finding, Severity
from .affine import LeftOut, affine_findings
from .pool import F64, MIN_ROWS, MIN_SESSIONS, Pool

SHARE: Final = 0.99

_DISTANCE: Final = "distance_ticks"
_ROUNDING: Final = 1e-9


def across_level_findings(
    pool: Pool, prefixes: Mapping[str, str], left_out: LeftOut
) -> list[Finding]:
    """Return the base columns that say the same of two levels.

    Parameters
    ----------
    pool : Pool
    prefixes : mapping
        Prefix of each LEVEL table by its name in the pool.
    left_out : mapping
        Sessions, by position, in which two tables' levels nearly coincide (`levels.close_levels`).
    """
    found = []
    for (first, before), (second, after) in combinations(prefixes.items(), 2):
        skipped = left_out.get(frozenset({first, second}), frozenset())
        sessions = [s for i, s in enumerate(pool.sessions) if i not in skipped]
        if not sessions:
            continue
        for one in pool.columns_of([first]):
            other_name = after + pool.names[one].removeprefix(before)
            if other_name not in pool.names:
                continue
            other = pool.names.index(other_name)
            a, b = (np.concatenate([s[:, column] for s in sessions]) for column in (one, other))
            share = _equal_share(a, b)
            if share > SHARE:
                text = f"equal up to the sign on {100 * share:.2f} % of the rows that say something"
                columns = (pool.names[one], other_name)
                found.append(Finding(Severity.FAIL, "across levels", columns, text))
    return found


def given_side_findings(pool: Pool, prefixes: Mapping[str, str]) -> list[Finding]:
    """Return the level columns that are MARKET columns once the side of the price is given.

    Sides with rows in fewer than `MIN_SESSIONS` sessions are not judged.
    """
    return [
        finding
        for table, prefix in prefixes.items()
        for sign, words in ((1.0, "above"), (-1.0, "below"))
        for finding in _given_side(pool, table, prefix, sign, words, tuple(prefixes))
    ]


def _given_side(
    pool: Pool, table: str, prefix: str, sign: float, words: str, levels: tuple[str, ...]
) -> Iterator[Finding]:
    distance = f"{prefix}{_DISTANCE}"
    if distance not in pool.names:
        return
    at = pool.names.index(distance)
    kept = [i for i, of in enumerate(pool.tables) if of == table or of not in levels]
    sessions = tuple(s[sign * s[:, at] > 0][:, kept] for s in pool.sessions)
    sessions = tuple(s for s in sessions if len(s))
    if len(sessions) < MIN_SESSIONS:
        return
    side = Pool(tuple(pool.names[i] for i in kept), tuple(pool.tables[i] for i in kept), sessions)
    own = set(side.columns_of([table]))
    for finding in affine_findings(side):
        if finding.severity is not Severity.FAIL:
            continue
        of_level = [side.names.index(name) in own for name in finding.columns]
        if any(of_level) and not all(of_level):
            text = f"with the price {words} the level: {finding.text}"
            yield Finding(Severity.FAIL, "given the side", finding.columns, text)


def _equal_share(a: F64, b: F64) -> float:
    said = np.isfinite(a) & np.isfinite(b) & ((a != 0) | (b != 0))
    if np.count_nonzero(said) < MIN_ROWS:
        return 0.0
    a, b = a[said], b[said]
    size = _ROUNDING * np.maximum(np.abs(a), np.abs(b))
    # One sign for all rows: of a column of -1 and 1, every row is equal to it or to its opposite.
    return float(max((np.abs(a - b) <= size).mean(), (np.abs(a + b) <= size).mean()))
