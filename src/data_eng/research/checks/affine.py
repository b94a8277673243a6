"""Pairs of features that are the same up to an affine transform.

For features a and b on the rows where both have a value (at least `MIN_ROWS`, neither constant),
with the least squares b = c0 + c1 a::

    max|residual| / std(b) < 1e-6    FAIL, the same feature
    |Pearson correlation| > 0.99     WARN, a near duplicate: repair it, or allow it with a reason

Common rows in fewer than `SOME_SESSIONS` sessions say nothing: a few minutes in which two sparse
features both have a value are a line for any two that move slowly.

The same on log1p(a) and log1p(b) where both features are never negative, which finds ratios and
powers, and, exact copies only, on log1p of one of the two.

1. `_Moments` sums, session by session, what every pair's correlation needs: a few matrix
   products instead of a pass over the rows for each of the many thousand pairs.
2. `_candidates` are pairs whose correlation comes near the threshold, and those where the sums
   cannot tell because one of the two hardly varies on the common rows.
3. `relation` looks at a candidate's rows themselves, and alone decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ...catalogue.finding import Finding, Severity
from .pool import (
    EXACT,
    F64,
    MIN_ROWS,
    SOME_SESSIONS,
    Pool,
    is_constant,
    need_sessions,
    seen_in,
)

NEAR: Final = 0.99

_SCREEN: Final = 0.98
_SCREEN_MIXED: Final = 0.9999
_HARDLY_VARIES: Final = 1e-6

LeftOut = Mapping[frozenset[str], frozenset[int]]


@dataclass(frozen=True)
class Relation:
    """How b follows from a on their common rows.

    Attributes
    ----------
    intercept, slope : float
        The least squares b = intercept + slope a.
    residual : float
        Largest absolute residual, in standard deviations of b.
    pearson : float
        Correlation.
    """

    intercept: float
    slope: float
    residual: float
    pearson: float


def relation(a: F64, b: F64) -> Relation | None:
    """Return the relation of two features; None on too few common rows or a constant.

    Parameters
    ----------
    a, b : float64 arrays, shape (n,)
        Values; NaN or infinite where there is none.
    """
    common = np.isfinite(a) & np.isfinite(b)
    if np.count_nonzero(common) < MIN_ROWS:
        return None
    a, b = a[common], b[common]
    if is_constant(a) or is_constant(b):
        return None
    centre_a, centre_b = a.mean(), b.mean()
    scale_a, scale_b = a.std(), b.std()
    x, y = (a - centre_a) / scale_a, (b - centre_b) / scale_b
    pearson = float(x @ y / (x @ x))
    slope = pearson * scale_b / scale_a
    residual = float(np.abs(y - pearson * x).max())
    return Relation(float(centre_b - slope * centre_a), float(slope), residual, pearson)


def affine_findings(pool: Pool, left_out: LeftOut | None = None) -> list[Finding]:
    """Return the pairs of features that are, or nearly are, affine copies.

    Parameters
    ----------
    pool : Pool
        At least `MIN_SESSIONS` sessions; an exact copy that has common rows in fewer of them is
        a WARN.
    left_out : mapping of two table names to positions of sessions, optional
        Sessions that say nothing about the features of these two tables: two levels stand at
        nearly the same price.

    Raises
    ------
    ValueError
        The pool has fewer sessions.
    """
    need_sessions(pool)
    left_out = left_out or {}
    moments = _Moments(pool, left_out)
    findings: dict[tuple[int, int], Finding] = {}
    for i, j in moments.candidates():
        first, second = moments.source[i], moments.source[j]
        pair = min(first, second), max(first, second)
        known = findings.get(pair)
        if known is not None and known.severity is Severity.FAIL:
            continue
        is_log = moments.is_log[i], moments.is_log[j]
        found = _judge(pool, (first, second), is_log, left_out)
        if found is not None and (known is None or found.severity is Severity.FAIL):
            findings[pair] = found
    return [findings[pair] for pair in sorted(findings)]


class _Moments:
    # Sums over the common rows of each pair of standardised columns: every feature, and then
    # log1p of every feature that is never negative.

    def __init__(self, pool: Pool, left_out: LeftOut) -> None:
        count = len(pool.names)
        never_negative = [
            index
            for index in range(count)
            if all(not (session[:, index] < 0).any() for session in pool.sessions)
        ]
        self._never_negative = never_negative
        self.source = [*range(count), *never_negative]
        self.is_log = [False] * count + [True] * len(never_negative)
        self._centre, scale = self._standards(pool)
        self._varies = scale > 0
        self._scale = np.where(self._varies, scale, 1.0)
        shape = (len(self.source), len(self.source))
        self._n, self._sum, self._square, self._cross = (np.zeros(shape) for _ in range(4))
        tables = np.array([pool.tables[index] for index in self.source])
        for position, session in enumerate(pool.sessions):
            self._add(session, _kept(tables, position, left_out))

    def _extended(self, session: F64) -> F64:
        values = np.hstack([session, np.log1p(session[:, self._never_negative])])
        values[np.isinf(values)] = np.nan
        return values

    def _standards(self, pool: Pool) -> tuple[F64, F64]:
        # Per column over all rows; two passes, so that a large mean costs no digits.
        rows = total = spread = np.zeros(len(self.source))
        for session in pool.sessions:
            values = self._extended(session)
            rows = rows + np.count_nonzero(~np.isnan(values), axis=0)
            total = total + np.nansum(values, axis=0)
        centre = total / np.maximum(rows, 1)
        for session in pool.sessions:
            spread = spread + np.nansum((self._extended(session) - centre) ** 2, axis=0)
        scale = np.sqrt(spread / np.maximum(rows, 1))
        return centre, scale

    def _add(self, session: F64, kept: F64 | None) -> None:
        values = (self._extended(session) - self._centre) / self._scale
        present = (~np.isnan(values)).astype(np.float64)
        values = np.nan_to_num(values, nan=0.0)
        keep = 1.0 if kept is None else kept
        self._n += keep * (present.T @ present)
        self._sum += keep * (values.T @ present)
        self._square += keep * ((values * values).T @ present)
        self._cross += keep * (values.T @ values)

    def candidates(self) -> Iterator[tuple[int, int]]:
        # Straight pairs come before those with logarithms.
        n = np.maximum(self._n, 1.0)
        mean = self._sum / n
        variance = self._square / n - mean * mean
        covariance = self._cross / n - mean * mean.T
        scale = np.sqrt(np.maximum(variance * variance.T, np.finfo(np.float64).tiny))
        hardly = np.minimum(variance, variance.T) < _HARDLY_VARIES
        is_log = np.array(self.is_log)
        # Of a feature and the logarithm of another only exact copies count.
        screen = np.where(is_log[:, None] == is_log[None, :], _SCREEN, _SCREEN_MIXED)
        wanted = (self._n >= MIN_ROWS) & (hardly | (np.abs(covariance) > screen * scale))
        wanted &= self._varies[:, None] & self._varies[None, :]
        for i, j in np.argwhere(np.triu(wanted, 1)):
            if self.source[i] != self.source[j]:
                yield int(i), int(j)


def _kept(tables: npt.NDArray[np.str_], position: int, left_out: LeftOut) -> F64 | None:
    without = [pair for pair, positions in left_out.items() if position in positions]
    if not without:
        return None
    kept = np.ones((len(tables), len(tables)), dtype=np.float64)
    for pair in without:
        first, second = (tables == table for table in sorted(pair))
        kept[np.ix_(first, second)] = kept[np.ix_(second, first)] = 0.0
    return kept


def _judge(
    pool: Pool,
    pair: tuple[int, int],
    is_log: tuple[bool, bool],
    left_out: LeftOut,
) -> Finding | None:
    skipped = left_out.get(frozenset(pool.tables[index] for index in pair), frozenset())
    sessions = [s for position, s in enumerate(pool.sessions) if position not in skipped]
    first, second = (np.concatenate([s[:, index] for s in sessions]) for index in pair)
    a, b = (np.log1p(v) if log else v for v, log in zip((first, second), is_log, strict=True))
    found = relation(a, b)
    if found is None:
        return None
    labels = [
        f"log1p({pool.names[index]})" if log else pool.names[index]
        for index, log in zip(pair, is_log, strict=True)
    ]
    names = pool.names[pair[0]], pool.names[pair[1]]
    check = "log affine" if any(is_log) else "affine"
    common = sum(bool(np.isfinite(s[:, pair]).all(axis=1).any()) for s in sessions)
    if common < SOME_SESSIONS:
        return None
    if found.residual < EXACT:
        text = _copy_text(found, labels, first, second)
        return seen_in(common, Severity.FAIL, check, names, text)
    if abs(found.pearson) > NEAR and is_log[0] == is_log[1]:
        text = f"near duplicates: correlation {found.pearson:+.4f} of {' and '.join(labels)}"
        return Finding(Severity.WARN, check, names, text)
    return None


def _copy_text(found: Relation, labels: list[str], first: F64, second: F64) -> str:
    has_first, has_second = np.isfinite(first), np.isfinite(second)
    common = has_first & has_second
    masks = "null on the same rows"
    if not np.array_equal(has_first, has_second):
        masks = f"null on different rows ({np.count_nonzero(has_first != has_second):,})"
    if np.array_equal(first[common], second[common]):
        return f"identical values, {masks}"
    return (
        f"{labels[1]} = {found.intercept:.6g} {found.slope:+.6g} {labels[0]} "
        f"(largest residual {found.residual:.1e} standard deviations), {masks}"
    )
