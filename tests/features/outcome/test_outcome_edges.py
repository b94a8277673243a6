"""Outcomes where a level lapses, a time is shared, records fall in chunks; what a label may use."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from src.data_eng.features.level.touch_machine import LEVEL_STEP, PRICE
from src.data_eng.features.outcome.barriers import LONGEST_SECONDS, SETS
from src.data_eng.features.outcome.episodes import Episodes
from src.data_eng.features.outcome.first_passage import BOUNCE, BREAK, CENSORED, TIMEOUT
from tests.features.level.reference import Level
from tests.features.market.record_streams import LAST, SECOND, Record
from tests.features.outcome.outcome_days import (
    FIRST,
    HAND,
    LEVEL,
    episodes,
    label_of,
    quote,
    trade,
)


def outcomes_of(found: Episodes, episode: int = 0) -> list[int]:
    return [int(one.outcome[episode]) for one in found.outcomes]


def until(second: float) -> Record:
    book = quote(0, 90)
    return Record(FIRST + round(second * SECOND), "A", "B", book.bids, book.asks, 89, 5, LAST)


def test_a_level_that_lapsed_by_the_decision_row_censors() -> None:
    lapsing = Level("sma_90", [(FIRST, 100.0), (FIRST + 11 * SECOND, None)])
    found = label_of(trade(10.5, 100), trade(12, 104), trade(13, 80), levels=(lapsing,))
    assert np.isnan(found.level_ticks).all()
    assert outcomes_of(found) == [CENSORED] * len(SETS)
    for one in found.outcomes:
        assert one.outcome_ns[0] == 0
        assert np.isnan([one.favourable[0], one.adverse[0]]).all()
    assert np.isnan(found.osler).all()


def test_a_level_that_lapses_after_the_decision_row_keeps_its_value() -> None:
    lapsing = Level("sma_90", [(FIRST, 100.0), (FIRST + 12 * SECOND, None)])
    found = label_of(trade(10.5, 100), trade(13, 92), levels=(lapsing,))
    assert (found.level_ticks[0], found.outcomes[0].outcome[0]) == (100, BOUNCE)


def test_a_level_that_steps_onto_the_price_is_the_cause() -> None:
    # At 98 the price is 12 ticks below 110; at 5 s the level steps to 97, through the price.
    stepping = Level("sma_90", [(FIRST, 110.0), (FIRST + 5 * SECOND, 97.0)])
    found = label_of(quote(1, 98), trade(4, 98), trade(6.2, 98), levels=(stepping,))
    assert found.cause.tolist() == [LEVEL_STEP]
    assert (found.side[0], found.level_ticks[0]) == (-1, 97)
    came = label_of(quote(1, 90), trade(4, 90), trade(6.2, 98), levels=(stepping,))
    assert came.cause.tolist() == [PRICE]  # the trade before was short of the new value


@pytest.mark.parametrize("price", [90, 110])
def test_from_above_the_sides_are_exchanged(price: int) -> None:
    start = quote(-1, 110)
    records = [start, quote(0.5, 102), trade(10.5, 100), trade(12, price), until(7200)]
    found = episodes(records, [LEVEL], {}, grid=HAND)
    assert found.side.tolist() == [1]
    assert found.outcomes[0].outcome[0] == (BOUNCE if price == 110 else BREAK)


@pytest.mark.parametrize("which", range(len(SETS)))
def test_every_set_stands_for_its_horizon(which: int) -> None:
    seconds = (900, 300, 900, 1800)[which]
    on_time = label_of(trade(10.5, 100), trade(11 + seconds - 0.001, 50))
    assert outcomes_of(on_time)[which] == BOUNCE
    late = label_of(trade(10.5, 100), trade(11 + seconds, 50))
    assert outcomes_of(late)[which] == TIMEOUT
    assert late.outcomes[which].outcome_ns[0] == FIRST + (11 + seconds) * SECOND


def test_the_last_decision_row_is_labelled_up_to_half_an_hour_later() -> None:
    assert LONGEST_SECONDS == 1800  # 12:30 to 13:00
    at = (HAND[2] - FIRST) / SECOND
    found = label_of(trade(at - 0.5, 100), trade(at + 1799.9, 84))
    assert found.feature_ns.tolist() == [HAND[2]]
    assert outcomes_of(found) == [TIMEOUT, TIMEOUT, TIMEOUT, BOUNCE]
    assert found.outcomes[3].outcome_ns[0] == HAND[2] + round(1799.9 * SECOND)


def test_nothing_from_the_end_of_the_grid_on_moves_the_machine() -> None:
    at = (HAND[2] - FIRST) / SECOND
    found = label_of(trade(10.5, 100), quote(at + 1, 90), trade(at + 2, 100))
    assert found.touch_ns.tolist() == [FIRST + 10_500_000_000]


def test_what_lies_before_the_decision_row_decides_nothing_but_censoring() -> None:
    records = [
        quote(-1, 90), trade(5, 95), trade(10.5, 100), trade(10.7, 103), quote(10.8, 97),
        trade(12, 98), trade(20, 92), until(7200),
    ]  # fmt: skip
    base = episodes(records, [LEVEL], {}, grid=HAND)
    changed = list(records)
    changed[1] = replace(changed[1], price=60)
    changed[3] = replace(changed[3], price=94)
    moved = episodes(changed, [LEVEL], {}, grid=HAND)
    for ours, theirs in zip(base.outcomes, moved.outcomes, strict=True):
        assert ours.outcome.tolist() == theirs.outcome.tolist()
        assert ours.outcome_ns.tolist() == theirs.outcome_ns.tolist()
        assert ours.favourable.tolist() == theirs.favourable.tolist()
        assert ours.adverse.tolist() == theirs.adverse.tolist()
        assert ours.driftless.tolist() == theirs.driftless.tolist()
        assert ours.score.tolist() == theirs.score.tolist()
        assert ours.uniqueness.tolist() == theirs.uniqueness.tolist()
    assert base.close.outcome.tolist() == moved.close.outcome.tolist()
    assert base.outcomes[0].adverse[0] == 0  # 103, before the row, is no excursion
    changed[3] = replace(changed[3], price=108)
    assert outcomes_of(episodes(changed, [LEVEL], {}, grid=HAND))[0] == CENSORED
