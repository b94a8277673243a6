"""Simple models under purged cross-validation, against the base rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ...features.book.day_seconds import F64, I64
from ..training import PurgedSessionSplit
from .samples import Samples

MODELS: Final = ("logistic regression", "gradient boosting")
MIN_SESSIONS: Final = 20
MIN_TOUCHES: Final = 100
BINS: Final = 5
_CLIP = 1e-6


@dataclass(frozen=True)
class Score:
    """What a model foretold, out of sample.

    Attributes
    ----------
    model : str
    log_loss, base_log_loss : float
        Mean over touches; of the model, and of the bounce rate of its training sessions.
    brier, base_brier : float
        Mean squared error of the probability.
    gain, gain_interval : float, tuple of float
        ``base_log_loss - log_loss``, with the 95 % interval of a bootstrap by session.
    foretold, happened : float64 array, shape (BINS,)
        Calibration: mean probability and share of bounces by fifths of the probability.
    touches : int64 array, shape (BINS,)
    """

    model: str
    log_loss: float
    base_log_loss: float
    brier: float
    base_brier: float
    gain: float
    gain_interval: tuple[float, float]
    foretold: F64
    happened: F64
    touches: I64

    @property
    def finds_something(self) -> bool:
        """Whether the model is better than the base rate beyond chance."""
        return self.gain_interval[0] > 0


def too_few(samples: Samples) -> str | None:
    """Return why nothing can be concluded from the samples, else None."""
    sessions, touches = len(np.unique(samples.session)), len(samples.is_bounce)
    rarer = min(int(samples.is_bounce.sum()), touches - int(samples.is_bounce.sum()))
    if sessions < MIN_SESSIONS or touches < MIN_TOUCHES or rarer < BINS:
        return (
            f"{touches} touches in {sessions} sessions, {rarer} of the rarer outcome; "
            f"{MIN_TOUCHES} in {MIN_SESSIONS} are needed"
        )
    return None


def cross_validated(
    samples: Samples, *, seed: int, n_splits: int = 5, resamples: int = 1000
) -> list[Score]:
    """Return the score of each of `MODELS`, out of sample.

    Parameters
    ----------
    samples : Samples
        Enough of them (`too_few`).
    seed : int
    n_splits : int
        Blocks of sessions (`PurgedSessionSplit`).
    resamples : int
        Of the bootstrap.
    """
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with scikit-learn

    split = PurgedSessionSplit(n_splits)
    base = np.zeros(len(samples.is_bounce))
    foretold = {name: np.zeros(len(base)) for name in MODELS}
    for train, test in split.split(samples.X, groups=samples.session):
        known = samples.is_bounce[train]
        base[test] = known.mean()
        # A column without a value in training, or with one only, tells nothing.
        values = samples.X[train]
        kept = np.array([len(np.unique(c[~np.isnan(c)])) > 1 for c in values.T])
        for name in MODELS:
            model = make_model(name, seed)
            if 0 < known.sum() < len(known):
                # So few rows are done before threads have woken up.
                with threadpool_limits(1):
                    model.fit(values[:, kept], known)
                foretold[name][test] = model.predict_proba(samples.X[test][:, kept])[:, 1]
            else:
                foretold[name][test] = base[test]
    return [_score(name, samples, p, base, seed, resamples) for name, p in foretold.items()]


def make_model(name: str, seed: int) -> Any:
    """Return an unfitted scikit-learn classifier."""
    # Imported here: half a second that nothing else needs.
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415
    from sklearn.impute import SimpleImputer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    if name == "gradient boosting":
        return HistGradientBoostingClassifier(
            max_iter=60, learning_rate=0.05, max_depth=3, l2_regularization=1.0, random_state=seed
        )
    return make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        StandardScaler(),
        LogisticRegression(C=0.01, max_iter=2000),
    )


def _score(
    name: str, samples: Samples, foretold: F64, base: F64, seed: int, resamples: int
) -> Score:
    happened = samples.is_bounce
    loss, base_loss = _log_loss(foretold, happened), _log_loss(base, happened)
    _, session = np.unique(samples.session, return_inverse=True)
    gains = np.bincount(session, base_loss - loss)
    counts = np.bincount(session)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(counts), (resamples, len(counts)))
    means = gains[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    fifth = np.array_split(np.argsort(foretold, kind="stable"), BINS)
    return Score(
        model=name,
        log_loss=float(loss.mean()),
        base_log_loss=float(base_loss.mean()),
        brier=float(((foretold - happened) ** 2).mean()),
        base_brier=float(((base - happened) ** 2).mean()),
        gain=float((base_loss - loss).mean()),
        gain_interval=(float(low), float(high)),
        foretold=np.array([foretold[rows].mean() for rows in fifth]),
        happened=np.array([happened[rows].mean() for rows in fifth]),
        touches=np.array([len(rows) for rows in fifth], np.int64),
    )


def _log_loss(probability: F64, happened: Any) -> F64:
    p = np.clip(probability, _CLIP, 1 - _CLIP)
    return np.where(happened, -np.log(p), -np.log(1 - p))
