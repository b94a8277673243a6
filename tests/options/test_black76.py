"""Black-76 against vollib (Jaeckel's implied volatility), QuantLib, and its own inverse."""

from __future__ import annotations

import math

import numpy as np
import pytest
import QuantLib
from hypothesis import given
from hypothesis import strategies as st
from vollib.black import black
from vollib.black.implied_volatility import implied_volatility as jaeckel

from src.data_eng.options.black76 import black76_price, forward_greeks, implied_volatility

MONEYNESS = [0.6, 0.8, 0.95, 0.99, 0.999, 1.0, 1.001, 1.01, 1.05, 1.2, 1.5]
YEARS = [1 / 365 / 24, 1 / 365, 7 / 365, 30 / 365, 0.25, 1.0, 3.0]
SIGMAS = [0.03, 0.1, 0.2, 0.5, 1.0, 2.5]
FORWARD = 6000.0
TICK = 0.05
"""The smallest premium: a quote below it is none."""


def surface() -> list[tuple[float, float, float, bool]]:
    return [
        (FORWARD * m, t, s, call)
        for m in MONEYNESS
        for t in YEARS
        for s in SIGMAS
        for call in (True, False)
    ]


def quantlib(strike: float, years: float, sigma: float, call: bool) -> QuantLib.BlackCalculator:
    right = QuantLib.Option.Call if call else QuantLib.Option.Put
    payoff = QuantLib.PlainVanillaPayoff(right, strike)
    return QuantLib.BlackCalculator(payoff, FORWARD, sigma * math.sqrt(years), 1.0)


def test_prices_equal_the_libraries() -> None:
    for strike, years, sigma, call in surface():
        (ours,) = black76_price(FORWARD, strike, years, sigma, call)
        assert ours == pytest.approx(quantlib(strike, years, sigma, call).value(), abs=1e-8)
        theirs = black("c" if call else "p", FORWARD, strike, years, 0.0, sigma)
        assert ours == pytest.approx(theirs, abs=1e-8)


def test_greeks_equal_quantlib() -> None:
    for strike, years, sigma, call in surface():
        calculator = quantlib(strike, years, sigma, call)
        delta, gamma, vega = (g[0] for g in forward_greeks(FORWARD, strike, years, sigma))
        assert delta - (not call) == pytest.approx(calculator.deltaForward(), abs=1e-10)
        assert gamma == pytest.approx(calculator.gammaForward(), rel=1e-8, abs=1e-14)
        assert vega == pytest.approx(calculator.vega(years), rel=1e-8, abs=1e-10)


def test_implied_volatilities_equal_the_libraries() -> None:
    """Over all premiums whose time value is at least a tick, to 1e-8."""
    compared = 0
    for strike, years, sigma, call in surface():
        (premium,) = black76_price(FORWARD, strike, years, sigma, call)
        intrinsic = max(FORWARD - strike, 0) if call else max(strike - FORWARD, 0)
        if premium - intrinsic < TICK:
            continue
        compared += 1
        (ours,) = implied_volatility(premium, FORWARD, strike, years, call)
        assert ours == pytest.approx(sigma, abs=1e-8)
        theirs = jaeckel(premium, FORWARD, strike, 0.0, years, "c" if call else "p")
        assert ours == pytest.approx(theirs, abs=1e-8)
        right = QuantLib.Option.Call if call else QuantLib.Option.Put
        deviation = QuantLib.blackFormulaImpliedStdDev(
            right, strike, FORWARD, premium, 1.0, 0.0, sigma * math.sqrt(years), 1e-14, 1000
        )
        assert ours == pytest.approx(deviation / math.sqrt(years), abs=1e-8)
    assert compared > 400


@given(
    moneyness=st.floats(-0.5, 0.5),
    years=st.floats(1e-4, 3),
    sigma=st.floats(0.02, 3),
    call=st.booleans(),
)
def test_the_price_of_an_implied_volatility_is_the_premium(
    moneyness: float, years: float, sigma: float, call: bool
) -> None:
    strike = FORWARD * math.exp(moneyness)
    (premium,) = black76_price(FORWARD, strike, years, sigma, call)
    intrinsic = max(FORWARD - strike, 0) if call else max(strike - FORWARD, 0)
    bound = FORWARD if call else strike
    if not intrinsic + TICK < premium < bound - TICK:
        return
    (found,) = implied_volatility(premium, FORWARD, strike, years, call)
    (again,) = black76_price(FORWARD, strike, years, found, call)
    assert again == pytest.approx(premium, abs=1e-8)


@pytest.mark.parametrize(
    ("premium", "strike", "years", "call"),
    [
        (0.0, 6000.0, 0.1, True),
        (-1.0, 6000.0, 0.1, True),
        (math.nan, 6000.0, 0.1, True),
        (100.0, 5900.0, 0.1, True),  # no time value
        (99.0, 5900.0, 0.1, True),  # below intrinsic
        (6000.0, 6000.0, 0.1, True),  # the bound of a call
        (5900.0, 5900.0, 0.1, False),  # and of a put
        (10.0, 6000.0, 0.0, True),
        (10.0, 6000.0, -0.1, True),
    ],
)
def test_what_has_no_volatility_is_nan(
    premium: float, strike: float, years: float, call: bool
) -> None:
    assert np.isnan(implied_volatility(premium, FORWARD, strike, years, call)).all()


def test_put_call_parity() -> None:
    strikes = FORWARD * np.array(MONEYNESS)
    call = black76_price(FORWARD, strikes, 0.1, 0.2, True)
    put = black76_price(FORWARD, strikes, 0.1, 0.2, False)
    np.testing.assert_allclose(call - put, FORWARD - strikes, atol=1e-9)
