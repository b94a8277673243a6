"""The values of features pooled over sessions, and what of them is too thin to be checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from ...catalogue.finding import Finding, Severity

F64 = npt.NDArray[np.float64]

MIN_SESSIONS: Final = 20
"""Sessions from which values say something: on one day all fixed levels differ by constants."""

SOME_SESSIONS: Final = 5
"""Sessions from which a relation is told at all, as not conclusive: in fewer, what differs from
session to session by a constant lies on a line or a plane."""

MIN_ROWS: Final = 500
"""Rows on which two features must both have a value."""

MIN_DISTINCT: Final = 20
"""Different rows below which a relation is chance: a few combinations of counts fit any line."""

EXACT: Final = 1e-6
"""Largest residual of a relation that holds, standard deviations of the feature that follows."""

_ROUNDING: Final = 1e-12


@dataclass(frozen=True)
class Pool:
    """Feature values of several sessions.

    Attributes
    ----------
    names : tuple of str
        The k features.
    tables : tuple of str
        For each feature the table it stands in.
    sessions : tuple of float64 arrays, each of shape (rows, k)
        The values; a null is NaN.
    """

    names: tuple[str, ...]
    tables: tuple[str, ...]
    sessions: tuple[F64, ...]

    @cached_property
    def rows(self) -> int:
        """Rows of all sessions."""
        return sum(len(session) for session in self.sessions)

    def column(self, index: int) -> F64:
        """Return one feature over all sessions, shape (rows,)."""
        return np.concatenate([session[:, index] for session in self.sessions])

    def columns_of(self, tables: Sequence[str]) -> list[int]:
        """Return the features, by position, that stand in some tables."""
        return [index for index, table in enumerate(self.tables) if table in tables]


def need_sessions(pool: Pool) -> None:
    """Raise `ValueError` if the pool has fewer than `MIN_SESSIONS` sessions."""
    if len(pool.sessions) < MIN_SESSIONS:
        raise ValueError(f"{len(pool.sessions)} sessions pooled, {MIN_SESSIONS} are needed")


def seen_in(
    sessions: int, severity: Severity, check: str, columns: tuple[str, ...], text: str
) -> Finding:
    """Return the finding that some sessions show: with fewer than `MIN_SESSIONS` a WARN."""
    if sessions < MIN_SESSIONS:
        severity = Severity.WARN
        text += f"; seen in {sessions} sessions only: not conclusive"
    return Finding(severity, check, columns, text)


def is_constant(values: F64) -> bool:
    """Return whether values (no NaN, at least one) are all the same up to rounding."""
    low, high = float(values.min()), float(values.max())
    return high - low <= _ROUNDING * max(abs(low), abs(high))


def coverage_findings(pool: Pool) -> list[Finding]:
    """Return the features that are not finite (FAIL), and those that cannot be checked (WARN).

    A WARN says that a feature is constant, or has a value on fewer than `MIN_ROWS` rows or in
    fewer than `MIN_SESSIONS` sessions.
    """
    return [found for index in range(len(pool.names)) for found in _coverage(pool, index)]


def _coverage(pool: Pool, index: int) -> Iterator[Finding]:
    columns = (pool.names[index],)
    infinite = sum(int(np.count_nonzero(np.isinf(s[:, index]))) for s in pool.sessions)
    if infinite:
        yield Finding(Severity.FAIL, "coverage", columns, f"infinite on {infinite:,} rows")
    values = [s[np.isfinite(s[:, index]), index] for s in pool.sessions]
    present = np.concatenate(values)
    covered = sum(len(session) > 0 for session in values)
    reason = None
    if len(present) < MIN_ROWS:
        reason = f"has a value on {len(present):,} of {pool.rows:,} rows"
    elif is_constant(present):
        reason = f"is {present[0]:g} on every row that has a value"
    elif covered < MIN_SESSIONS:
        reason = f"has a value in {covered} of {len(values)} sessions"
    if reason is not None:
        yield Finding(Severity.WARN, "coverage", columns, f"{reason}: not checked conclusively")
