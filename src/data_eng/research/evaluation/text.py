"""What the evaluation found, as text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .baseline import MIN_SESSIONS, Score
from .found import Evaluation
from .labels import HAS_BASE, LABELS
from .leaks import Leak
from .placebo import MAX_UNIFORM
from .rates import LabelDifferences, Rates
from .sums import ALL, SLICES, all_levels
from .touches import DISPLACED, DRAWN

SET_WORDS = {
    DRAWN: "placebo levels drawn at distances of other sessions (SMA 90: other averages)",
    DISPLACED: "extremes of displaced windows (SMA 90: other averages)",
}


def evaluation_text(found: Evaluation) -> str:
    """Return all of it."""
    rates = found.rates[DRAWN]
    parts = [_real_text(rates, found.sessions)]
    if found.uniform:
        parts.append(uniform_words(found.uniform))
    for name, one in found.rates.items():
        parts.append(_placebo_text(name, one, enough=found.sessions >= MIN_SESSIONS))
        parts.append(_labels_text(name, found.labels[name]))
    parts += [
        _models_text(found.scores, found.why_not, found.vector),
        _leaks_text(found.leaks, found.why_not),
    ]
    return "\n\n".join(parts)


def uniform_words(levels: Sequence[str]) -> str:
    """Return that placebo levels beside some levels were drawn from uniform distances."""
    return (
        f"Too few sessions to draw distances from: uniform on 0 to {MAX_UNIFORM:.0f} average "
        f"true ranges for {', '.join(levels)}."
    )


def _real_text(rates: Rates, sessions: int) -> str:
    of = f"{sessions} session{'' if sessions == 1 else 's'}"
    lines = [
        f"Touches of {of} under the primary label. Shares are weighted by average",
        "uniqueness; events: sum of the weights; intervals: 95 %, by session. Excess: mean of",
        "bounce_score less driftless_bounce_probability, 0 for a price without drift; by itself no",
        "finding, since prices that swing back give one at any level. [-, -]: too few touches for",
        "an interval.",
        "",
        f"{'level':10}{'touches':>8}{'of':>7}{'events':>9}{'censored':>10}{'bounce':>22}{'break':>8}"
        f"{'timeout':>9}{'excess':>25}",
    ]
    for level, at in cells(rates):
        bounce, broke, timeout = rates.rate[level, at]
        lines.append(
            f"{all_levels()[level]:10}{SLICES[at]:>8}{rates.touches[level, at]:7,}"
            f"{rates.events[level, at]:9,.1f}{rates.censored[level, at]:10,}"
            f"{share_within(bounce, rates.interval[level, at, 0]):>22}{share(broke):>8}"
            f"{share(timeout):>9}"
            f"{signed_within(rates.excess[level, at], rates.excess_interval[level, at]):>25}"
        )
    return "\n".join(lines)


def _placebo_text(name: str, rates: Rates, *, enough: bool) -> str:
    lines = [
        f"Beside {SET_WORDS[name]}.",
        "Difference: real excess less that of the placebo levels.",
        "",
        f"{'level':10}{'touches':>8}{'real of':>9}{'placebo':>9}{'bounce':>9}{'placebo':>9}"
        f"{'excess':>9}{'placebo':>9}{'difference':>25}",
    ]
    told = 0
    for level, at in cells(rates):
        low, high = rates.difference_interval[level, at]
        told += not np.isnan(low)
        rate = (rates.rate[level, at, 0], rates.placebo[level, at, 0])
        excess = (rates.excess[level, at], rates.placebo_excess[level, at])
        lines.append(
            f"{all_levels()[level]:10}{SLICES[at]:>8}{rates.touches[level, at]:9,}"
            f"{rates.placebo_touches[level, at]:9,}"
            + "".join(f"{share(value):>9}" for value in rate)
            + "".join(f"{signed(value):>9}" for value in excess)
            + f"{signed_within(rates.difference[level, at], (low, high)):>25}"
            + (" *" if low > 0 or high < 0 else "")
        )
    lines.append(
        f"* 0 is outside the interval; by chance in {0.05 * told:.1f} of the {told} rows with one."
    )
    lines.append(verdict(rates) if enough else "NO CONCLUSION: too few sessions.")
    return "\n".join(lines)


def verdict(rates: Rates, names: Sequence[str] | None = None) -> str:
    """Return which levels bounce more or less often than their placebos, levels together.

    Parameters
    ----------
    rates : Rates
    names : sequence of str, optional
        What to call each of `all_levels`.
    """
    found = zip(
        names or [*all_levels()[:-1], "the levels together"],
        rates.difference[:, ALL],
        rates.joint_difference_interval,
        strict=True,
    )
    differs = [
        f"{name} {'more' if low > 0 else 'less'} often, {signed_within(difference, (low, high))}"
        for name, difference, (low, high) in found
        if low > 0 or high < 0
    ]
    if not differs:
        return (
            "No level bounces more or less often than its placebos beyond chance, all levels "
            "looked at together."
        )
    return (
        "Bounces beyond chance, beside its placebos, all levels looked at together: "
        f"{'; '.join(differs)}."
    )


def _labels_text(name: str, found: LabelDifferences) -> str:
    single, joint = found.detectable(joint=False), found.detectable(joint=True)
    lines = [
        f"Every label beside {name} placebo levels. Detectable: a true difference so large is",
        "found with a chance of 80 %; together: where levels are looked at together. Labels marked",
        "- have no expectation without drift: only the difference of their scores counts.",
        "",
        f"{'level':10}{'label':>18}{'excess':>9}{'placebo':>9}{'difference':>25}{'detectable':>12}"
        f"{'together':>10}",
    ]
    for n, level in enumerate(all_levels()):
        for k, label in enumerate(LABELS):
            if np.isnan(found.difference[n, k]):
                continue
            excess = (found.excess[n, k], found.placebo_excess[n, k])
            lines.append(
                f"{level:10}{label:>18}"
                + "".join(f"{signed(value) if HAS_BASE[k] else '-':>9}" for value in excess)
                + f"{signed_within(found.difference[n, k], found.interval[n, k]):>25}"
                f"{share(single[n, k]):>12}{share(joint[n, k]):>10}"
            )
    return "\n".join(lines)


def _models_text(scores: Sequence[Score], why_not: str | None, vector: str) -> str:
    if why_not is not None:
        return f"Models: NO CONCLUSION: {why_not}."
    lines = [
        "Models of bounce_score, out of sample, beside the driftless probability alone, which they",
        "start from. Touches from above are those of the mirrored market. Walk-forward counts.",
        f"Features: {vector}.",
    ]
    for one in scores:
        low, high = one.gain_interval
        verdict = "better than the driftless base" if one.finds_something else "no better"
        lines += [
            f"  {one.split}, {one.model}: log-loss {one.log_loss:.4f} against "
            f"{one.base_log_loss:.4f}, gain {one.gain:+.4f} [{low:+.4f}, {high:+.4f}], detectable "
            f"{one.detectable:.4f}, Brier {one.brier:.4f} against {one.base_brier:.4f}: {verdict}",
            "    foretold "
            + " ".join(f"{p:.2f}" for p in one.foretold)
            + "; happened "
            + " ".join(f"{p:.2f}" for p in one.happened)
            + f" (fifths of {one.touches[0]} touches)",
        ]
    return "\n".join(lines)


def _leaks_text(leaks: Sequence[Leak], why_not: str | None) -> str:
    if why_not is not None:
        return "Leaks: NOT CHECKED."
    if not leaks:
        return "Leaks: no feature foretells the outcome beyond what is plausible."
    lines = ["Leaks: these features know too much of the outcome:"]
    for one in leaks:
        lines.append(
            f"  {one.name}: area {one.area:.3f}, plausible {one.driftless:.3f} ± {one.bound:.3f}"
        )
    return "\n".join(lines)


def cells(rates: Rates) -> list[tuple[int, int]]:
    """Return level and slice of each cell with a touch; of a level all touches come first."""
    order = (ALL, *(at for at in range(len(SLICES)) if at != ALL))
    return [
        (level, at)
        for level in range(len(all_levels()))
        for at in order
        if rates.touches[level, at]
    ]


def share(value: float) -> str:
    """Return a share as text, ``-`` where there is none."""
    return "-" if np.isnan(value) else f"{value:.3f}"


def signed(value: float) -> str:
    """Return a difference with its sign, ``-`` where there is none."""
    return "-" if np.isnan(value) else f"{value:+.3f}"


def share_within(value: float, bounds: Sequence[float]) -> str:
    """Return a share with its interval."""
    return f"{share(value)} [{share(bounds[0])}, {share(bounds[1])}]"


def signed_within(value: float, bounds: Sequence[float]) -> str:
    """Return a difference with its interval."""
    return f"{signed(value)} [{signed(bounds[0])}, {signed(bounds[1])}]"
