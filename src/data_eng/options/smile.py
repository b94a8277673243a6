"""One expiration at one moment: what its forward and the volatilities of its strikes tell.

Out-of-the-money options carry the smile: puts below the forward, calls from it on. Volatilities
between strikes are linear: in the strike at the money, in the forward delta ``N(d1)`` at the wings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .chain import Expiry
from .pricing import PricedChain

F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MIN_STRIKES_A_SIDE: Final = 10


@dataclass(frozen=True)
class Smile:
    """One expiration at one moment.

    Attributes
    ----------
    expiry : Expiry
    years : float
        Time left, > 0.
    growth : float
        ``exp(r T)``.
    forward : float
        Points; NaN where too few strikes have usable quotes of call and put.
    call, put : float64 arrays, shape (k,)
        Mid premiums, points; NaN where there is no usable quote.
    sigma : float64 array, shape (k,)
        Volatility of the out-of-the-money option; NaN where it has no usable quote.
    delta : float64 array, shape (k,)
        ``N(d1)`` at the volatility of the strike, which is ``sigma`` where there is one.
    """

    expiry: Expiry
    years: float
    growth: float
    forward: float
    call: F64
    put: F64
    sigma: F64
    delta: F64

    @property
    def is_call_side(self) -> Mask:
        """Strikes whose call is out of the money (or at it)."""
        return np.asarray(self.expiry.strikes >= self.forward)


def smiles_of(priced: PricedChain) -> Sequence[Smile]:
    """Return the expirations that are still to come, in order, with a forward or without."""
    found = []
    for expiry, at in zip(priced.expiries, priced.expiry_rows, strict=True):
        if at["years"] > 0:
            rows = priced.strike_rows[int(at["first"]) : int(at["end"])]
            years, growth, forward = (float(at[name]) for name in ("years", "growth", "forward"))
            columns = (rows[name] for name in ("call_mid", "put_mid", "sigma", "delta"))
            found.append(Smile(expiry, years, growth, forward, *columns))
    return found


def atm_volatility(smile: Smile) -> float:
    """Return the volatility at the forward, NaN unless strikes with one lie on both sides."""
    return _between(smile.expiry.strikes, smile.sigma, smile.forward)


def delta_volatility(smile: Smile, delta: float) -> float:
    """Return the volatility where ``N(d1)`` is ``delta``, NaN unless that is bracketed.

    0.25 is the 25-delta call, 0.75 the 25-delta put.
    """
    known = np.flatnonzero(~np.isnan(smile.sigma))
    # N(d1) falls as the strike rises; where a smile is so steep that it does not, the crossing
    # nearest the money counts.
    deltas, sigma = smile.delta[known], smile.sigma[known]
    crossings = np.flatnonzero((deltas[:-1] - delta) * (deltas[1:] - delta) <= 0)
    if not len(crossings):
        return math.nan
    strikes = smile.expiry.strikes[known]
    at = crossings[np.argmin(np.abs(strikes[crossings] - smile.forward))]
    width = deltas[at + 1] - deltas[at]
    weight = 0.0 if width == 0 else (delta - deltas[at]) / width
    return float(sigma[at] + weight * (sigma[at + 1] - sigma[at]))


def model_free_variance(smile: Smile) -> float:
    """Return the variance of the Cboe VIX sum over out-of-the-money strikes, annualised.

    NaN with fewer than `MIN_STRIKES_A_SIDE` valid quotes on either side. Source: Cboe, Volatility
    index methodology: Cboe Volatility Index (2022).
    """
    strikes, forward = smile.expiry.strikes, smile.forward
    below = np.flatnonzero(strikes <= forward)
    if math.isnan(forward) or not len(below):
        return math.nan
    base = below[-1]
    quote = np.where(strikes > strikes[base], smile.call, smile.put)
    quote[base] = (smile.call[base] + smile.put[base]) / 2
    used = np.flatnonzero(~np.isnan(quote))
    if math.isnan(quote[base]):
        return math.nan
    sides = (np.count_nonzero(used < base), np.count_nonzero(used > base))
    if min(sides) < MIN_STRIKES_A_SIDE:
        return math.nan
    k = strikes[used]
    width = np.empty(len(k))
    width[1:-1] = (k[2:] - k[:-2]) / 2
    width[0], width[-1] = k[1] - k[0], k[-1] - k[-2]
    total = float((width / k**2 * smile.growth * quote[used]).sum())
    return float((2 * total - (forward / strikes[base] - 1) ** 2) / smile.years)


def at_maturity(near: tuple[float, float], far: tuple[float, float], years: float) -> float:
    """Return a volatility between two maturities, linear in total variance.

    Parameters
    ----------
    near, far : tuple of float
        Years and volatility; NaN volatilities give NaN.
    years : float
        The maturity wanted, between the two.
    """
    (t1, v1), (t2, v2) = near, far
    weight = 0.0 if t2 == t1 else (years - t1) / (t2 - t1)
    total = (1 - weight) * v1 * v1 * t1 + weight * v2 * v2 * t2
    return math.sqrt(total / years) if total >= 0 else math.nan


def _between(x: F64, y: F64, at: float) -> float:
    # Linear between the nearest known neighbours, NaN where one side has none.
    known = np.flatnonzero(~np.isnan(y))
    below, above = known[x[known] <= at], known[x[known] >= at]
    if not len(below) or not len(above):
        return math.nan
    low, high = below[-1], above[0]
    if low == high:
        return float(y[low])
    weight = (at - x[low]) / (x[high] - x[low])
    return float(y[low] + weight * (y[high] - y[low]))
