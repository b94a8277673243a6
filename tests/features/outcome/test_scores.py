"""Driftless chances, scores and bar closes by hand; a martingale's scores have that expectation."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from src.data_eng.features.book.day_seconds import F64
from src.data_eng.features.outcome.barriers import SETS
from src.data_eng.features.outcome.driftless import bounce_scores, mid_barriers
from src.data_eng.features.outcome.episodes import Episodes
from src.data_eng.features.outcome.first_passage import BOUNCE, BREAK, CENSORED, TIMEOUT
from tests.features.market.record_streams import SECOND
from tests.features.outcome.martingale import CENTRE, fixed, martingale_mids, walk_day
from tests.features.outcome.outcome_days import (
    FIRST,
    HAND,
    LEVEL,
    episodes,
    label_of,
    quote,
    trade,
)

SIDES = np.array([-1.0, 1.0])


@pytest.mark.parametrize("entry", [-3.0, 0.0, 2.5])
def test_on_a_tick_without_a_spread_it_is_half_and_the_entry(entry: float) -> None:
    level, barrier = np.full(2, 100.0), np.full(2, 8.0)
    barriers = mid_barriers(level, SIDES, barrier, np.zeros(2))
    share = barriers.bounce_share(level + entry * SIDES)
    assert share.tolist() == pytest.approx([(8 + entry) / 16] * 2)


def test_a_level_between_ticks_and_a_spread_worked_by_hand() -> None:
    # L = 100.4, B = 8: U = 109, W = 92; with h = 0.5 the mid meets them at 108.5 and 92.5.
    one = np.ones(2)
    barriers = mid_barriers(100.4 * one, SIDES, 8 * one, 0.5 * one)
    assert barriers.bounce_share(100.5 * one).tolist() == pytest.approx([8 / 16, 8 / 16])
    assert barriers.bounce_share(96.5 * one).tolist() == pytest.approx([12 / 16, 4 / 16])
    at = barriers.is_between(np.array([108.5, 92.5]))
    assert at.tolist() == [False, False]
    outcome = np.array([TIMEOUT, TIMEOUT])
    assert bounce_scores(outcome, barriers, np.array([120.0, 96.5])).tolist() == [0.0, 0.25]
    decided = np.array([BOUNCE, BREAK])
    assert bounce_scores(decided, barriers, np.full(2, np.nan)).tolist() == [1.0, 0.0]
    lost = bounce_scores(np.array([CENSORED, TIMEOUT]), barriers, np.array([100.0, np.nan]))
    assert np.isnan(lost).all()
    empty = mid_barriers(100 * one, SIDES, 8 * one, np.array([8.0, np.nan]))
    assert np.isnan(empty.bounce_share(100 * one)).all()


def first_set(found: Episodes) -> tuple[int, float, float]:
    one = found.outcomes[0]
    return int(one.outcome[0]), float(one.driftless[0]), float(one.score[0])


def test_a_timeout_scores_the_mid_at_its_horizon_by_the_spread_at_the_decision_row() -> None:
    # The quotes of these days are two ticks wide: the mid meets the barriers at 107 and 93.
    found = label_of(quote(10.2, 98), trade(10.5, 100), quote(300, 97), quote(905, 104, 3))
    assert first_set(found) == (TIMEOUT, 9 / 14, 3 / 14)
    late = label_of(quote(10.2, 98), trade(10.5, 100), quote(300, 97), quote(911, 104))
    assert first_set(late) == (TIMEOUT, 9 / 14, 10 / 14)


def test_a_mid_at_a_barrier_already_censors() -> None:
    beyond = label_of(quote(10.2, 107), trade(10.5, 100), trade(20, 84))
    assert beyond.outcomes[0].outcome[0] == CENSORED
    assert np.isnan([beyond.outcomes[0].driftless[0], beyond.outcomes[0].score[0]]).all()
    assert beyond.outcomes[2].outcome[0] == BOUNCE  # of 16 ticks
    near = label_of(quote(10.2, 106), trade(10.5, 100), trade(20, 92))
    assert first_set(near) == (BOUNCE, 1 / 14, 1.0)


BAR = -(FIRST // SECOND) % 120
"""Start of the first bar after `FIRST`, seconds after it."""


@pytest.mark.parametrize(
    ("trades", "outcome"),
    [
        ([(119, 96)], BOUNCE),
        ([(119, 104)], BREAK),
        ([(119, 97), (130, 120), (239, 104)], BREAK),  # a close decides, nothing within a bar
        ([(119, 103), (359, 96), (400, 104)], BOUNCE),  # a bar without a trade says nothing
        ([(119, 97)], TIMEOUT),
        ([(959.9, 96)], BOUNCE),  # of the last bar that ends by 900 s after the decision row
        ([(960, 96)], TIMEOUT),
        ([], TIMEOUT),
    ],
)
def test_the_first_deciding_close_decides(trades: list[tuple[float, int]], outcome: int) -> None:
    records = [trade(BAR + second, price) for second, price in trades]
    found = label_of(trade(BAR + 59.5, 100), *records)
    assert found.close.outcome.tolist() == [outcome]


def test_a_close_before_the_decision_row_does_not_count() -> None:
    # Touched and decided within the second before the bar's end, which is the decision row.
    found = label_of(trade(BAR + 119.2, 100), trade(BAR + 119.4, 95), trade(BAR + 200, 104))
    assert found.feature_ns.tolist() == [FIRST + (BAR + 120) * SECOND]
    assert found.close.outcome.tolist() == [BREAK]
    # In the middle of a bar its own touch is no close either.
    alone = label_of(trade(BAR + 59.2, 100), trade(BAR + 59.4, 95), trade(BAR + 200, 104))
    assert alone.close.outcome.tolist() == [BREAK]


def test_closes_after_the_last_record_are_not_known() -> None:
    records = [quote(-1, 90), trade(BAR + 59.5, 100), trade(BAR + 119, 97)]
    for last, outcome in ((BAR + 200, CENSORED), (BAR + 960, TIMEOUT)):
        found = episodes([*records, quote(last, 97)], [LEVEL], {}, grid=HAND)
        assert found.close.outcome.tolist() == [outcome]


def scores_less_base(seeds: range, levels: list[float]) -> F64:
    """Sum of score less base of each session and barrier set, NaN without a label."""
    sums = np.full((len(seeds), len(SETS)), np.nan)
    for n, seed in enumerate(seeds):
        (mid,) = martingale_mids(np.random.default_rng([seed, 3]), 1)
        found = walk_day(mid).episodes([fixed("pm_high", value) for value in levels])
        for k, one in enumerate(found.outcomes):
            excess = one.score - one.driftless
            if not np.isnan(excess).all():
                sums[n, k] = np.nansum(excess)
    return sums


def check_martingale(seeds: range) -> None:
    levels = [CENTRE + x for x in (-22.0, -9.7, 8.25, 15.0)]
    sums = scores_less_base(seeds, levels)
    for k in range(len(SETS)):
        found = sums[~np.isnan(sums[:, k]), k]
        error = found.std(ddof=1) / np.sqrt(len(found))
        sys.stdout.write(f"set {k}: {found.mean():+.4f}, standard error {error:.4f}\n")
        assert abs(found.mean()) < 3 * error


def test_on_a_martingale_scores_have_the_driftless_expectation() -> None:
    check_martingale(range(300))


@pytest.mark.long
def test_on_many_martingales_scores_have_the_driftless_expectation() -> None:
    check_martingale(range(1000, 2500))
