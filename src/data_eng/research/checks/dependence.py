"""Features that are a linear combination of others, found by a pivoted QR factorisation.

1. `_complete` chooses the columns: constants and the columns with the most nulls go until enough
   rows of enough sessions have a value in every column.
2. The standardised rows are reduced to their triangular factor session by session; its pivoted
   QR has the same R as that of all rows at once, at the cost of a small square matrix.
3. A diagonal entry below 1e-8 of the first names a dependent column; solving with the
   independent ones says what it is made of, which must then hold wherever these have a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ...catalogue.finding import Finding, Severity
from .pool import EXACT, F64, MIN_ROWS, MIN_SESSIONS, Pool, is_constant, need_sessions

DEPENDENT: Final = 1e-8
LEFT_OUT: Final = "left out of the test of"
"""What the message begins with where a feature could not be tested."""

_ROWS_PER_COLUMN: Final = 10
_TERMS_SHOWN: Final = 6
_NO_TERM: Final = 1e-6


def pivoted_qr(matrix: F64) -> tuple[F64, npt.NDArray[np.intp]]:
    """Return R and the permutation of a QR factorisation with column pivoting.

    Householder reflections; at each step the column with the largest remaining norm comes next,
    so that the diagonal of R does not increase in size (Businger & Golub 1965; LAPACK's xGEQP3,
    which NumPy does not reach).

    Parameters
    ----------
    matrix : float64 array, shape (m, k)
        Left as it is.

    Returns
    -------
    r : float64 array, shape (min(m, k), k)
        Upper triangular; ``matrix[:, permutation] = Q r`` with orthonormal Q.
    permutation : int array, shape (k,)
        Position in ``matrix`` of each column of ``r``.
    """
    r = np.array(matrix, dtype=np.float64)
    rows, columns = r.shape
    permutation = np.arange(columns)
    for step in range(min(rows, columns)):
        # Norms are taken anew at each step: updating them loses digits where columns depend.
        norms = np.linalg.norm(r[step:, step:], axis=0)
        pivot = step + int(norms.argmax())
        r[:, [step, pivot]] = r[:, [pivot, step]]
        permutation[[step, pivot]] = permutation[[pivot, step]]
        norm = float(norms[pivot - step])
        if norm == 0.0:
            break
        reflector = r[step:, step].copy()
        reflector[0] += np.copysign(norm, reflector[0])
        reflector /= np.linalg.norm(reflector)
        r[step:, step:] -= 2.0 * np.outer(reflector, reflector @ r[step:, step:])
        r[step + 1 :, step] = 0.0
    return r[: min(rows, columns)], permutation


def dependence_findings(pool: Pool, columns: Sequence[int], block: str) -> list[Finding]:
    """Return the features of a block that are linear combinations of others of it.

    Parameters
    ----------
    pool : Pool
        At least `MIN_SESSIONS` sessions.
    columns : sequence of int
        Positions of the features of the block.
    block : str
        Its name, for the messages.

    Returns
    -------
    list of Finding
        FAIL for a dependent feature, WARN for one that had to be left out, or that depends only on
        the complete rows.

    Raises
    ------
    ValueError
        The pool has fewer sessions.
    """
    need_sessions(pool)
    kept, findings = _complete(pool, list(columns), block)
    if len(kept) < 2:
        return findings
    blocks = [_rows(session, kept) for session in pool.sessions]
    centre, scale, varies = _standards(blocks)
    findings += [
        _not_checked(pool.names[kept[index]], block, "constant on the complete rows")
        for index in np.flatnonzero(~varies)
    ]
    kept = [column for column, found in zip(kept, varies, strict=True) if found]
    factor = np.zeros((0, len(kept)))
    for rows in blocks:
        standardised = (rows[:, varies] - centre[varies]) / scale[varies]
        if len(rows):
            factor = np.asarray(np.linalg.qr(np.vstack([factor, standardised]), mode="r"))
    return findings + _dependent(pool, kept, factor, scale[varies], block)


def _rows(session: F64, columns: list[int]) -> F64:
    values = session[:, columns]
    return values[np.isfinite(values).all(axis=1)]


def _complete(pool: Pool, columns: list[int], block: str) -> tuple[list[int], list[Finding]]:
    findings = []
    present = [np.isfinite(session) for session in pool.sessions]
    while columns:
        counts = [int(np.count_nonzero(p[:, columns].all(axis=1))) for p in present]
        covered = sum(count > 0 for count in counts)
        if covered >= MIN_SESSIONS and sum(counts) >= max(
            MIN_ROWS, _ROWS_PER_COLUMN * len(columns)
        ):
            break
        values = sum(np.count_nonzero(p[:, columns], axis=0) for p in present)
        sparsest = columns[int(np.argmin(values))]
        columns = [column for column in columns if column != sparsest]
        reason = f"{sum(counts):,} complete rows in {covered} sessions with it, too few"
        findings.append(_not_checked(pool.names[sparsest], block, reason))
    return columns, findings


def _standards(blocks: list[F64]) -> tuple[F64, F64, npt.NDArray[np.bool_]]:
    rows = sum(len(block) for block in blocks)
    centre = sum((block.sum(axis=0) for block in blocks), np.zeros(blocks[0].shape[1])) / rows
    spread = sum((((block - centre) ** 2).sum(axis=0) for block in blocks), np.zeros_like(centre))
    filled = [block for block in blocks if len(block)]
    extremes = np.vstack([[block.min(axis=0), block.max(axis=0)] for block in filled])
    varies = np.array([not is_constant(column) for column in extremes.T])
    return centre, np.where(varies, np.sqrt(spread / rows), 1.0), varies


def _dependent(
    pool: Pool, columns: list[int], factor: F64, scale: F64, block: str
) -> list[Finding]:
    r, permutation = pivoted_qr(factor)
    diagonal = np.abs(np.diag(r))
    if not len(diagonal) or diagonal[-1] >= DEPENDENT * diagonal[0]:
        return []
    rank = int(np.argmax(diagonal < DEPENDENT * diagonal[0]))
    weights = np.linalg.solve(r[:rank, :rank], r[:rank, rank:])
    findings = []
    for position, column in enumerate(permutation[rank:]):
        weight = weights[:, position] * scale[column] / scale[permutation[:rank]]
        used = np.flatnonzero(np.abs(weights[:, position]) > _NO_TERM)
        used = used[np.argsort(-np.abs(weights[used, position]))]
        terms = {columns[permutation[i]]: float(weight[i]) for i in used}
        shown = [f"{w:+.6g} {pool.names[term]}" for term, w in list(terms.items())[:_TERMS_SHOWN]]
        more = " ..." if len(terms) > len(shown) else ""
        text = f"within {block} a linear combination: constant {' '.join(shown)}{more}"
        holds = _holds_everywhere(pool, columns[column], terms)
        findings.append(
            Finding(
                Severity.FAIL if holds else Severity.WARN,
                "dependence",
                (pool.names[columns[column]],),
                text if holds else f"{text}, on the complete rows of the block alone",
            )
        )
    return findings


def _holds_everywhere(pool: Pool, column: int, terms: Mapping[int, float]) -> bool:
    # Whether a relation that was found on complete rows is there on all rows that have its terms:
    # where a block has many nulls, two flags may happen to agree on what is left.
    wanted, weight = [column, *terms], np.array([1.0, *(-w for w in terms.values())])
    rows = np.vstack([_rows(session, wanted) for session in pool.sessions])
    rest = rows @ weight
    spread = float(rows[:, 0].std())
    return bool(np.ptp(rest) <= EXACT * spread)


def _not_checked(name: str, block: str, reason: str) -> Finding:
    text = f"{LEFT_OUT} linear dependence within {block}: {reason}"
    return Finding(Severity.WARN, "dependence", (name,), text)
