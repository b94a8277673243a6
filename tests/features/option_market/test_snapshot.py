"""Features of one moment, worked out by hand or by plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from src.data_eng.features.option_market.columns import DayTrades, option_market_columns
from src.data_eng.features.option_market.implied_volatility import (
    atm_implied_volatility_change_since_open,
)
from src.data_eng.features.option_market.interest import OpenInterest
from src.data_eng.features.option_market.snapshot import DayTerms, Snapshot, take_snapshot
from src.data_eng.features.option_market.strikes import max_pain
from src.data_eng.options.black76 import F64, black76_price
from src.data_eng.options.chain import NS_A_DAY, Chain, make_chain
from src.data_eng.options.pricing import price_chain
from src.data_eng.options.quotes import NO_LIMIT_NS, WIDE, Quotes, judge_quotes
from tests.options.quoted_chains import quotes_of

NOW = 1_746_538_200_000_000_000
FORWARD = 6000.0
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
    return of_quotes(chain, quotes_of(mid, NOW), interest)


def of_quotes(chain: Chain, quotes: Quotes, interest: F64) -> Snapshot:
    terms = DayTerms(0.0, 50.0, NOW + NS_A_DAY // 2)
    return take_snapshot(price_chain(chain, quotes, NOW, 0.0), quotes, NOW, interest, terms)


def test_a_flat_smile() -> None:
    chain = chain_of([1.0, 10.0, 50.0], STRIKES)
    values = snapshot(chain, mids(chain)).values
    assert values["atm_implied_volatility_front"] == pytest.approx(0.2, abs=1e-9)
    assert values["atm_implied_volatility_30_days"] == pytest.approx(0.2, abs=1e-9)
    assert values["atm_implied_volatility_next_minus_front"] == pytest.approx(0, abs=1e-6)
    assert values["risk_reversal_25_delta_front"] == pytest.approx(0, abs=1e-6)
    assert values["butterfly_25_delta_front"] == pytest.approx(0, abs=1e-6)


def test_the_front_has_more_than_thirty_minutes_left() -> None:
    chain = chain_of([30 / 1440, 31 / 1440, 5.0], STRIKES)
    found = snapshot(chain, mids(chain))
    assert found.front_expiration_ns == NOW + round(31 / 1440 * NS_A_DAY)


def test_thirty_days_are_bracketed_or_null() -> None:
    chain = chain_of([1.0, 20.0], STRIKES)
    values = snapshot(chain, mids(chain)).values
    for name in ("atm_implied_volatility_30_days", "risk_reversal_25_delta_30_days"):
        assert math.isnan(values[name])
    assert math.isnan(values["model_free_implied_volatility_30_days"])


def test_the_relative_spread_is_the_median_of_the_ten_nearest() -> None:
    chain = chain_of([5.0], STRIKES)
    mid = mids(chain)
    half = np.random.default_rng(3).uniform(0.05, 1.0, len(mid)) * 0.05 * mid
    quotes = quotes_of(mid, NOW, half)
    otm = {
        float(k): 2 * half[slot] / mid[slot]
        for slot, k in enumerate(chain.strikes)
        if chain.is_call[slot] == (k >= FORWARD)
    }
    nearest = sorted(otm, key=lambda k: (abs(k - FORWARD), k))[:10]
    interest = np.full(len(mid), 1.0)
    got = of_quotes(chain, quotes, interest).values
    assert got["option_relative_quoted_spread_front"] == pytest.approx(
        float(np.median([otm[k] for k in nearest]))
    )
    # One that is too wide for the smile still has a spread; six of ten without leave too few.
    slot = np.flatnonzero(
        (chain.strikes == nearest[9]) & (chain.is_call == (nearest[9] >= FORWARD))
    )
    quotes["ask"][slot] = 3 * quotes["bid"][slot]
    judge_quotes(quotes, NOW, NO_LIMIT_NS)
    assert quotes["rule"][slot] == WIDE
    otm[nearest[9]] = 2 * (3 - 1) / (3 + 1)
    got = of_quotes(chain, quotes, interest).values
    assert got["option_relative_quoted_spread_front"] == pytest.approx(
        float(np.median([otm[k] for k in nearest]))
    )
    quotes["has_sizes"][np.isin(chain.strikes, nearest[:6])] = False
    judge_quotes(quotes, NOW, NO_LIMIT_NS)
    got = of_quotes(chain, quotes, interest).values
    assert math.isnan(got["option_relative_quoted_spread_front"])


def test_strikes_of_most_open_interest() -> None:
    chain = chain_of([5.0], STRIKES)
    interest = np.full(len(chain.strikes), 1.0)
    interest[(chain.strikes == 6100) & chain.is_call] = 9.0
    interest[(chain.strikes == 5850) & ~chain.is_call] = 9.0
    interest[(chain.strikes == 5900) & ~chain.is_call] = 9.0  # the lowest of equals counts
    values = snapshot(chain, mids(chain), interest=interest).values
    assert values["max_call_open_interest_strike_distance_pct_front"] == pytest.approx(-100 / 60)
    assert values["max_put_open_interest_strike_distance_pct_front"] == pytest.approx(150 / 60)
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


def test_expiries_beyond_ninety_days_do_not_count() -> None:
    chain = chain_of([5.0, 91.0], STRIKES)
    interest = np.where(chain.expiration_ns > NOW + 50 * NS_A_DAY, 1e6, 1.0)
    interest[~chain.is_call] *= 2
    far_puts = (chain.expiration_ns > NOW + 50 * NS_A_DAY) & ~chain.is_call
    interest[far_puts] = 0.0
    assert snapshot(chain, mids(chain), interest=interest).values[
        "put_call_open_interest_ratio"
    ] == pytest.approx(2.0)


def test_open_interest_is_revised_and_withdrawn() -> None:
    """Two options expire at 1, two at 2: those without a record count 0 once any is published."""
    interest = OpenInterest(np.array([1, 1, 2, 2]))
    assert np.isnan(interest.contracts).all()
    no = np.array([False])
    interest.update(np.array([0]), np.array([5.0]), no)
    assert interest.contracts[:2].tolist() == [5.0, 0.0]
    assert np.isnan(interest.contracts[2:]).all()
    interest.update(np.array([0, 1, 0]), np.array([6.0, 7.0, 8.0]), np.array([False] * 3))
    assert interest.contracts[:2].tolist() == [8.0, 7.0]
    interest.update(np.array([1, 3]), np.array([NAN, 4.0]), np.array([True, False]))
    assert interest.contracts.tolist() == [8.0, 0.0, 0.0, 4.0]


@pytest.mark.parametrize(("others", "is_null"), [(5, False), (2, True)])
def test_open_interest_missing_of_an_expiry(others: int, is_null: bool) -> None:
    """Gamma over all strikes hardly depends on time: a sixth of it is missing, or a third."""
    days = [*(1.0 + n for n in range(others)), 7.0]
    chain = chain_of(days, STRIKES)
    interest = np.where(chain.expiration_ns == chain.expiration_ns.max(), NAN, 10.0)
    sums = []
    for left in days:
        s = 0.2 * math.sqrt(left / 365)
        sums.append(float((norm.pdf(np.log(FORWARD / STRIKES) / s + s / 2) / s).sum()))
    assert sums[-1] / sum(sums) == pytest.approx(1 / (others + 1), abs=0.02)
    values = snapshot(chain, mids(chain), interest).values
    for name in ("put_call_open_interest_ratio", "net_gamma_exposure_usd_bn_per_1pct"):
        assert math.isnan(values[name]) == is_null, name


@pytest.mark.parametrize(("held", "is_null"), [(2.4, False), (2.6, True)])
def test_open_interest_of_an_expiry_without_a_smile(held: float, is_null: bool) -> None:
    """Strikes within a tenth: 50 options each; 2.4 to 10 is 19.4 %, 2.6 is 20.6 %."""
    chain = chain_of([1.0, 40.0], STRIKES)
    near = chain.expiration_ns == chain.expiration_ns.min()
    values = snapshot(
        chain, np.where(near, mids(chain), NAN), interest=np.where(near, 10.0, held)
    ).values
    for name in ("net_gamma_exposure_usd_bn_per_1pct", "zero_dte_gamma_share"):
        assert math.isnan(values[name]) == is_null, name
    # Its open interest is published: the ratio of puts to calls is not in doubt.
    assert values["put_call_open_interest_ratio"] == pytest.approx(1.0)


def test_the_share_of_gamma_that_expires_today() -> None:
    """By hand: gamma times open interest, one strike with 30 contracts today and 10 later."""
    chain = chain_of([0.25, 20.0], STRIKES)
    today = chain.expiration_ns == chain.expiration_ns.min()
    at_the_money = chain.strikes == FORWARD
    interest = np.where(at_the_money, np.where(today, 15.0, 5.0), 0.0)
    gamma = []
    for days in (0.25, 20.0):
        s = 0.2 * math.sqrt(days / 365)
        gamma.append(norm.pdf(s / 2) / (FORWARD * s))
    wanted = 30 * gamma[0] / (30 * gamma[0] + 10 * gamma[1])
    values = snapshot(chain, mids(chain), interest).values
    assert values["zero_dte_gamma_share"] == pytest.approx(wanted, rel=1e-9)
    assert wanted == pytest.approx(0.9641, abs=1e-4)


def test_the_change_needs_the_same_front_five_minutes_ago() -> None:
    """75 steps of 5 seconds; the front expiry changes at the 70th."""
    none = np.empty(0)
    names = snapshot(chain_of([5.0], STRIKES), mids(chain_of([5.0], STRIKES))).values
    steps = []
    for n in range(76):
        values = {**names, "atm_implied_volatility_front": 0.1 + 0.001 * n}
        steps.append(Snapshot(values, 1 if n < 70 else 2, none, none))
    traded = DayTrades(np.zeros((75, 11)), np.ones(75, np.bool_), np.empty((0, 16)))
    columns = option_market_columns(steps, traded, 60, 76)
    change = columns["atm_implied_volatility_change_front_300s"]
    assert change[:50] == pytest.approx(100 * 0.06)
    assert np.isnan(change[50:]).all()
    # Since the open: 0.160 at 09:30, 0.169 at the last step with the first front.
    since = columns["atm_implied_volatility_change_front_since_rth_open"]
    assert since[:50:5] == pytest.approx(0.1 * np.arange(10))
    assert np.isnan(since[50:]).all()
    assert columns["option_volume_300s"].tolist() == [0.0] * 76


def test_the_change_since_the_open_begins_with_the_first_value() -> None:
    front = np.array([0.3, NAN, NAN, 0.2, 0.25, NAN, 0.19])
    got = atm_implied_volatility_change_since_open(front, np.array([1, 1, 1, 1, 1, 1, 2]), 1)
    assert np.isnan(got[[0, 1, 4, 5]]).all()
    assert got[2:4] == pytest.approx([0.0, 5.0])
    none = atm_implied_volatility_change_since_open(np.full(7, NAN), np.zeros(7, np.int64), 1)
    assert np.isnan(none).all()
