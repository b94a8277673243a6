"""False alarms on martingale mids, and planted drifts: found about as often as the page states."""

from __future__ import annotations

import sys
from statistics import NormalDist

import numpy as np
import pytest

from src.data_eng.features.level.levels import level_names
from src.data_eng.research.evaluation.labels import LABELS
from src.data_eng.research.evaluation.rates import label_differences, outcome_rates
from src.data_eng.research.evaluation.session_day import SessionDay
from src.data_eng.research.evaluation.sums import ALL
from src.data_eng.research.evaluation.touches import DRAWN, Pairs, session_touches
from tests.features.outcome.martingale import (
    CENTRE,
    OPEN,
    fixed,
    martingale_mids,
    rejected_mids,
    walk_day,
)
from tests.research.evaluation.walks import walk_session

LEVEL = level_names().index("pm_high")
SESSIONS = 25
MINUTE = OPEN + 60 * 10**9


def study(seed: int, drift: float, sessions: int = SESSIONS) -> list[Pairs]:
    """Sessions of a mid that drifts off one level by ``drift`` ticks a second, not at placebos."""
    rng = np.random.default_rng([seed, 77])
    apart = rng.choice([-1, 1], sessions) * rng.integers(9, 40, sessions)
    level = CENTRE + apart.astype(np.float64)
    mids = rejected_mids(rng, level, drift) if drift else martingale_mids(rng, sessions)
    days: list[SessionDay] = [
        # Known a minute after the open: by then there is a mid.
        walk_session(n, walk_day(mid), [fixed("pm_high", at, known_ns=MINUTE)])
        for n, (mid, at) in enumerate(zip(mids, level, strict=True))
    ]
    distances = {"pm_high": np.abs(apart) / 10.0}
    return [session_touches(day, distances, placebos=20, seed=seed) for day in days]


def check_false_alarms(seeds: range, most: int, most_differences: int) -> None:
    excess, difference = [], []
    for seed in seeds:
        real, placebo = zip(*(pair[DRAWN] for pair in study(seed, 0.0)), strict=True)
        found = outcome_rates(real, placebo, seed=seed, resamples=300)
        low, high = found.excess_interval[LEVEL, ALL]
        excess.append(low > 0 or high < 0)
        low, high = found.difference_interval[LEVEL, ALL]
        difference.append(low > 0 or high < 0)
    sys.stdout.write(
        f"false alarms of {len(seeds)} at nominal 0.05: excess {np.mean(excess):.3f}, "
        f"real less placebo {np.mean(difference):.3f}\n"
    )
    assert sum(excess) <= most
    assert sum(difference) <= most_differences


def test_false_alarms_on_a_martingale_are_few() -> None:
    # 12 at 5 %: more than 3 have a chance of 0.2 %.
    check_false_alarms(range(12), 3, 3)


@pytest.mark.long
def test_false_alarms_on_martingales_stay_at_their_nominal_rate() -> None:
    # 200 at 5 %: 10 expected, more than 19 have a chance of 0.2 %.
    check_false_alarms(range(1000, 1200), 19, 19)


def check_power(seeds: range, drift: float, tolerance: float) -> None:
    hits, sizes, errors, stated = [], [], [], []
    for seed in seeds:
        real, placebo = zip(*(pair[DRAWN] for pair in study(seed, drift)), strict=True)
        found = label_differences(real, placebo, seed=seed, resamples=300)
        low, _ = found.interval[LEVEL, 0]
        hits.append(low > 0)
        sizes.append(found.difference[LEVEL, 0])
        errors.append(found.error[LEVEL, 0])
        stated.append(found.detectable(joint=False)[LEVEL, 0])
    size, error = float(np.mean(sizes)), float(np.mean(errors))
    power = NormalDist().cdf(size / error - 1.96)
    sys.stdout.write(
        f"planted {size:+.4f}, detectable {np.mean(stated):.4f}: stated power {power:.2f}, "
        f"found {np.mean(hits):.2f} of {len(seeds)}\n"
    )
    assert np.mean(hits) == pytest.approx(power, abs=tolerance)


def test_a_drift_off_a_level_far_above_the_detectable_size_is_found() -> None:
    pairs = study(5, 0.05, sessions=60)
    real, placebo = zip(*(pair[DRAWN] for pair in pairs), strict=True)
    found = label_differences(real, placebo, seed=5, resamples=300)
    size, detectable = found.difference[LEVEL], found.detectable(joint=True)[LEVEL]
    assert size[0] > 1.5 * detectable[0]
    # Every label sees it, Osler's and the chart's too.
    for k, name in enumerate(LABELS):
        assert found.interval[LEVEL, k, 0] > 0, name


@pytest.mark.long
def test_a_planted_drift_is_found_with_the_power_that_is_stated() -> None:
    # Of 60: a standard error of 0.05 to 0.065.
    check_power(range(2000, 2060), 0.02, 0.2)
