"""Simple models out of sample, against the driftless probability alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...features.book.day_seconds import F64, I64
from ...words import counted
from ..splits import PurgedSessionSplit, WalkForwardSplit
from .models import GradientBoosting, LogisticRegression, Model, probability
from .power import CONFIDENCE, detectable_errors
from .samples import Samples

MODELS: Final[dict[str, Callable[[int], Model]]] = {
    "logistic regression": lambda _: LogisticRegression(),
    "gradient boosting": GradientBoosting,
}
MIN_SESSIONS: Final = 20
MIN_TOUCHES: Final = 100
LONG_EMBARGO: Final = 20
LONG_EMBARGO_SESSIONS: Final = 250
"""With so many sessions, blocks are tested with the long embargo besides."""
BINS: Final = 5
_CLIP: Final = 1e-6


@dataclass(frozen=True)
class Score:
    """What a model foretold, out of sample; means are weighted by uniqueness.

    Attributes
    ----------
    model, split : str
    log_loss, base_log_loss : float
        Mean over touches; of the model, and of the driftless probability alone.
    brier, base_brier : float
        Mean squared error of the probability.
    gain, gain_interval : float, tuple of float
        ``base_log_loss - log_loss``, with the 95 % interval of a bootstrap by session.
    detectable : float
        Gain that is found with a chance of 80 %.
    foretold, happened : float64 array, shape (BINS,)
        Calibration: mean probability and score by fifths of the probability.
    touches : int64 array, shape (BINS,)
    """

    model: str
    split: str
    log_loss: float
    base_log_loss: float
    brier: float
    base_brier: float
    gain: float
    gain_interval: tuple[float, float]
    detectable: float
    foretold: F64
    happened: F64
    touches: I64

    @property
    def finds_something(self) -> bool:
        """Whether the model is better than the driftless probability beyond chance."""
        return self.gain_interval[0] > 0


def too_few(samples: Samples) -> str | None:
    """Return why nothing can be concluded from the samples, else None."""
    sessions, touches = len(np.unique(samples.session)), len(samples.score)
    bounces = int((samples.score > 0.5).sum())
    rarer = min(bounces, touches - bounces)
    if sessions < MIN_SESSIONS or touches < MIN_TOUCHES or rarer < BINS:
        return (
            f"{counted(touches, 'touch', 'touches')} in {counted(sessions, 'session')}, {rarer} of "
            f"the rarer outcome; {MIN_TOUCHES} in {MIN_SESSIONS} are needed"
        )
    return None


def splits_of(samples: Samples) -> dict[str, WalkForwardSplit | PurgedSessionSplit]:
    """Return the splits by name: walk-forward, which counts, and blocks beside it."""
    found: dict[str, WalkForwardSplit | PurgedSessionSplit] = {
        "walk-forward": WalkForwardSplit(),
        "blocks, embargo 1": PurgedSessionSplit(),
    }
    if len(np.unique(samples.session)) >= LONG_EMBARGO_SESSIONS:
        found[f"blocks, embargo {LONG_EMBARGO}"] = PurgedSessionSplit(embargo_sessions=LONG_EMBARGO)
    return found


def out_of_sample(
    samples: Samples,
    *,
    seed: int,
    resamples: int = 1000,
    models: Sequence[str] = tuple(MODELS),
) -> list[Score]:
    """Return the score of each model under each split.

    Parameters
    ----------
    samples : Samples
        Enough of them (`too_few`).
    seed : int
    resamples : int
        Of the bootstrap.
    models : sequence of str
        Of `MODELS`.
    """
    return [
        _score(name, split, samples, _foretold(name, samples, split, seed), seed, resamples)
        for split in splits_of(samples)
        for name in models
    ]


def _foretold(name: str, samples: Samples, split: str, seed: int) -> F64:
    # NaN where no test set has the touch.
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with scikit-learn

    base = np.clip(samples.base, _CLIP, 1 - _CLIP)
    offset = np.log(base / (1 - base))
    foretold = np.full(len(base), np.nan)
    for train, test in splits_of(samples)[split].split(samples.X, groups=samples.session):
        # A column without a value in training, or with one only, tells nothing.
        values = samples.X[train]
        kept = np.array([len(np.unique(c[~np.isnan(c)])) > 1 for c in values.T])
        model = MODELS[name](seed)
        # So few rows are done before threads have woken up.
        with threadpool_limits(1):
            model.fit(values[:, kept], samples.score[train], offset[train], samples.weight[train])
        foretold[test] = probability(model.log_odds(samples.X[test][:, kept], offset[test]))
    return foretold


def _score(
    name: str, split: str, samples: Samples, foretold: F64, seed: int, resamples: int
) -> Score:
    tested = ~np.isnan(foretold)
    foretold, score, base = foretold[tested], samples.score[tested], samples.base[tested]
    weight = samples.weight[tested]
    loss, base_loss = _log_loss(foretold, score), _log_loss(base, score)
    _, session = np.unique(samples.session[tested], return_inverse=True)
    gains = np.bincount(session, weight * (base_loss - loss))
    counts = np.bincount(session, weight)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(counts), (resamples, len(counts)))
    means = gains[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    fifth = np.array_split(np.argsort(foretold, kind="stable"), BINS)

    def mean(values: F64) -> float:
        return float(np.average(values, weights=weight))

    return Score(
        model=name,
        split=split,
        log_loss=mean(loss),
        base_log_loss=mean(base_loss),
        brier=mean((foretold - score) ** 2),
        base_brier=mean((base - score) ** 2),
        gain=mean(base_loss - loss),
        gain_interval=(float(low), float(high)),
        detectable=float(detectable_errors() * means.std(ddof=1)),
        foretold=np.array([np.average(foretold[i], weights=weight[i]) for i in fifth]),
        happened=np.array([np.average(score[i], weights=weight[i]) for i in fifth]),
        touches=np.array([len(rows) for rows in fifth], np.int64),
    )


def _log_loss(foretold: F64, score: F64) -> F64:
    p = np.clip(foretold, _CLIP, 1 - _CLIP)
    return np.asarray(-score * np.log(p) - (1 - score) * np.log(1 - p), np.float64)
