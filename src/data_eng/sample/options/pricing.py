"""Black-76 prices on a smile, compiled.

Variance runs on calendar time to the expiration, a year being 365 days, and money earns
`RATE`. An American option is worth at least what exercising it at once gives; beyond that
its early-exercise premium, small for options on futures, is left out.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...compiled import kernel, part
from ...elementary import erfc_of, exp_of, log_of
from .market import NO_OPTION

RATE: Final = 0.04
YEAR_NS: Final = 365.0 * 86_400e9
MIN_YEARS: Final = 30.0 / (365.0 * 86_400.0)  # half a minute: the formula needs time left
_SQRT_HALF: Final = math.sqrt(0.5)


@part
def years_left(expiration: int, t: int) -> float:
    """Return the time from `t` to `expiration`, years, at least half a minute."""
    return max(MIN_YEARS, (expiration - t) / YEAR_NS)


@part
def implied_volatility(forward: float, strike: float, years: float, level: float) -> float:
    """Return the smile's volatility: a skew and a curvature in standard deviations."""
    at_the_money = level * (0.14 + 0.03 * (1.0 - exp_of(-3.0 * years)))
    z = log_of(strike / forward) / (at_the_money * math.sqrt(years))
    z = z / math.sqrt(1.0 + (z / 6.0) ** 2)
    return at_the_money * (1.0 - 0.11 * z + 0.018 * z * z)


@part
def _normal_cdf(x: float) -> float:
    return 0.5 * erfc_of(-x * _SQRT_HALF)


@part
def black_76(
    forward: float, strike: float, years: float, volatility: float, call: int
) -> tuple[float, float]:
    """Return the price, points, and the delta of a European option on a future."""
    deviation = volatility * math.sqrt(years)
    d1 = log_of(forward / strike) / deviation + 0.5 * deviation
    d2 = d1 - deviation
    discount = exp_of(-RATE * years)
    if call == 1:
        value = forward * _normal_cdf(d1) - strike * _normal_cdf(d2)
        return discount * value, discount * _normal_cdf(d1)
    value = strike * _normal_cdf(-d2) - forward * _normal_cdf(-d1)
    return discount * value, -discount * _normal_cdf(-d1)


@part
def value_option(item: Any, now: Any, t: int) -> tuple[float, float, float]:
    """Return price, delta and volatility of an outright with the market as in `now`."""
    forward = now["front"] + item["quarter"] * now["carry"]
    strike = item["strike"]
    years = years_left(item["expiration"], t)
    volatility = implied_volatility(forward, strike, years, now["level"])
    price, delta = black_76(forward, strike, years, volatility, item["call"])
    if item["american"] == 1:
        sign = 1.0 if item["call"] == 1 else -1.0
        price = max(price, sign * (forward - strike))
    return max(0.0, price), delta, volatility


@part
def value_spread(
    instrument: NDArray[Any], leg: NDArray[Any], i: int, now: Any, t: int
) -> tuple[float, float]:
    """Return the value of a spread and the sum of its legs' premiums, points."""
    first = instrument[i]["first_leg"]
    total = 0.0
    gross = 0.0
    for k in range(first, first + instrument[i]["legs"]):
        one = leg[k]
        if one["option"] == NO_OPTION:
            forward = now["front"] + one["quarter"] * now["carry"]
            total += one["ratio"] * (forward - one["reference"])
            continue
        price = value_option(instrument[one["option"]], now, t)[0]
        total += one["ratio"] * price
        gross += abs(one["ratio"]) * price
    return total, gross


@kernel
def value_all(
    instrument: NDArray[Any], leg: NDArray[Any], now: NDArray[Any], t: int
) -> NDArray[np.float64]:
    """Return price, delta and volatility of all instruments at one time.

    Parameters
    ----------
    now : SECOND array, shape (1,)
    t : int, ns since epoch

    Returns
    -------
    float64 array, shape (n, 3)
        Points, signed ratio, a year; delta and volatility of spreads are NaN.
    """
    values = np.full((instrument.size, 3), np.nan)
    for i in range(instrument.size):
        if instrument[i]["legs"] > 0:
            values[i, 0] = value_spread(instrument, leg, i, now[0], t)[0]
        else:
            price, delta, volatility = value_option(instrument[i], now[0], t)
            values[i, 0] = price
            values[i, 1] = delta
            values[i, 2] = volatility
    return values
