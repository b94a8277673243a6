"""Features of one moment, worked out by hand or by plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.features.option_market.activity import interest_ratio
from src.data_eng.features.option_market.columns import option_market_columns
from src.data_eng.features.option_market.interest import OpenInterest
from src.data_eng.features.option_market.quotes import LastQuotes
from src.data_eng.features.option_market.snapshot import Snapshot, take_snapshot
from src.data_eng.features.option_market.strikes import max_pain
from src.data_eng.options.black76 import F64, black76_price
from src.data_eng.options.chain import NS_A_DAY, Chain, make_chain

NOW = 1_746_538_200_000_000_000
FORWARD = 6000.0
SECOND = 10**9
NAN = math.nan


def chain_of(days: list[float], strikes: F64) -> Chain:
    listed = [
        (NOW + round(left * NS_A_DAY), strike, call)
        for left in days
        for strike in strikes.tolist()
        for call in (True, False)
    ]
    ends, ks, calls = (np.array(column) for column in zip(*listed, strict=True))
    return make_chain(np.arange(1, len(listed) + 1, dtype=np.uint32), ends, ks, calls)


STRIKES = np.arange(5700.0, 6301.0, 25.0)


def mids(chain: Chain, sigma: float = 0.2) -> F64:
    years = (chain.expiration_ns - NOW) / (365 * NS_A_DAY)
    return black76_price(FORWARD, chain.strikes, years, sigma, chain.is_call)


def snapshot(chain: Chain, mid: F64, interest: F64 | None = None) -> Snapshot:
    interest = np.full(len(mid), 10.0) if interest is None else interest
    return take_snapshot(chain, NOW, mid, 0.5 + 0 * mid, interest, 0.0, 50.0)


def test_a_flat_smile() -> None:
    chain = chain_of([1.0, 10.0, 50.0], STRIKES)
    values = snapshot(chain, mids(chain)).values
    assert values["atm_implied_volatility_front"] == pytest.approx(0.2, abs=1e-9)
    assert values["atm_implied_volatility_30d"] == pytest.approx(0.2, abs=1e-9)
    assert values["implied_volatility_term_slope"] == pytest.approx(0, abs=1e-6)
    assert values["risk_reversal_25d_front"] == pytest.approx(0, abs=1e-6)
    assert values["butterfly_25d_front"] == pytest.approx(0, abs=1e-6)
    assert values["atm_straddle_implied_move_bps_front"] == pytest.approx(
        1e4 * 2 * mids(chain)[chain.strikes == FORWARD][0] / FORWARD
    )


def test_the_front_has_more_than_thirty_minutes_left() -> None:
    chain = chain_of([30 / 1440, 31 / 1440, 5.0], STRIKES)
    found = snapshot(chain, mids(chain))
    assert found.front_expiration_ns == NOW + round(31 / 1440 * NS_A_DAY)


def test_thirty_days_are_bracketed_or_null() -> None:
    chain = chain_of([1.0, 20.0], STRIKES)
    values = snapshot(chain, mids(chain)).values
    for name in ("atm_implied_volatility_30d", "risk_reversal_25d_30d"):
        assert math.isnan(values[name])
    assert math.isnan(values["model_free_implied_volatility_30d"])


def test_the_relative_spread_is_the_median_of_the_ten_nearest() -> None:
    chain = chain_of([5.0], STRIKES)
    mid = mids(chain)
    rng = np.random.default_rng(3)
    spread = rng.uniform(0.05, 1.0, len(mid))
    otm = {
        float(k): (spread[slot], mid[slot])
        for slot, k in enumerate(chain.strikes)
        if chain.is_call[slot] == (k >= FORWARD)
    }
    nearest = sorted(otm, key=lambda k: (abs(k - FORWARD), k))[:10]
    wanted = float(np.median([otm[k][0] / otm[k][1] for k in nearest]))
    got = take_snapshot(chain, NOW, mid, spread, np.full(len(mid), 1.0), 0.0, 50.0).values
    assert got["option_relative_quoted_spread_front"] == pytest.approx(wanted)
    # Six of the ten without a usable quote leave four: too few.
    hidden = np.isin(chain.strikes, nearest[:6])
    mid, spread = np.where(hidden, np.nan, mid), np.where(hidden, np.nan, spread)
    pairs = np.isin(chain.strikes, [5700.0, 6300.0])  # the forward still has its pair
    assert pairs.any()
    got = take_snapshot(chain, NOW, mid, spread, np.full(len(mid), 1.0), 0.0, 50.0).values
    assert math.isnan(got["option_relative_quoted_spread_front"])


def test_strikes_of_most_open_interest() -> None:
    chain = chain_of([5.0], STRIKES)
    interest = np.full(len(chain.strikes), 1.0)
    interest[(chain.strikes == 6100) & chain.is_call] = 9.0
    interest[(chain.strikes == 5850) & ~chain.is_call] = 9.0
    interest[(chain.strikes == 5900) & ~chain.is_call] = 9.0  # the lowest of equals counts
    values = snapshot(chain, mids(chain), interest=interest).values
    assert values["max_call_open_interest_strike_distance_pct_front"] == pytest.approx(100 / 60)
    assert values["max_put_open_interest_strike_distance_pct_front"] == pytest.approx(-150 / 60)
    none = snapshot(chain, mids(chain), interest=np.full(len(interest), NAN)).values
    for name in none:
        if "open_interest" in name or "pain" in name or "gamma" in name:
            assert math.isnan(none[name]), name


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12))
def test_max_pain_equals_plain_loops(interest: list[tuple[int, int]]) -> None:
    strikes = [100.0 + 5 * i for i in range(len(interest))]
    values = []
    for settlement in strikes:
        total = 0.0
        for strike, (call, put) in zip(strikes, interest, strict=True):
            total += call * max(settlement - strike, 0) + put * max(strike - settlement, 0)
        values.append(total)
    calls, puts = (np.array(side, float) for side in zip(*interest, strict=True))
    got = max_pain(np.array(strikes), calls, puts)
    if not (calls.any() or puts.any()):
        assert math.isnan(got)
    else:
        assert got == strikes[values.index(min(values))]


@pytest.mark.parametrize(("missing", "is_null"), [(0, False), (20, False), (22, True)])
def test_the_ratio_of_open_interest_needs_four_fifths(missing: int, is_null: bool) -> None:
    chain = chain_of([1.0, 5.0], STRIKES)
    assert len(chain.strikes) == 100
    interest = np.where(chain.is_call, 2.0, 3.0)
    interest[:missing] = NAN
    got = interest_ratio(chain.expiries, interest)
    assert math.isnan(got) == is_null
    if not is_null:
        assert got == pytest.approx(1.5)


def test_expiries_beyond_ninety_days_do_not_count() -> None:
    chain = chain_of([5.0, 91.0], STRIKES)
    interest = np.where(chain.expiration_ns > NOW + 50 * NS_A_DAY, 1e6, 1.0)
    interest[~chain.is_call] *= 2
    far_puts = (chain.expiration_ns > NOW + 50 * NS_A_DAY) & ~chain.is_call
    interest[far_puts] = 0.0
    assert snapshot(chain, mids(chain), interest=interest).values[
        "put_call_open_interest_ratio"
    ] == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("bid", "ask", "age_s", "is_usable"),
    [
        (10.0, 10.5, 0, True),
        (10.0, 10.5, 60, True),
        (10.0, 10.5, 61, False),
        (0.0, 0.5, 0, False),
        (NAN, 0.5, 0, False),
        (10.0, NAN, 0, False),
        (10.0, 10.0, 0, False),
        (10.5, 10.0, 0, False),
        (0.05, 1.05, 0, True),  # one point
        (0.05, 1.10, 0, False),
        (7.0, 9.0, 0, True),  # a quarter of the mid
        (7.0, 9.1, 0, False),
    ],
)
def test_which_quotes_are_usable(bid: float, ask: float, age_s: int, is_usable: bool) -> None:
    quotes = LastQuotes(2)
    quotes.update(np.array([1]), np.array([NOW]), np.array([bid]), np.array([ask]))
    mid = quotes.mid(NOW + age_s * SECOND)
    assert math.isnan(mid[0])
    assert (not math.isnan(mid[1])) == is_usable
    if is_usable:
        assert mid[1] == (bid + ask) / 2


def test_the_last_quote_of_each_option_counts() -> None:
    quotes = LastQuotes(3)
    slots = np.array([2, 0, 2, 0, 2])
    bid = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    quotes.update(slots, NOW + np.arange(5), bid, bid + 0.5)
    assert quotes.bid[[0, 2]].tolist() == [4.0, 5.0]
    assert math.isnan(quotes.bid[1])


def test_open_interest_is_revised_and_withdrawn() -> None:
    interest = OpenInterest(2)
    no = np.array([False])
    interest.update(np.array([0]), np.array([5.0]), no)
    interest.update(np.array([0, 1, 0]), np.array([6.0, 7.0, 8.0]), np.array([False] * 3))
    assert interest.contracts.tolist() == [8.0, 7.0]
    interest.update(np.array([1]), np.array([NAN]), ~no)
    assert interest.contracts[0] == 8.0
    assert math.isnan(interest.contracts[1])


def test_the_change_needs_the_same_front_five_minutes_ago() -> None:
    """75 steps of 5 seconds; the front expiry changes at the 70th."""
    none = np.empty(0)
    names = snapshot(chain_of([5.0], STRIKES), mids(chain_of([5.0], STRIKES))).values
    steps = []
    for n in range(76):
        values = {**names, "atm_implied_volatility_front": 0.1 + 0.001 * n}
        steps.append(Snapshot(values, 1 if n < 70 else 2, none, none))
    columns = option_market_columns(steps, np.zeros((75, 11)), 60, 76)
    change = columns["atm_implied_volatility_change_front_300s"]
    assert change[:50] == pytest.approx(100 * 0.06)
    assert np.isnan(change[50:]).all()
    assert columns["option_volume_rth"].tolist() == [0.0] * 76
