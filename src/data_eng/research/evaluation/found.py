"""All that an evaluation finds, and the same as JSON values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...catalogue.vectors import VECTOR
from .baseline import Score
from .labels import HAS_BASE, LABELS
from .leaks import Leak
from .rates import LabelDifferences, Rates
from .sums import OUTCOMES, SLICES, all_levels


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation finds.

    Attributes
    ----------
    sessions : int
    uniform : tuple of str
        Fixed levels whose placebo levels were drawn from uniform distances.
    rates : mapping of str to Rates
        By placebo set.
    labels : mapping of str to LabelDifferences
        By placebo set.
    scores : sequence of Score
    leaks : sequence of Leak
    why_not : str or None
        Why there are neither scores nor leaks.
    vector : str
        The dataset of the features that models and leaks are of.
    span : (datetime.date, datetime.date) or None
        The first and the last session.
    """

    sessions: int
    uniform: tuple[str, ...]
    rates: Mapping[str, Rates]
    labels: Mapping[str, LabelDifferences]
    scores: Sequence[Score]
    leaks: Sequence[Leak]
    why_not: str | None
    vector: str = VECTOR
    span: tuple[dt.date, dt.date] | None = None


def as_json(found: Evaluation) -> dict[str, Any]:
    """Return the figures as JSON values; NaN becomes null."""
    return {
        "sessions": found.sessions,
        "vector": found.vector,
        "uniform_distances": list(found.uniform),
        "rates": {name: _rates(one) for name, one in found.rates.items()},
        "joint_difference_intervals": {
            name: {
                level: _numbers(bounds)
                for level, bounds in zip(all_levels(), one.joint_difference_interval, strict=True)
            }
            for name, one in found.rates.items()
        },
        "labels": {name: _labels(one) for name, one in found.labels.items()},
        "models": [_model(one) for one in found.scores],
        "leaks": [
            {
                "feature": one.name,
                "area": one.area,
                "driftless": one.driftless,
                "bound": one.bound,
            }
            for one in found.leaks
        ],
    }


def _rates(rates: Rates) -> list[dict[str, Any]]:
    return [
        {
            "level": level,
            "slice": name,
            "touches": int(rates.touches[n, k]),
            "events": _number(rates.events[n, k]),
            "censored": int(rates.censored[n, k]),
            "placebo_touches": int(rates.placebo_touches[n, k]),
            "placebo_events": _number(rates.placebo_events[n, k]),
            "rates": dict(zip(OUTCOMES, _numbers(rates.rate[n, k]), strict=True)),
            "placebo_rates": dict(zip(OUTCOMES, _numbers(rates.placebo[n, k]), strict=True)),
            "bounce_interval": _numbers(rates.interval[n, k, 0]),
            "excess": _number(rates.excess[n, k]),
            "excess_interval": _numbers(rates.excess_interval[n, k]),
            "placebo_excess": _number(rates.placebo_excess[n, k]),
            "difference": _number(rates.difference[n, k]),
            "difference_interval": _numbers(rates.difference_interval[n, k]),
        }
        for n, level in enumerate(all_levels())
        for k, name in enumerate(SLICES)
    ]


def _labels(found: LabelDifferences) -> list[dict[str, Any]]:
    single, joint = found.detectable(joint=False), found.detectable(joint=True)
    return [
        {
            "level": level,
            "label": label,
            "excess": _number(found.excess[n, k]) if HAS_BASE[k] else None,
            "placebo_excess": _number(found.placebo_excess[n, k]) if HAS_BASE[k] else None,
            "difference": _number(found.difference[n, k]),
            "interval": _numbers(found.interval[n, k]),
            "standard_error": _number(found.error[n, k]),
            "detectable": _number(single[n, k]),
            "detectable_levels_together": _number(joint[n, k]),
        }
        for n, level in enumerate(all_levels())
        for k, label in enumerate(LABELS)
    ]


def _model(one: Score) -> dict[str, Any]:
    return {
        "model": one.model,
        "split": one.split,
        "log_loss": one.log_loss,
        "base_log_loss": one.base_log_loss,
        "brier": one.brier,
        "base_brier": one.base_brier,
        "gain": one.gain,
        "gain_interval": list(one.gain_interval),
        "detectable": one.detectable,
        "foretold": one.foretold.tolist(),
        "happened": one.happened.tolist(),
    }


def _numbers(values: Any) -> list[float | None]:
    return [_number(value) for value in values]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
