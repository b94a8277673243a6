"""Two simple models of a score, both on top of the log odds that it has without drift.

The score may lie between 0 and 1; the likelihood is that of a Bernoulli variable in expectation.
Models start from the given log odds (an offset), so without a feature that tells they foretell the
driftless probability.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np

from ...features.book.day_seconds import F64

PENALTY: Final = 100.0
"""Of the squared coefficients of standardized features, in touches of weight 1."""

_STEPS: Final = 30
_TREES: Final = 60
_RATE: Final = 0.05
_DEPTH: Final = 3
_LEAF_PENALTY: Final = 1.0
_MIN_LEAF: Final = 20


class Model(Protocol):
    """A model of log odds."""

    def fit(self, X: F64, score: F64, offset: F64, weight: F64) -> None:  # noqa: N803
        """Learn from touches.

        Parameters
        ----------
        X : float64 array, shape (n, k)
            NaN where missing; each column has two values at least.
        score, offset, weight : float64 array, shape (n,)
            Score in [0, 1]; log odds without drift; weight.
        """

    def log_odds(self, X: F64, offset: F64) -> F64:  # noqa: N803
        """Return the log odds of a bounce, shape (n,)."""


def probability(log_odds: F64) -> F64:
    """Return ``1 / (1 + exp(-x))``."""
    return np.asarray(0.5 + 0.5 * np.tanh(log_odds / 2), np.float64)


@dataclass
class LogisticRegression:
    """Ridge logistic regression by Newton's method; missing values are the median, and flagged."""

    _medians: F64 = field(init=False)
    _mean: F64 = field(init=False)
    _scale: F64 = field(init=False)
    _coefficients: F64 = field(init=False)

    def fit(self, X: F64, score: F64, offset: F64, weight: F64) -> None:  # noqa: N803
        """Learn from touches, see `Model`."""
        self._medians = np.nanmedian(X, axis=0)
        filled = self._filled(X)
        self._mean, scale = filled.mean(axis=0), filled.std(axis=0)
        self._scale = np.where(scale > 0, scale, 1.0)
        rows = self._rows(X)
        penalty = np.full(rows.shape[1], PENALTY)
        penalty[0] = 0.0  # of the constant
        beta = np.zeros(rows.shape[1])
        for _ in range(_STEPS):
            foretold = probability(offset + rows @ beta)
            slope = rows.T @ (weight * (score - foretold)) - penalty * beta
            spread = weight * foretold * (1 - foretold)
            curvature = (rows * spread[:, None]).T @ rows + np.diag(penalty + 1e-9)
            step = np.linalg.solve(curvature, slope)
            beta = beta + step
            if np.abs(step).max() < 1e-8:
                break
        self._coefficients = beta

    def log_odds(self, X: F64, offset: F64) -> F64:  # noqa: N803
        """Return the log odds of a bounce."""
        return np.asarray(offset + self._rows(X) @ self._coefficients, np.float64)

    def _filled(self, X: F64) -> F64:  # noqa: N803
        is_missing = np.isnan(X)
        values = np.where(is_missing, self._medians, X)
        return np.hstack([values, is_missing.astype(np.float64)])

    def _rows(self, X: F64) -> F64:  # noqa: N803
        scaled = (self._filled(X) - self._mean) / self._scale
        return np.hstack([np.ones((len(X), 1)), scaled])


@dataclass
class GradientBoosting:
    """Shallow regression trees on the gradient of the log-loss, with Newton's leaf values.

    Friedman 2001. Trees take missing values as they are.

    Attributes
    ----------
    seed : int
        Of ties between splits.
    """

    seed: int
    _trees: list[tuple[Any, F64]] = field(init=False, default_factory=list)

    def fit(self, X: F64, score: F64, offset: F64, weight: F64) -> None:  # noqa: N803
        """Learn from touches, see `Model`."""
        from sklearn.tree import DecisionTreeRegressor  # noqa: PLC0415 - half a second

        self._trees = []
        odds = offset.copy()
        for number in range(_TREES):
            foretold = probability(odds)
            gradient = score - foretold
            tree = DecisionTreeRegressor(
                max_depth=_DEPTH, min_samples_leaf=_MIN_LEAF, random_state=self.seed + number
            )
            tree.fit(X, gradient, sample_weight=weight)
            leaf, nodes = tree.apply(X), tree.tree_.node_count
            slope = np.bincount(leaf, weight * gradient, nodes)
            spread = np.bincount(leaf, weight * foretold * (1 - foretold), nodes)
            step = _RATE * slope / (spread + _LEAF_PENALTY)
            odds = odds + step[leaf]
            self._trees.append((tree, step))

    def log_odds(self, X: F64, offset: F64) -> F64:  # noqa: N803
        """Return the log odds of a bounce."""
        steps = [step[tree.apply(X)] for tree, step in self._trees]
        return np.asarray(offset + np.sum(steps, axis=0), np.float64)
