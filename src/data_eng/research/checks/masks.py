"""Null masks that tell something: a column that is the mask of another, a mask that is a column.

A null says "unknown". Where a model takes nulls as values, or a mask beside each column, the mask
is one more feature, and the rules of features hold for it.

What is no finding: a row before the first value of a session (warm-up), a session without a value,
a row on which the book has no valid quote, and two columns of one table that are null together or a
column that is null by the value of another of its table: that is its null rule.

What is one, on rows on which it can be told (`known`), both classes with `MIN_ROWS` rows or more:

- *indicator*, FAIL: a column of two values is the mask of another: it is there twice.
- *mask*, WARN: a column is null exactly where a column of another table is below, above or (by its
  size) near a value: the mask tells of the market, or of another level.
- *mask*, WARN: columns of two tables are null on the same rows.

Sessions that have both classes count: with fewer than `MIN_SESSIONS` a FAIL becomes a WARN, with
fewer than `SOME_SESSIONS` nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from ...catalogue.finding import Finding, Severity
from .affine import LeftOut
from .mask_states import NULL, UNKNOWN, VALUE, Mask, informative_masks
from .pool import F64, MIN_ROWS, SOME_SESSIONS, Pool, seen_in

_THINNED: Final = 20

Bools = npt.NDArray[np.bool_]


def mask_findings(pool: Pool, left_out: LeftOut | None = None) -> list[Finding]:
    """Return the columns that are null masks, and the masks that are columns.

    Parameters
    ----------
    pool : Pool
    left_out : mapping of two table names to positions of sessions, optional
        Sessions in which two tables' levels nearly coincide.
    """
    masks = informative_masks(pool)
    rows = _Rows(pool, left_out or {})
    findings = []
    for mask in masks:
        findings += list(_told_by_columns(rows, mask))
    for position, mask in enumerate(masks):
        for other in masks[position + 1 :]:
            if mask.table != other.table and (found := _equal(rows, mask, other)) is not None:
                findings.append(found)
    return findings


@dataclass(frozen=True)
class _Rows:
    pool: Pool
    left_out: LeftOut

    @cached_property
    def of_session(self) -> npt.NDArray[np.int64]:
        lengths = [len(session) for session in self.pool.sessions]
        return np.repeat(np.arange(len(lengths)), lengths)

    @cached_property
    def thinned(self) -> F64:
        return np.vstack([session[i % _THINNED :: _THINNED] for i, session in self._numbered])

    @cached_property
    def thinned_rows(self) -> npt.NDArray[np.int64]:
        starts = np.cumsum([0, *(len(session) for session in self.pool.sessions)])
        return np.concatenate(
            [
                np.arange(starts[i] + i % _THINNED, starts[i + 1], _THINNED)
                for i, _ in self._numbered
            ]
        )

    @property
    def _numbered(self) -> list[tuple[int, F64]]:
        return list(enumerate(self.pool.sessions))

    def kept(self, first: str, second: str) -> Bools:
        skipped = self.left_out.get(frozenset({first, second}), frozenset())
        return ~np.isin(self.of_session, list(skipped))

    def sessions_with_both(self, null: Bools, value: Bools) -> int:
        count = len(self.pool.sessions)
        nulls = np.bincount(self.of_session[null], minlength=count)
        values = np.bincount(self.of_session[value], minlength=count)
        return int(np.count_nonzero((nulls > 0) & (values > 0)))


def _told_by_columns(rows: _Rows, mask: Mask) -> Iterator[Finding]:
    state = mask.state[rows.thinned_rows]
    nulls, values = rows.thinned[state == NULL], rows.thinned[state == VALUE]
    if not len(nulls) or not len(values):
        return
    apart = _apart(nulls, values) | _apart(np.abs(nulls), np.abs(values))
    for index in np.flatnonzero(apart):
        if rows.pool.names[index] not in mask.names:
            found = _judge(rows, mask, int(index))
            if found is not None:
                yield found


def _apart(nulls: F64, values: F64) -> Bools:
    # Whether a column's finite values on the one and on the other rows lie apart.
    low_null, high_null = np.fmin.reduce(nulls, axis=0), np.fmax.reduce(nulls, axis=0)
    low_value, high_value = np.fmin.reduce(values, axis=0), np.fmax.reduce(values, axis=0)
    return np.asarray((high_null < low_value) | (high_value < low_null))


def _judge(rows: _Rows, mask: Mask, index: int) -> Finding | None:
    pool = rows.pool
    name, table = pool.names[index], pool.tables[index]
    column = pool.column(index)
    usable = np.isfinite(column) & rows.kept(mask.table, table)
    null, value = usable & (mask.state == NULL), usable & (mask.state == VALUE)
    sessions = rows.sessions_with_both(null, value)
    if min(np.count_nonzero(null), np.count_nonzero(value)) < MIN_ROWS:
        return None
    if sessions < SOME_SESSIONS:
        return None
    where = _where(column[null], column[value], name)
    if where is None:
        return None
    is_indicator = len(np.unique(column[np.isfinite(column)])) == 2
    if not is_indicator and table == mask.table:
        return None
    text = f"{mask.words}: null exactly where {where}"
    if is_indicator:
        columns = (mask.names[0], name)
        return seen_in(sessions, Severity.FAIL, "indicator", columns, text)
    return seen_in(sessions, Severity.WARN, "mask", (name, mask.names[0]), text)


def _where(nulls: F64, values: F64, name: str) -> str | None:
    for a, b, what in ((nulls, values, name), (np.abs(nulls), np.abs(values), f"|{name}|")):
        if a.max() < b.min():
            return f"{what} <= {a.max():.6g}"
        if b.max() < a.min():
            return f"{what} >= {a.min():.6g}"
    return None


def _equal(rows: _Rows, mask: Mask, other: Mask) -> Finding | None:
    known = (mask.state != UNKNOWN) & (other.state != UNKNOWN)
    known &= rows.kept(mask.table, other.table)
    null, value = known & (mask.state == NULL), known & (mask.state == VALUE)
    if min(np.count_nonzero(null), np.count_nonzero(value)) < MIN_ROWS:
        return None
    if not np.array_equal(mask.state[known], other.state[known]):
        return None
    sessions = rows.sessions_with_both(null, value)
    if sessions < SOME_SESSIONS:
        return None
    text = f"{mask.words}: null on the same rows as {other.words}"
    return Finding(Severity.WARN, "mask", (mask.names[0], other.names[0]), text)
