"""Features that are the same once the session is given: another plus a constant of each session.

On the rows of a session on which both have a value, with one slope for all sessions::

    b = c_s + k a               an offset of each session
    log|b| = c_s + k log|a|     a factor of each session (k = 1), or a power with one

with a largest residual below 1e-6 standard deviations (within sessions) of b. Over many sessions
the two are no copies, but within a session one says nothing that the other does not. Pairs of
distances to fixed levels are so by construction, and are left out.

Sessions in which the two vary count: `MIN_SESSIONS` of them are a FAIL, fewer, but at least
`SOME_SESSIONS`, a WARN. Where the constant is the same in all sessions, the one is a copy or a
power of the other, and told as *affine* or *product*. Below `MIN_DISTINCT` different rows,
session means taken off, nothing is said: a few steps of two counts may fall on the same seconds.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from itertools import combinations
from typing import Final

import numpy as np

from ...catalogue.finding import Finding, Severity
from ...features.level.levels import fixed_level_names
from .logarithms import log_size
from .pool import (
    EXACT,
    MIN_DISTINCT,
    MIN_ROWS,
    SOME_SESSIONS,
    Pool,
    is_constant,
    need_sessions,
    seen_in,
)

_THINNED: Final = 7
_SCREEN: Final = 0.999
_ROUNDING: Final = 1e-12
_DISTANCE: Final = "distance_ticks"


def offset_findings(
    pool: Pool, exempt: Container[frozenset[str]] = (), left_out: Container[str] = ()
) -> list[Finding]:
    """Return the pairs of features that a constant of each session makes the same.

    Of several that are the same each is named once, with the first of them.

    Parameters
    ----------
    pool : Pool
        At least `MIN_SESSIONS` sessions.
    exempt : container of frozenset of str
        Pairs that are so by construction (`fixed_distances`), and copies that were named before.
    left_out : container of str
        Features that are not looked at.

    Raises
    ------
    ValueError
        The pool has fewer sessions.
    """
    need_sessions(pool)
    columns = [i for i, name in enumerate(pool.names) if name not in left_out]
    findings: dict[tuple[int, int], Finding] = {}
    named: set[int] = set()
    for is_log in (False, True):
        for pair in _candidates(pool, columns, is_log):
            # What is so of a feature that was named is so of the one that it was named with.
            if named & {*pair} or frozenset({pool.names[i] for i in pair}) in exempt:
                continue
            found = _judge(pool, pair, is_log)
            if found is not None:
                findings[pair] = found
                if found.severity is Severity.FAIL:
                    named.add(pair[1])
    return [findings[pair] for pair in sorted(findings)]


def fixed_distances(prefixes: Mapping[str, str]) -> set[frozenset[str]]:
    """Return the pairs of distances to two fixed levels.

    Parameters
    ----------
    prefixes : mapping
        Prefix of each LEVEL table by its name.
    """
    fixed = [prefix for prefix in prefixes.values() if prefix[:-1] in fixed_level_names()]
    return {frozenset({f"{a}{_DISTANCE}", f"{b}{_DISTANCE}"}) for a, b in combinations(fixed, 2)}


def _candidates(pool: Pool, columns: list[int], is_log: bool) -> Iterator[tuple[int, int]]:
    # Sums of products over every seventh row, on the common rows of each pair, session by session.
    count = len(columns)
    cross, square, rows = (np.zeros((count, count)) for _ in range(3))
    for session in pool.sessions:
        values = session[::_THINNED, columns]
        values = log_size(values) if is_log else np.where(np.isfinite(values), values, np.nan)
        present = (~np.isnan(values)).astype(np.float64)
        n = present.sum(axis=0)
        values = np.nan_to_num(values, nan=0.0)
        centre = values.sum(axis=0) / np.maximum(n, 1.0)
        values = (values - centre) * present
        values[:, np.abs(values).max(axis=0) <= _ROUNDING * np.abs(centre)] = 0.0
        common = present.T @ present
        total = values.T @ present
        cross += values.T @ values - total * total.T / np.maximum(common, 1.0)
        square += (values * values).T @ present - total**2 / np.maximum(common, 1.0)
        rows += common
    size = np.sqrt(np.maximum(square * square.T, np.finfo(np.float64).tiny))
    wanted = (rows * _THINNED >= MIN_ROWS) & (np.abs(cross) > _SCREEN * size)
    for i, j in np.argwhere(np.triu(wanted, 1)):
        yield columns[i], columns[j]


def _judge(pool: Pool, pair: tuple[int, int], is_log: bool) -> Finding | None:
    inner, centres, raw, varies = [], [], 0, 0
    for session in pool.sessions:
        rows = session[:, pair]
        rows = log_size(rows) if is_log else rows
        rows = rows[np.isfinite(rows).all(axis=1)]
        if not len(rows):
            continue
        raw += len(rows)
        varies += not is_constant(rows[:, 0]) and not is_constant(rows[:, 1])
        centres.append(rows.mean(axis=0))
        inner.append(rows - centres[-1])
    if varies < SOME_SESSIONS or raw < MIN_ROWS:
        return None
    a, b = np.vstack(inner).T
    slope = float(a @ b / (a @ a))
    if np.abs(b - slope * a).max() > EXACT * b.std():
        return None
    if len(np.unique(np.round(a / a.std(), 9))) < MIN_DISTINCT:
        return None
    names = pool.names[pair[0]], pool.names[pair[1]]
    between = np.array(centres) @ np.array([-slope, 1.0])
    if float(np.ptp(between)) <= EXACT * b.std():
        check, text = _told_of_all(names, slope, float(between.mean()), is_log)
    else:
        check, text = _told(names, slope, is_log)
    return seen_in(varies, Severity.FAIL, check, names, text)


def _told_of_all(
    names: tuple[str, str], slope: float, constant: float, is_log: bool
) -> tuple[str, str]:
    # The constant is that of every session: nothing that may be allowed.
    first, second = names
    if is_log:
        return "product", f"|{second}| = {np.exp(constant):.6g} |{first}|^{slope:.6g}"
    return "affine", f"{second} = {constant:.6g} {slope:+.6g} {first} on the common rows"


def _told(names: tuple[str, str], slope: float, is_log: bool) -> tuple[str, str]:
    first, second = names
    is_one = abs(abs(slope) - 1.0) < EXACT
    if not is_log:
        term = f"{'-' if slope < 0 else ''}{'' if is_one else f'{abs(slope):.6g} '}{first}"
        return "session offset", f"{second} = {term} + a constant of each session"
    power = "" if is_one and slope > 0 else f"^{slope:.6g}"
    return "session factor", f"|{second}| = |{first}|{power} * a constant of each session"
