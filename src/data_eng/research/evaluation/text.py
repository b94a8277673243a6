"""What the evaluation found, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .baseline import Score
from .leaks import Leak
from .rates import HALF_HOURS, OUTCOMES, Rates, all_levels

_ALL = len(HALF_HOURS) - 1


def rates_text(rates: Rates, sessions: int, *, enough: bool) -> str:
    """Return the rates by level and half hour; cells without a touch are left out."""
    lines = [
        f"Touches of {sessions} sessions; shares of decided touches, 95 % intervals by session.",
        "Difference: bounce rate less that of placebo levels.",
        "",
        f"{'level':10}{'from':>7}{'touches':>9}{'censored':>10}{'bounce':>22}{'break':>8}"
        f"{'timeout':>9}{'placebo':>9}{'difference':>25}",
    ]
    cells = [
        (level, half_hour)
        for level in range(len(all_levels()))
        for half_hour in (_ALL, *range(_ALL))
        if rates.touches[level, half_hour]
    ]
    lines += [_rate_line(rates, level, half_hour) for level, half_hour in cells]
    told = sum(not np.isnan(rates.difference_interval[*cell, 0]).any() for cell in cells)
    lines.append(
        f"* 0 is outside the interval; by chance in {0.05 * told:.1f} of the {told} rows with one."
    )
    lines.append(_verdict(rates) if enough else "NO CONCLUSION: too few sessions.")
    return "\n".join(lines)


def _verdict(rates: Rates) -> str:
    found = []
    for level, (low, high) in zip(all_levels(), rates.joint_difference_interval, strict=True):
        if low > 0 or high < 0:
            found.append(f"{level} [{_signed(low)}, {_signed(high)}]")
    if not found:
        return "Levels and placebos: no bounce rate differs, over all half hours, levels together."
    return f"Levels and placebos: the bounce rate differs, levels together: {', '.join(found)}."


def _rate_line(rates: Rates, level: int, half_hour: int) -> str:
    at = (level, half_hour)
    bounce, broke, timeout = rates.rate[at]
    low, high = rates.interval[at][0]
    lift = bounce - rates.placebo[at][0]
    lift_low, lift_high = rates.difference_interval[at][0]
    differs = lift_low > 0 or lift_high < 0
    interval = f"{_share(bounce)} [{_share(low)}, {_share(high)}]"
    difference = f"{_signed(lift)} [{_signed(lift_low)}, {_signed(lift_high)}]"
    return (
        f"{all_levels()[level]:10}{HALF_HOURS[half_hour]:>7}{rates.touches[at]:9,}"
        f"{rates.censored[at]:10,}{interval:>22}{_share(broke):>8}{_share(timeout):>9}"
        f"{_share(rates.placebo[at][0]):>9}{difference:>25}{' *' if differs else ''}"
    )


def baseline_text(scores: Sequence[Score], why_not: str | None) -> str:
    """Return the scores of the models, and their calibration."""
    if why_not is not None:
        return f"\nBaseline: NO CONCLUSION: {why_not}."
    lines = ["", "Baseline, bounce against break, out of sample (purged blocks of sessions):"]
    for one in scores:
        low, high = one.gain_interval
        verdict = "better than the base rate" if one.finds_something else "no better than chance"
        lines += [
            f"  {one.model}: log-loss {one.log_loss:.4f} against {one.base_log_loss:.4f} of the "
            f"base rate, gain {one.gain:+.4f} [{low:+.4f}, {high:+.4f}], Brier {one.brier:.4f} "
            f"against {one.base_brier:.4f}: {verdict}",
            "    foretold "
            + " ".join(f"{p:.2f}" for p in one.foretold)
            + "; happened "
            + " ".join(f"{p:.2f}" for p in one.happened)
            + f" (fifths of {one.touches[0]} touches)",
        ]
    return "\n".join(lines)


def leaks_text(leaks: Sequence[Leak], why_not: str | None) -> str:
    """Return the features that are suspected."""
    if why_not is not None:
        return "\nLeaks: NOT CHECKED."
    if not leaks:
        return "\nLeaks: no feature foretells the outcome beyond what is plausible."
    lines = ["", "Leaks: these features know too much of the outcome:"]
    for one in leaks:
        lines.append(f"  {one.name}: area {one.area:.3f}, plausible 0.5 ± {one.bound:.3f}")
    return "\n".join(lines)


def as_json(
    rates: Rates, sessions: int, scores: Sequence[Score], leaks: Sequence[Leak]
) -> dict[str, Any]:
    """Return the same figures as JSON values; NaN becomes null."""
    cells = []
    for n, level in enumerate(all_levels()):
        for h, half_hour in enumerate(HALF_HOURS):
            for k, outcome in enumerate(OUTCOMES):
                cells.append(
                    {
                        "level": level,
                        "half_hour": half_hour,
                        "outcome": outcome,
                        "touches": int(rates.touches[n, h]),
                        "placebo_touches": int(rates.placebo_touches[n, h]),
                        "censored": int(rates.censored[n, h]),
                        "rate": _number(rates.rate[n, h, k]),
                        "interval": [_number(x) for x in rates.interval[n, h, k]],
                        "placebo": _number(rates.placebo[n, h, k]),
                        "difference_interval": [
                            _number(x) for x in rates.difference_interval[n, h, k]
                        ],
                    }
                )
    models = [
        {
            "model": one.model,
            "log_loss": one.log_loss,
            "base_log_loss": one.base_log_loss,
            "brier": one.brier,
            "base_brier": one.base_brier,
            "gain": one.gain,
            "gain_interval": list(one.gain_interval),
            "foretold": one.foretold.tolist(),
            "happened": one.happened.tolist(),
        }
        for one in scores
    ]
    suspected = [{"feature": one.name, "area": one.area, "bound": one.bound} for one in leaks]
    joint = {
        level: [_number(x) for x in bounds]
        for level, bounds in zip(all_levels(), rates.joint_difference_interval, strict=True)
    }
    return {
        "sessions": sessions,
        "rates": cells,
        "joint_bounce_difference_intervals": joint,
        "models": models,
        "leaks": suspected,
    }


def _share(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3f}"


def _signed(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:+.3f}"


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
