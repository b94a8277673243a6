"""Gamma of the open interest, under the assumption that dealers are long calls and short puts.

Who holds which side of an option is not published; the assumption is the literature's
(G. Baltussen, Z. Da, S. Lammers, M. Martens, Hedging demand and market intraday momentum, Journal
of Financial Economics 142 (2021)), and the sign of the numbers rests on it.

Expiries without a smile are left out of the sums. Nothing is said where they hold more than a fifth
of the open interest near the money, or where those without any published open interest carry more
than a fifth of the gamma per contract.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..compiled import kernel
from ..elementary import exp_of, log, log_of
from .chain import NO_OPTION, NS_A_DAY
from .pricing import PricedChain

F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MAX_EXPIRY_NS: Final = 90 * NS_A_DAY
NEAR_MONEY: Final = 0.1
MAX_MISSING_SHARE: Final = 0.2
ZERO_GAMMA_RANGE: Final = 0.1
_STEPS: Final = 40
_BISECTIONS: Final = 50
_NOTHING: Final = 1500.0
"""Square of a ``d1`` at which the normal density is 0 in double precision."""


@dataclass(frozen=True)
class OpenGamma:
    """Strikes of the expiries within 90 days that have a smile; arrays of shape (n,).

    Attributes
    ----------
    forward, strike, years, sigma : float64 arrays
        Of the strike, between and beyond the quotes as `pricing` says.
    gamma : float64 array
        Of one undiscounted option.
    net_interest, gross_interest : float64 arrays
        Open interest of calls less, and plus, that of puts, over ``exp(r T)``.
    expiration_ns : int64 array
    calls, puts : float
        Open interest of the expiries within 90 days, with a smile or without.
    without_smile : float
        Share of the open interest, of strikes within a tenth of the front's forward, that expiries
        without a smile hold; 0 where there is no open interest, NaN without a forward.
    without_interest : float
        Share of the gamma per contract that expiries without any published open interest carry;
        NaN where gamma is needed to tell and there is none.
    """

    forward: F64
    strike: F64
    years: F64
    sigma: F64
    gamma: F64
    net_interest: F64
    gross_interest: F64
    expiration_ns: npt.NDArray[np.int64]
    calls: float
    puts: float
    without_smile: float
    without_interest: float

    @property
    def is_complete(self) -> bool:
        """Whether enough is known to say anything; never with NaN."""
        return (
            len(self.gamma) > 0
            and self.without_smile <= MAX_MISSING_SHARE
            and self.without_interest <= MAX_MISSING_SHARE
        )


def open_gamma(
    priced: PricedChain, open_interest: F64, at_ns: int, front_forward: float
) -> OpenGamma:
    """Return the gamma of the open interest of the expiries within 90 days.

    Parameters
    ----------
    priced : PricedChain
    open_interest : float64 array, shape (slots,), contracts
        By slot, NaN where the date has published none for the expiry.
    at_ns : int, ns since epoch
    front_forward : float, points
    """
    of_strike, rows = priced.expiry_of_strike, priced.strike_rows
    expiries = priced.expiry_rows
    calls, puts = (interest_of(rows[side], open_interest) for side in ("call", "put"))
    is_near = (expiries["years"] > 0) & (expiries["expiration_ns"] - at_ns <= MAX_EXPIRY_NS)
    near, has_smile = is_near[of_strike], expiries["has_smile"][of_strike]
    published = np.zeros(len(expiries), np.bool_)
    np.logical_or.at(published, of_strike, ~np.isnan(calls) | ~np.isnan(puts))
    used = near & has_smile
    at = of_strike[used]
    growth = expiries["growth"][at]
    call, put = np.nan_to_num(calls), np.nan_to_num(puts)
    listed = (rows["call"] != NO_OPTION).astype(np.float64) + (rows["put"] != NO_OPTION)
    gamma_each = np.where(used, rows["gamma"], 0.0) * listed
    return OpenGamma(
        expiries["forward"][at],
        rows["strike"][used],
        expiries["years"][at],
        rows["volatility"][used],
        rows["gamma"][used],
        (call - put)[used] / growth,
        (call + put)[used] / growth,
        expiries["expiration_ns"][at],
        float(call[near].sum()),
        float(put[near].sum()),
        _without_smile(rows["strike"], near * (call + put), has_smile, front_forward),
        _without_interest(gamma_each, published, is_near, of_strike),
    )


def interest_of(slots: npt.NDArray[np.int64], open_interest: F64) -> F64:
    """Return the open interest of slots, contracts, shape (n,); NaN where there is no option.

    Parameters
    ----------
    slots : int64 array, shape (n,)
        `NO_OPTION` where there is none.
    open_interest : float64 array, shape (slots,), contracts
    """
    return np.where(slots == NO_OPTION, np.nan, open_interest[slots])


def _without_smile(strike: F64, interest: F64, has_smile: Mask, front_forward: float) -> float:
    if math.isnan(front_forward):
        return math.nan
    held = interest * (np.abs(strike - front_forward) <= NEAR_MONEY * front_forward)
    total = float(held.sum())
    return float(held[~has_smile].sum()) / total if total > 0 else 0.0


def _without_interest(
    gamma: F64, published: Mask, is_near: Mask, of_strike: npt.NDArray[np.int64]
) -> float:
    if published[is_near].all():
        return 0.0
    total = float(gamma.sum())
    return float(gamma[~published[of_strike]].sum()) / total if total > 0 else math.nan


def net_gamma_exposure(of: OpenGamma, multiplier: float) -> float:
    """Return the change of dealers' delta for a move of 1 %, dollars.

    ``0.01 * multiplier * F^2 * (sum of calls' gamma OI - sum of puts' gamma OI)``, each
    expiration with its own forward. NaN where too much is missing.
    """
    if not of.is_complete:
        return math.nan
    return float(0.01 * multiplier * (of.forward**2 * of.gamma * of.net_interest).sum())


def gamma_share_until(of: OpenGamma, end_ns: int) -> float:
    """Return the share of gamma times open interest in expirations before a time.

    NaN where too much is missing, or nothing is held.
    """
    held = of.gamma * of.gross_interest
    total = float(held.sum())
    if not of.is_complete or total <= 0:
        return math.nan
    return float(held[of.expiration_ns < end_ns].sum()) / total


def zero_gamma_factor(of: OpenGamma) -> float:
    """Return the factor on the forwards at which net gamma is zero, the nearest to 1.

    Volatilities stay with their strikes (sticky strike). NaN where net gamma does not change its
    sign from 0.9 to 1.1 times the forwards, or too much is missing.
    """
    if not of.is_complete:
        return math.nan
    held = of.net_interest != 0.0
    forward, deviation = of.forward[held], of.sigma[held] * np.sqrt(of.years[held])
    moneyness = log(forward / of.strike[held])
    root: float = _nearest_root(forward, moneyness, deviation, of.net_interest[held])
    return root


@kernel
def _net_gamma(factor: float, forward: Any, moneyness: Any, deviation: Any, interest: Any) -> float:
    # At the forwards times the factor; moneyness = ln(F / K), deviation = sigma sqrt(T).
    shift = log_of(factor)
    total = 0.0
    for i in range(forward.shape[0]):
        s = deviation[i]
        d1 = (moneyness[i] + shift) / s + 0.5 * s
        if d1 * d1 > _NOTHING:
            continue
        total += interest[i] * (forward[i] * factor) * exp_of(-0.5 * d1 * d1) / s
    return total


@kernel
def _nearest_root(forward: Any, moneyness: Any, deviation: Any, interest: Any) -> float:
    centre = _net_gamma(1.0, forward, moneyness, deviation, interest)
    if centre == 0.0:
        return math.nan
    up_before, down_before = centre, centre
    for step in range(1, _STEPS + 1):
        reach = ZERO_GAMMA_RANGE * step / _STEPS
        inner = ZERO_GAMMA_RANGE * (step - 1) / _STEPS
        up = _net_gamma(1.0 + reach, forward, moneyness, deviation, interest)
        down = _net_gamma(1.0 - reach, forward, moneyness, deviation, interest)
        found_up = math.nan
        found_down = math.nan
        if up * up_before <= 0.0:
            found_up = _bisect(1.0 + inner, 1.0 + reach, forward, moneyness, deviation, interest)
        if down * down_before <= 0.0:
            found_down = _bisect(1.0 - inner, 1.0 - reach, forward, moneyness, deviation, interest)
        if not math.isnan(found_up) and not math.isnan(found_down):
            return found_up if found_up - 1.0 <= 1.0 - found_down else found_down
        if not math.isnan(found_up):
            return found_up
        if not math.isnan(found_down):
            return found_down
        up_before, down_before = up, down
    return math.nan


@kernel
def _bisect(
    low: float, high: float, forward: Any, moneyness: Any, deviation: Any, interest: Any
) -> float:
    at_low = _net_gamma(low, forward, moneyness, deviation, interest)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        at_middle = _net_gamma(middle, forward, moneyness, deviation, interest)
        if at_low * at_middle <= 0.0:
            high = middle
        else:
            low, at_low = middle, at_middle
    return 0.5 * (low + high)
