"""Smiles of chains without noise, whose answers are known, and of chains with holes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from src.data_eng.options.black76 import F64, black76_price
from src.data_eng.options.chain import NS_A_DAY, NS_A_YEAR, Chain, make_chain
from src.data_eng.options.gamma_exposure import (
    net_gamma_exposure,
    open_gamma,
    zero_gamma_factor,
)
from src.data_eng.options.smile import (
    Smile,
    at_maturity,
    atm_volatility,
    delta_volatility,
    model_free_variance,
)
from tests.options.quoted_chains import first_smile, price

RATE = 0.04
FORWARD = 6013.37
NOW = 1_749_130_200_000_000_000
STRIKES = np.arange(5000.0, 7001.0, 5.0)


def skew(strike: F64, years: float) -> F64:
    x = np.log(strike / FORWARD) / math.sqrt(years)
    return np.asarray(0.16 - 0.04 * x + 0.05 * x * x)


def chain_of(days: list[float]) -> tuple[Chain, F64]:
    """Return a chain of calls and puts without noise, and its mids."""
    ids, expirations, strikes, calls, mids = [], [], [], [], []
    for number, left in enumerate(days):
        years = left / 365
        sigma = skew(STRIKES, years)
        for call in (True, False):
            premium = black76_price(FORWARD, STRIKES, years, sigma, call)
            mids.append(premium * math.exp(-RATE * years))
            ids.append(np.arange(len(STRIKES)) + 10_000 * number + 5_000 * call)
            expirations.append(np.full(len(STRIKES), NOW + round(left * NS_A_DAY)))
            strikes.append(STRIKES)
            calls.append(np.full(len(STRIKES), call))
    chain = make_chain(
        np.concatenate(ids).astype(np.uint32),
        np.concatenate(expirations),
        np.concatenate(strikes),
        np.concatenate(calls),
    )
    return chain, np.concatenate(mids)


def smile_of(days: float = 20.0, hide: float = 0.0) -> Smile:
    chain, mid = chain_of([days])
    if hide:
        mid = np.where(np.random.default_rng(1).random(len(mid)) < hide, np.nan, mid)
    smile = first_smile(chain, mid, NOW, RATE)
    return smile


@pytest.mark.parametrize("days", [0.1, 1.0, 20.0, 200.0])
def test_the_forward_of_parity_is_exact(days: float) -> None:
    assert smile_of(days).forward == pytest.approx(FORWARD, abs=1e-8)


def test_a_wrong_quote_does_not_move_the_forward() -> None:
    chain, mid = chain_of([20.0])
    nearest = int(np.argmin(np.abs(STRIKES - FORWARD)))
    mid[nearest] += 3.0
    smile = first_smile(chain, mid, NOW, RATE)
    assert smile.forward == pytest.approx(FORWARD, abs=1e-8)


@pytest.mark.parametrize(("pairs", "is_null"), [(3, False), (2, True), (0, True)])
def test_a_forward_needs_three_pairs(pairs: int, is_null: bool) -> None:
    chain, mid = chain_of([20.0])
    kept = np.isin(chain.strikes, STRIKES[200 : 200 + pairs]) | chain.is_call
    forward = first_smile(chain, np.where(kept, mid, np.nan), NOW, RATE).forward
    assert math.isnan(forward) == is_null


@pytest.mark.parametrize("hide", [0.0, 0.3])
def test_at_the_money(hide: float) -> None:
    smile = smile_of(hide=hide)
    assert atm_volatility(smile) == pytest.approx(skew(np.array([FORWARD]), 20 / 365)[0], abs=2e-5)


@pytest.mark.parametrize("delta", [0.25, 0.75])
def test_the_volatility_at_a_delta(delta: float) -> None:
    """Against the root of the known smile, to the curvature between two strikes."""
    years = 20 / 365

    def gap(strike: float) -> float:
        s = float(skew(np.array([strike]), years)[0]) * math.sqrt(years)
        return float(norm.cdf(math.log(FORWARD / strike) / s + s / 2)) - delta

    strike = brentq(gap, 5000, 7000)
    wanted = float(skew(np.array([strike]), years)[0])
    assert delta_volatility(smile_of(), delta) == pytest.approx(wanted, abs=1e-5)


def test_what_is_not_bracketed_is_nan() -> None:
    chain, mid = chain_of([20.0])
    above = chain.strikes > FORWARD + 20
    smile = first_smile(chain, np.where(above, np.nan, mid), NOW, RATE)
    assert math.isnan(delta_volatility(smile, 0.25))
    assert not math.isnan(delta_volatility(smile, 0.75))
    assert math.isnan(model_free_variance(smile))
    below = first_smile(chain, np.where(chain.strikes < 6100, np.nan, mid), NOW, RATE)
    assert math.isnan(atm_volatility(below))


def test_model_free_variance_is_the_cboe_sum() -> None:
    """The sum written out strike by strike, and for a flat smile the variance itself."""
    smile = smile_of()
    base = max(k for k in STRIKES if k <= FORWARD)
    total = 0.0
    for i, k in enumerate(STRIKES):
        width = 5.0
        quote = smile.put[i] if k < base else smile.call[i]
        if k == base:
            quote = (smile.call[i] + smile.put[i]) / 2
        total += width / k**2 * smile.growth * quote
    wanted = 2 / smile.years * total - (FORWARD / base - 1) ** 2 / smile.years
    assert model_free_variance(smile) == pytest.approx(wanted, rel=1e-9)
    assert math.sqrt(wanted) == pytest.approx(0.165, abs=0.01)


def test_between_maturities_total_variance_is_linear() -> None:
    found = at_maturity((0.05, 0.2), (0.15, 0.1), 0.1)
    assert found**2 * 0.1 == pytest.approx((0.2**2 * 0.05 + 0.1**2 * 0.15) / 2)
    assert at_maturity((0.1, 0.2), (0.1, 0.2), 0.1) == pytest.approx(0.2)


def test_series_that_expire_together_are_chains_of_their_own() -> None:
    twice = make_chain(
        np.array([1, 2, 3], np.uint32),
        np.array([NS_A_YEAR] * 3),
        np.array([100.0, 100.0, 105.0]),
        np.array([True, True, True]),
    )
    assert sorted(slot for e in twice.expiries for slot in e.calls.tolist()) == [0, 1, 2]
    assert [len(e.strikes) for e in twice.expiries] == [2, 1]


def test_net_gamma_exposure_written_out() -> None:
    chain, mid = chain_of([5.0, 20.0])
    interest = np.random.default_rng(2).integers(0, 500, len(mid)).astype(float)
    priced = price(chain, mid, NOW, RATE)
    wanted = 0.0
    for slot, strike in enumerate(chain.strikes):
        years = (chain.expiration_ns[slot] - NOW) / NS_A_YEAR
        sigma = float(skew(np.array([strike]), years)[0])
        s = sigma * math.sqrt(years)
        d1 = math.log(FORWARD / strike) / s + s / 2
        gamma = norm.pdf(d1) / (FORWARD * s) * math.exp(-RATE * years)
        wanted += (1 if chain.is_call[slot] else -1) * gamma * interest[slot] * FORWARD**2
    of = open_gamma(priced, interest, NOW, FORWARD)
    assert net_gamma_exposure(of, 50.0) == pytest.approx(0.01 * 50 * wanted, rel=1e-6)


def test_zero_gamma_is_where_net_gamma_is_zero() -> None:
    """Calls above and puts below the forward: gamma changes its sign between them."""
    chain, mid = chain_of([20.0])
    interest = np.where(chain.is_call == (chain.strikes > FORWARD + 60), 100.0, 0.0)
    priced = price(chain, mid, NOW, RATE)
    of = open_gamma(priced, interest, NOW, FORWARD)
    factor = zero_gamma_factor(of)
    assert 0.9 < factor < 1.1

    def net(at: float) -> float:
        s = of.sigma * np.sqrt(of.years)
        d1 = np.log(of.forward * at / of.strike) / s + s / 2
        return float((of.net_interest * norm.pdf(d1) / s).sum())

    nearest = min((brentq(net, a, b) for a, b in _sign_changes(net)), key=lambda f: abs(f - 1))
    assert factor == pytest.approx(nearest, abs=1e-9)
    puts_only = open_gamma(priced, np.where(chain.is_call, 0.0, 100.0), NOW, FORWARD)
    assert math.isnan(zero_gamma_factor(puts_only))


def _sign_changes(net: object) -> list[tuple[float, float]]:
    grid = np.linspace(0.9, 1.1, 2001)
    values = [net(f) for f in grid]  # type: ignore[operator]
    return [(grid[i], grid[i + 1]) for i in range(2000) if (values[i] < 0) != (values[i + 1] < 0)]
