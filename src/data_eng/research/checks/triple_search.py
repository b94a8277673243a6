"""Candidates for a relation of three columns: a search over all triples of a sample of rows.

Of k columns there are k (k - 1) (k - 2) / 6 triples, five million of 310. Each is looked at on a
few rows that have all three values, and nearly all are gone by then.

1. `sample_rows` takes rows of all sessions: some of each session, and for each column some on
   which it differs from its median, so that counts that are mostly 0 are seen where they are not.
2. `dependent_triples` standardises each triple on up to `ROWS` of its common rows. Three columns
   lie in a plane exactly if the determinant of their correlation matrix,
   1 + 2 r12 r13 r23 - r12^2 - r13^2 - r23^2, is 0. A triple is passed over if two of its columns
   are copies of each other on these rows (1 - r^2 below 1e-9): it says nothing of the third.

What comes out are candidates; whoever asks looks at all rows.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ...compiled import kernel, part
from .pool import F64, Pool

ROWS: Final = 64
"""Common rows on which a triple is looked at."""

_FEWEST: Final = 12
_FROM_SESSION: Final = 100
_FROM_COLUMN: Final = 24
_SINGULAR: Final = 1e-9
_COPY: Final = 1e-9


def sample_rows(pool: Pool, seed: int = 0) -> F64:
    """Return rows of the pool in random order, shape (rows, k).

    Parameters
    ----------
    pool : Pool
    seed : int
        Of the choice: the same rows every time.
    """
    rng = np.random.default_rng(seed)
    each = -(-_FROM_COLUMN // max(len(pool.sessions), 1))
    taken = []
    for session in pool.sessions:
        chosen = [rng.permutation(len(session))[:_FROM_SESSION]]
        present = np.isfinite(session)
        for index in range(session.shape[1]):
            rows = np.flatnonzero(present[:, index])
            if len(rows):
                values = session[rows, index]
                telling = rows[values != np.median(values)]
                chosen.append(rng.permutation(telling if len(telling) else rows)[:each])
        taken.append(session[np.unique(np.concatenate(chosen))])
    sample = np.vstack(taken)
    return np.ascontiguousarray(rng.permutation(sample, axis=0))


def dependent_triples(sample: F64) -> npt.NDArray[np.int64]:
    """Return the triples of columns that lie in a plane on their common rows, shape (n, 3).

    Parameters
    ----------
    sample : float64 array, shape (rows, k)
        NaN or infinite where there is no value.
    """
    present = np.isfinite(sample)
    # The sparsest first: a pair's common rows are then few where they can be few.
    order = np.argsort(present.sum(axis=0), kind="stable")
    values = np.ascontiguousarray(np.where(present, sample, np.nan)[:, order])
    found = _search(values)
    return np.sort(order[found], axis=1) if len(found) else np.empty((0, 3), dtype=np.int64)


@kernel
def _search(values: F64) -> npt.NDArray[np.int64]:
    columns = values.shape[1]
    found = np.empty((1024, 3), dtype=np.int64)
    count = 0
    taken = np.empty((ROWS, 3))
    for i in range(columns):
        for j in range(i + 1, columns):
            common = np.flatnonzero(~(np.isnan(values[:, i]) | np.isnan(values[:, j])))
            for k in range(j + 1, columns):
                n = _take(values, common, (i, j, k), taken)
                if n >= _FEWEST and _in_a_plane(taken[:n]):
                    if count == len(found):
                        found = np.concatenate((found, np.empty_like(found)))
                    found[count] = i, j, k
                    count += 1
    return found[:count]


@part
def _take(
    values: F64, common: npt.NDArray[np.int64], triple: tuple[int, int, int], taken: F64
) -> int:
    # The first rows that have all three values.
    n = 0
    for row in common:
        if not np.isnan(values[row, triple[2]]):
            taken[n, 0] = values[row, triple[0]]
            taken[n, 1] = values[row, triple[1]]
            taken[n, 2] = values[row, triple[2]]
            n += 1
            if n == ROWS:
                break
    return n


@part
def _in_a_plane(taken: F64) -> bool:
    n = len(taken)
    for column in range(3):
        mean = taken[:, column].mean()
        square = 0.0
        for row in range(n):
            taken[row, column] -= mean
            square += taken[row, column] ** 2
        if not square > 0.0:
            return False
        size = np.sqrt(square)
        for row in range(n):
            taken[row, column] /= size
    a, b, c = 0.0, 0.0, 0.0
    for row in range(n):
        a += taken[row, 0] * taken[row, 1]
        b += taken[row, 0] * taken[row, 2]
        c += taken[row, 1] * taken[row, 2]
    smallest = min(1.0 - a * a, 1.0 - b * b, 1.0 - c * c)
    if smallest < _COPY:
        return False
    return 1.0 + 2.0 * a * b * c - a * a - b * b - c * c < _SINGULAR * smallest
