"""Black (1976) for options on futures: price, delta, gamma, vega, implied volatility.

Prices are undiscounted (forward) premiums: a quoted premium times ``exp(r T)``. With ``F`` the
forward, ``K`` the strike, ``s = sigma sqrt(T)`` the total volatility,
``d1 = ln(F / K) / s + s / 2`` and ``d2 = d1 - s``:

- call ``F N(d1) - K N(d2)``, put ``K N(-d2) - F N(-d1)``;
- delta of the call ``N(d1)``, of the put ``N(d1) - 1``; gamma ``n(d1) / (F s)``;
  vega ``F n(d1) sqrt(T)``, all of the undiscounted premium.

Source: F. Black, The pricing of commodity contracts, Journal of Financial Economics 3 (1976).
Implied volatility: Newton's method from the inflection point of the price in the volatility
(S. Manaster and G. Koehler, Journal of Finance 37 (1982)), on the logarithm of the price below it,
as P. Jaeckel, Let's be rational (2015), recommends; it converges monotonically on either side.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..compiled import kernel, part
from ..elementary import erfc_of, exp_of, log_of

F64 = npt.NDArray[np.float64]

_SQRT_HALF: Final = math.sqrt(0.5)
_INV_SQRT_2PI: Final = 1.0 / math.sqrt(2.0 * math.pi)
_MAX_ITERATIONS: Final = 100
_TOLERANCE: Final = 1e-13
_ROUNDING: Final = 1e-9


@kernel
def _cdf(x: float) -> float:
    return 0.5 * erfc_of(-x * _SQRT_HALF)


@kernel
def _pdf(x: float) -> float:
    return _INV_SQRT_2PI * exp_of(-0.5 * x * x)


@kernel
def _otm_price(x: float, s: float, growth: float) -> float:
    # Out-of-the-money premium over sqrt(F K), of log-moneyness |ln(F / K)| = x >= 0;
    # growth = exp(x / 2).
    if s <= 0.0:
        return 0.0
    d1 = -x / s + 0.5 * s
    return _cdf(d1) / growth - growth * _cdf(d1 - s)


@kernel
def _total_volatility(x: float, target: float) -> float:
    # The s with _otm_price(x, s) = target, by Newton from the inflection point sqrt(2 x).
    s = max(math.sqrt(2.0 * x), 1e-3)
    growth = exp_of(0.5 * x)
    price = _otm_price(x, s, growth)
    is_below = price > target
    last = math.inf
    for _ in range(_MAX_ITERATIONS):
        slope = _pdf(-x / s + 0.5 * s) / growth
        if slope <= 0.0 or price <= 0.0:
            return math.nan
        # On the logarithm below the inflection, where the price itself is flat.
        step = (log_of(target / price) * price if is_below else target - price) / slope
        # Done where steps no longer shrink either: there the price's own rounding moves them.
        is_rounding = abs(step) >= last and abs(step) <= _ROUNDING * s
        if is_rounding or abs(step) <= _TOLERANCE * s:
            return s + step
        last = abs(step)
        # The logarithm is so steep far below that a step may leave what can be computed.
        s = min(max(s + step, 0.5 * s), 2.0 * s + 1.0)
        price = _otm_price(x, s, growth)
    return math.nan


@part
def volatility_of(premium: float, forward: float, strike: float, years: float, call: bool) -> float:
    """Return the volatility of one undiscounted premium; see `implied_volatility`."""
    if not (premium > 0.0 and forward > 0.0 and strike > 0.0 and years > 0.0):
        return math.nan
    intrinsic = max(forward - strike, 0.0) if call else max(strike - forward, 0.0)
    # Time value: the out-of-the-money option of the same strike, by parity.
    target = (premium - intrinsic) / math.sqrt(forward * strike)
    x = abs(log_of(forward / strike))
    if target <= 0.0 or target >= exp_of(-0.5 * x):
        return math.nan
    return float(_total_volatility(x, target) / math.sqrt(years))


@part
def greeks_of(
    forward: float, strike: float, years: float, sigma: float
) -> tuple[float, float, float]:
    """Return ``N(d1)``, gamma and vega of one option; see `forward_greeks`."""
    root = math.sqrt(years)
    s = sigma * root
    d1 = log_of(forward / strike) / s + 0.5 * s
    density = _pdf(d1)
    return _cdf(d1), density / (forward * s), forward * density * root


@kernel
def _implied_volatilities(
    premium: Any, forward: Any, strike: Any, years: Any, is_call: Any, out: Any
) -> None:
    for i in range(premium.shape[0]):
        out[i] = volatility_of(premium[i], forward[i], strike[i], years[i], is_call[i])


@kernel
def _greeks(
    forward: Any, strike: Any, years: Any, sigma: Any, delta: Any, gamma: Any, vega: Any
) -> None:
    for i in range(forward.shape[0]):
        delta[i], gamma[i], vega[i] = greeks_of(forward[i], strike[i], years[i], sigma[i])


@kernel
def _prices(forward: Any, strike: Any, years: Any, sigma: Any, is_call: Any, out: Any) -> None:
    for i in range(forward.shape[0]):
        f, k = forward[i], strike[i]
        intrinsic = max(f - k, 0.0) if is_call[i] else max(k - f, 0.0)
        s = sigma[i] * math.sqrt(years[i])
        x = abs(log_of(f / k))
        out[i] = intrinsic + math.sqrt(f * k) * _otm_price(x, s, exp_of(0.5 * x))


def black76_price(
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    sigma: npt.ArrayLike,
    is_call: npt.ArrayLike,
) -> F64:
    """Return undiscounted premiums.

    Parameters
    ----------
    forward, strike : array_like, points, > 0
    years : array_like
        Time to expiration, years of 365 days.
    sigma : array_like
        Volatility, annualised, decimal.
    is_call : array_like of bool

    Returns
    -------
    float64 array of the arguments' broadcast shape, flattened
    """
    f, k, t, v, c = _flat(forward, strike, years, sigma, is_call)
    out = np.empty(len(f))
    _prices(f, k, t, v, c.astype(np.bool_), out)
    return out


def implied_volatility(
    premium: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    is_call: npt.ArrayLike,
) -> F64:
    """Return the volatilities that give undiscounted premiums.

    Arguments as `black76_price`, with ``premium`` in points.

    Returns
    -------
    float64 array
        Annualised, decimal; NaN where the premium is not above the intrinsic value or not below
        its bound (the forward for a call, the strike for a put), or time or price is not positive.
    """
    p, f, k, t, c = _flat(premium, forward, strike, years, is_call)
    out = np.empty(len(p))
    _implied_volatilities(p, f, k, t, c.astype(np.bool_), out)
    return out


def forward_greeks(
    forward: npt.ArrayLike, strike: npt.ArrayLike, years: npt.ArrayLike, sigma: npt.ArrayLike
) -> tuple[F64, F64, F64]:
    """Return ``N(d1)`` (delta of the call), gamma and vega of undiscounted premiums.

    Arguments as `black76_price`. Gamma and vega are those of the call and of the put; the put's
    delta is one less. NaN where the volatility is.
    """
    f, k, t, v = _flat(forward, strike, years, sigma)
    delta, gamma, vega = (np.empty(len(f)) for _ in range(3))
    _greeks(f, k, t, v, delta, gamma, vega)
    return delta, gamma, vega


def _flat(*values: npt.ArrayLike) -> list[F64]:
    arrays = np.broadcast_arrays(*(np.asarray(value, np.float64) for value in values))
    return [np.ascontiguousarray(array).reshape(-1) for array in arrays]
