"""Forwards and left quotes worked out by hand: no rate, five pairs about 6000."""

from __future__ import annotations

import math

import numpy as np
import pytest

from src.data_eng.options.arbitrage import count_violations
from src.data_eng.options.black76 import F64, black76_price, forward_greeks, implied_volatility
from src.data_eng.options.chain import NS_A_DAY, Chain, make_chain
from src.data_eng.options.pricing import PricedChain, follow_forwards, price_chain
from src.data_eng.options.quotes import (
    LEFT_BEHIND,
    NO_LIMIT_NS,
    OFF_PARITY,
    USABLE,
    Quotes,
    judge_quotes,
    no_quotes,
    take_quotes,
)

NOW = 1_746_538_200_000_000_000
SECOND = 10**9
STRIKES = np.array([5980.0, 5990.0, 6000.0, 6010.0, 6020.0])
COUNT = len(STRIKES)
CALLS, PUTS = np.arange(COUNT), COUNT + np.arange(COUNT)


def chain() -> Chain:
    strikes = np.concatenate([STRIKES, STRIKES])
    ends = np.full(2 * COUNT, NOW + 5 * NS_A_DAY)
    ids = np.arange(2 * COUNT, dtype=np.uint32)
    return make_chain(ids, ends, strikes, np.arange(2 * COUNT) < COUNT)


def premiums(forward: float, sigma: float = 0.2) -> F64:
    strikes = np.concatenate([STRIKES, STRIKES])
    return black76_price(forward, strikes, 5 / 365, sigma, np.arange(2 * COUNT) < COUNT)


def take(rows: Quotes, slots: list[int], at_ns: int, mid: F64, half: float = 0.25) -> None:
    count = len(slots)
    sizes = np.ones(count, np.bool_)
    take_quotes(rows, np.array(slots), np.full(count, at_ns), mid - half, mid + half, sizes)


def price(rows: Quotes, at_ns: int) -> PricedChain:
    judge_quotes(rows, at_ns, NO_LIMIT_NS)
    return price_chain(chain(), rows, at_ns, 0.0)


def forward(rows: Quotes, at_ns: int = NOW) -> float:
    return float(price(rows, at_ns).expiry_rows["forward"][0])


def full(forward_now: float = 6001.0) -> Quotes:
    rows = no_quotes(2 * COUNT)
    take(rows, list(range(2 * COUNT)), NOW - 9 * SECOND, premiums(forward_now))
    return rows


def test_the_forward_is_the_median_of_the_pairs() -> None:
    rows = full()
    assert forward(rows) == pytest.approx(6001.0, abs=1e-9)
    # Calls dearer by 0.1, 0.2, ... 0.5: forwards 6001.1 to 6001.5, none off by its width of 1.
    take(rows, CALLS.tolist(), NOW - 9 * SECOND, premiums(6001.0)[:COUNT] + 0.1 * (1 + CALLS))
    assert forward(rows) == pytest.approx(6001.3, abs=1e-9)
    assert (rows["rule"] == USABLE).all()


@pytest.mark.parametrize(("off", "is_dropped"), [(1.4, False), (1.6, True), (-1.6, True)])
def test_a_pair_off_by_more_than_its_width_drops_its_older_quote(
    off: float, is_dropped: bool
) -> None:
    """Half widths of 0.25 make intervals of +-0.5: 1.5 from the middle is a width outside."""
    rows = full()
    take(rows, [2], NOW - SECOND, premiums(6001.0)[[2]] + off)
    assert forward(rows) == pytest.approx(6001.0, abs=1e-9)
    assert (rows["rule"] == OFF_PARITY).tolist() == [n == PUTS[2] and is_dropped for n in range(10)]
    assert math.isnan(rows["mid"][PUTS[2]]) == is_dropped
    assert not math.isnan(rows["mid"][2])


def test_quotes_that_came_together_are_both_dropped() -> None:
    rows = full()
    take(
        rows, [2, int(PUTS[2])], NOW - SECOND, premiums(6001.0)[[2, PUTS[2]]] + np.array([2.0, 0.0])
    )
    forward(rows)
    assert np.flatnonzero(rows["rule"] == OFF_PARITY).tolist() == [2, PUTS[2]]


def test_with_two_pairs_left_there_is_no_forward() -> None:
    rows = full()
    take(rows, [0, 1], NOW - SECOND, premiums(6001.0)[:2] + np.array([9.0, -9.0]))
    assert forward(rows) == pytest.approx(6001.0, abs=1e-9)  # three are left
    take(rows, [4], NOW - SECOND, premiums(6001.0)[[4]] + 5.0)
    assert math.isnan(forward(rows))


@pytest.mark.parametrize(("move", "is_left"), [(0.9, False), (1.4, True), (-1.4, True)])
def test_a_quote_that_the_forward_has_left(move: float, is_left: bool) -> None:
    """The call at 6020 is 10 s old with a spread of 0.5; the rest is quoted at the new forward.

    Its delta at its own volatility is some 0.45, so that 0.5 is reached at a move of 1.1.
    """
    rows = full()
    assert forward(rows) == pytest.approx(6001.0)
    others = [n for n in range(2 * COUNT) if n != 4]
    now = 6001.0 + move
    later = NOW + 5 * SECOND
    take(rows, others, later - SECOND, premiums(now)[others])
    priced = price(rows, later)
    found = float(priced.expiry_rows["forward"][0])
    assert found == pytest.approx(now, abs=0.02)
    premium = float(premiums(6001.0)[4])
    years = float(priced.expiry_rows["years"][0])
    sigma = float(implied_volatility(premium, found, 6020.0, years, True)[0])
    delta = float(forward_greeks(found, 6020.0, years, sigma)[0][0])
    assert 0.43 < delta < 0.47
    assert (delta * abs(found - 6001.0) > 0.5) == is_left
    assert np.flatnonzero(rows["rule"] == LEFT_BEHIND).tolist() == ([4] if is_left else [])
    assert math.isnan(priced.strike_rows["sigma"][4]) == is_left
    # The future comes back: the quote holds again.
    take(rows, others, later + SECOND, premiums(6001.0)[others])
    price(rows, later + 5 * SECOND)
    assert (rows["rule"] == USABLE).all()


def test_a_tight_quote_is_not_left_by_a_tenth_of_a_point() -> None:
    rows = no_quotes(2 * COUNT)
    quoted = list(range(2 * COUNT - 1))  # the put of the strike would tell by parity
    take(rows, quoted, NOW - SECOND, premiums(6001.0)[quoted], half=0.01)
    forward(rows)
    others = [n for n in quoted if n != 4]
    for move, rule in ((0.21, USABLE), (0.24, LEFT_BEHIND)):  # times a delta of 0.45
        take(rows, others, NOW + SECOND, premiums(6001.0 + move)[others], half=0.01)
        price(rows, NOW + 5 * SECOND)
        assert rows["rule"][4] == rule


def test_a_reference_is_the_first_forward_after_the_receipt() -> None:
    rows = no_quotes(2 * COUNT)
    take(rows, [4], NOW - 20 * SECOND, premiums(5990.0)[[4]])
    for at_ns, now in ((NOW - 15 * SECOND, None), (NOW - 10 * SECOND, 5995.0), (NOW, 6001.0)):
        if now is not None:
            others = [n for n in range(2 * COUNT) if n != 4]
            take(rows, others, at_ns - 1, premiums(now)[others])
        judge_quotes(rows, at_ns, NO_LIMIT_NS)
        follow_forwards(chain(), rows, at_ns, 0.0)
        wanted = math.nan if now is None else 5995.0
        assert rows["reference"][4] == pytest.approx(wanted, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize(
    ("kept", "has_smile"),
    [
        ([5980, 5990, 6000, 6010, 6020], True),
        ([6000, 6010, 6020], True),
        ([5980, 5990, 6000], False),  # one side
        ([6000, 6010], False),
        ([], False),
    ],
)
def test_a_smile_needs_three_strikes_on_both_sides(kept: list[int], has_smile: bool) -> None:
    rows = full()
    assert forward(rows) == pytest.approx(6001.0)
    left = [n for n in range(COUNT) if STRIKES[n] not in kept]
    otm = {n if STRIKES[n] >= 6001 else int(PUTS[n]) for n in left}
    assert bool(price_without(rows, otm).expiry_rows["has_smile"][0]) == has_smile


def price_without(rows: Quotes, slots: set[int]) -> PricedChain:
    """Price with quotes that the forward has left, by a reference far away."""
    for slot in slots:
        rows["reference"][slot] = 1.0
    return price(rows, NOW)


def test_violations_are_counted() -> None:
    """The call at 6000 is bid above what 5990 and 6010 cost: a vertical and a butterfly."""
    rows = full()
    take(rows, [2], NOW - SECOND, premiums(6001.0)[[1]] + 0.8)
    priced = price(rows, NOW)
    counts = np.zeros(4, np.int64)
    rows["mid"][:] = (rows["bid"] + rows["ask"]) / 2  # whatever became of them
    count_violations(rows, priced.strike_rows, priced.expiry_rows, counts)
    # Neighbours: 4 verticals and 3 butterflies of calls, as many of puts. 5990 offers less than
    # 6000 bids; the spread of 6000 and 6010 is bid above its ten points; the middle is too dear.
    assert counts.tolist() == [8, 2, 6, 1]
