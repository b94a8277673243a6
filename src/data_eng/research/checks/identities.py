"""Features that follow from two others: sums and differences, products, ratios and powers.

On the rows on which all three have a value (at least `MIN_ROWS`)::

    a = x b + y c + z                       a sum or difference
    log|a| = x log|b| + y log|c| + z        a product, ratio or power; rows without a 0

with a largest residual below 1e-6 standard deviations of a. It is named as what it is,
``a = b - c`` or ``a = b / c``. Common rows in `MIN_SESSIONS` sessions or more are a FAIL; in fewer,
but at least `SOME_SESSIONS`, a WARN: it is not conclusive. Below `MIN_DISTINCT` different rows
nothing is said, since a few combinations of counts and flags fit a plane by chance.

`triple_search` finds the candidates; the sums here look at all rows, and alone decide.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...catalogue.finding import Finding, Severity
from .logarithms import log_size
from .pool import (
    EXACT,
    F64,
    MIN_DISTINCT,
    MIN_ROWS,
    SOME_SESSIONS,
    Pool,
    is_constant,
    need_sessions,
    seen_in,
)
from .triple_search import dependent_triples, sample_rows

_IS_ONE: Final = 1e-7
_NO_TERM: Final = 1e-6


@dataclass(frozen=True)
class Plane:
    """How a column follows from two others on their common rows.

    Attributes
    ----------
    weights : tuple of float
        Of the two others.
    intercept : float
    residual : float
        Largest absolute residual, in standard deviations of the column.
    scale : float
        Standard deviation of the column.
    """

    weights: tuple[float, float]
    intercept: float
    residual: float
    scale: float


def plane(target: F64, first: F64, second: F64) -> Plane | None:
    """Return the least squares of a column on two others; None where it is not determined.

    Parameters
    ----------
    target, first, second : float64 arrays, shape (n,)
        Finite values.
    """
    if len(target) < 4 or any(is_constant(values) for values in (target, first, second)):
        return None
    y, *xs = ((values - values.mean()) / values.std() for values in (target, first, second))
    matrix = np.column_stack(xs)
    cross = float(xs[0] @ xs[1] / len(y))
    if 1.0 - cross * cross < _NO_TERM**2:
        return None
    solved, *_ = np.linalg.lstsq(matrix, y, rcond=None)
    scale = float(target.std())
    weights = solved * scale / np.array([first.std(), second.std()])
    if np.abs(solved).min() < _NO_TERM:
        return None  # a relation of two columns
    intercept = target.mean() - weights[0] * first.mean() - weights[1] * second.mean()
    residual = float(np.abs(y - matrix @ solved).max())
    return Plane((float(weights[0]), float(weights[1])), float(intercept), residual, scale)


def identity_findings(pool: Pool, left_out: Container[str] = ()) -> list[Finding]:
    """Return the features that are a sum, product, ratio or power of two others.

    Parameters
    ----------
    pool : Pool
        At least `MIN_SESSIONS` sessions.
    left_out : container of str
        Features that were named before.

    Raises
    ------
    ValueError
        The pool has fewer sessions.
    """
    need_sessions(pool)
    columns = [i for i, name in enumerate(pool.names) if name not in left_out]
    sample = sample_rows(pool)[:, columns]
    findings: dict[tuple[int, ...], Finding] = {}
    for is_log in (False, True):
        values = log_size(sample) if is_log else sample
        for found in dependent_triples(values):
            triple = tuple(columns[i] for i in found)
            if triple in findings or _residual(values[:, found]) > EXACT:
                continue
            judged = _judge(pool, triple, is_log)
            if judged is not None:
                findings[triple] = judged
    return [findings[triple] for triple in sorted(findings)]


def _residual(rows: F64) -> float:
    # Of the last of three columns on the first two, of all sampled rows that have them.
    rows = rows[np.isfinite(rows).all(axis=1)]
    found = plane(rows[:, 2], rows[:, 0], rows[:, 1])
    return np.inf if found is None else found.residual


def _judge(pool: Pool, triple: Sequence[int], is_log: bool) -> Finding | None:
    sessions = []
    for session in pool.sessions:
        rows = session[:, triple]
        used = log_size(rows) if is_log else rows
        rows = rows[np.isfinite(used).all(axis=1)]
        if len(rows):
            sessions.append(rows)
    if len(sessions) < SOME_SESSIONS or sum(map(len, sessions)) < MIN_ROWS:
        return None
    raw = np.vstack(sessions)
    if len(np.unique(raw, axis=0)) < MIN_DISTINCT:
        return None
    used = log_size(raw) if is_log else raw
    found = plane(used[:, 2], used[:, 0], used[:, 1])
    if found is None or found.residual > EXACT:
        return None
    names = [pool.names[index] for index in triple]
    text = _product(names, found, raw) if is_log else _sum(names, found)
    check = "product" if is_log else "sum"
    return seen_in(len(sessions), Severity.FAIL, check, tuple(names), text)


def _sum(names: Sequence[str], found: Plane) -> str:
    *others, target = names
    terms = " ".join(_terms(others, found.weights))
    if abs(found.intercept) > _IS_ONE * found.scale:
        terms += f" {_signed(found.intercept)}"
    return f"{target} = {terms.removeprefix('+ ')}"


def _terms(names: Sequence[str], weights: Sequence[float]) -> Iterator[str]:
    # A term that is added comes before one that is taken off.
    for name, weight in sorted(zip(names, weights, strict=True), key=lambda term: term[1] < 0):
        sign = "-" if weight < 0 else "+"
        is_one = abs(abs(weight) - 1.0) < _IS_ONE
        yield f"{sign} {name}" if is_one else f"{sign} {abs(weight):.6g} {name}"


def _signed(value: float) -> str:
    return f"{'-' if value < 0 else '+'} {abs(value):.6g}"


def _product(names: Sequence[str], found: Plane, raw: F64) -> str:
    *others, target = names
    powers = [round(weight) for weight in found.weights]
    is_whole = all(abs(w - p) < _IS_ONE for w, p in zip(found.weights, powers, strict=True))
    factor = float(np.exp(found.intercept))
    if is_whole:
        signs = (
            np.sign(raw[:, 2]) * np.sign(raw[:, 0]) ** powers[0] * np.sign(raw[:, 1]) ** powers[1]
        )
        is_whole = bool((signs == signs[0]).all())
        factor *= float(signs[0])
    if not (is_whole or (raw > 0).all()):
        target = f"|{target}|"
        others = [f"|{name}|" for name in others]
    top = [_power(n, w) for n, w in zip(others, found.weights, strict=True) if w > 0]
    bottom = [_power(n, -w) for n, w in zip(others, found.weights, strict=True) if w < 0]
    if not top or abs(factor - 1.0) > _IS_ONE:
        top.insert(0, f"{factor:.6g}")
    return f"{target} = {' / '.join([' * '.join(top), *bottom])}"


def _power(name: str, exponent: float) -> str:
    return name if abs(exponent - 1.0) < _IS_ONE else f"{name}^{exponent:.6g}"
