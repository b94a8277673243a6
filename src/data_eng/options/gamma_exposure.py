"""Gamma of the open interest, under the assumption that dealers are long calls and short puts.

Who holds which side of an option is not published; the assumption is the literature's
(G. Baltussen, Z. Da, S. Lammers, M. Martens, Hedging demand and market intraday momentum, Journal
of Financial Economics 142 (2021)), and the sign of the numbers rests on it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..compiled import kernel
from ..elementary import exp_of, log, log_of
from .black76 import forward_greeks
from .chain import NO_OPTION
from .smile import Smile, smile_volatilities

F64 = npt.NDArray[np.float64]

MAX_MISSING_SHARE: Final = 0.2
ZERO_GAMMA_RANGE: Final = 0.1
_STEPS: Final = 40
_BISECTIONS: Final = 50


@dataclass(frozen=True)
class OpenGamma:
    """Options with their open interest, one entry a listed option; arrays of shape (n,).

    Attributes
    ----------
    forward, strike, years, sigma : float64 arrays
        Of the option; ``sigma`` of its strike's smile, between and beyond its quotes the nearest.
    signed_interest : float64 array
        Open interest over ``exp(r T)``, negative for puts; 0 where it is missing or the strike has
        no quote.
    gamma : float64 array
        Of one undiscounted option.
    missing_share : float
        Share of the gamma whose open interest or quote is missing.
    """

    forward: F64
    strike: F64
    years: F64
    sigma: F64
    signed_interest: F64
    gamma: F64
    missing_share: float

    @property
    def is_complete(self) -> bool:
        """Whether enough of the gamma is known to say anything."""
        return len(self.gamma) > 0 and self.missing_share <= MAX_MISSING_SHARE


def open_gamma(smiles: Sequence[Smile], open_interest: F64) -> OpenGamma:
    """Return the gamma of the open interest of several expirations.

    Parameters
    ----------
    smiles : sequence of Smile
    open_interest : float64 array, shape (slots,), contracts
        By slot, NaN where it is not published.
    """
    parts: list[tuple[F64, ...]] = []
    unknown = 0
    for smile in smiles:
        listed = (smile.expiry.calls != NO_OPTION) | (smile.expiry.puts != NO_OPTION)
        sigma = smile_volatilities(smile)
        if np.isnan(sigma).all():
            unknown += int(listed.sum())
            continue
        parts += [
            _side(smile, sigma, side, sign, open_interest)
            for side, sign in ((smile.expiry.calls, 1.0), (smile.expiry.puts, -1.0))
        ]
    if not parts:
        none = np.empty(0)
        return OpenGamma(none, none, none, none, none, none, math.nan)
    forward, strike, years, sigma, signed, known = (
        np.concatenate(columns) for columns in zip(*parts, strict=True)
    )
    _, gamma, _ = forward_greeks(forward, strike, years, sigma)
    total = float(gamma.sum())
    missing = float(gamma[known == 0].sum())
    # An expiration without any quote has no gamma to weigh: each strike counts as the mean does.
    blind = 2 * unknown * (total / len(gamma))
    share = math.nan if total <= 0 else (missing + blind) / (total + blind)
    return OpenGamma(forward, strike, years, sigma, signed, gamma, share)


def _side(
    smile: Smile, sigma: F64, slots: npt.NDArray[np.int64], sign: float, open_interest: F64
) -> tuple[F64, ...]:
    listed = np.flatnonzero(slots != NO_OPTION)
    interest = open_interest[slots[listed]]
    known = ~np.isnan(interest) & ~np.isnan(smile.sigma[listed])
    signed = np.where(known, sign * np.nan_to_num(interest) / smile.growth, 0.0)
    count = len(listed)
    return (
        np.full(count, smile.forward),
        smile.expiry.strikes[listed],
        np.full(count, smile.years),
        sigma[listed],
        signed,
        known.astype(np.float64),
    )


def net_gamma_exposure(of: OpenGamma, multiplier: float) -> float:
    """Return the change of dealers' delta for a move of 1 %, dollars.

    ``0.01 * multiplier * F^2 * (sum of calls' gamma OI - sum of puts' gamma OI)``, each
    expiration with its own forward. NaN where more than a fifth of the gamma is missing.
    """
    if not of.is_complete:
        return math.nan
    return float(0.01 * multiplier * (of.forward**2 * of.gamma * of.signed_interest).sum())


def zero_gamma_factor(of: OpenGamma) -> float:
    """Return the factor on the forwards at which net gamma is zero, the nearest to 1.

    Volatilities stay with their strikes (sticky strike). NaN where net gamma does not change its
    sign from 0.9 to 1.1 times the forwards, or more than a fifth of the gamma is missing.
    """
    if not of.is_complete:
        return math.nan
    held = of.signed_interest != 0.0
    forward, deviation = of.forward[held], of.sigma[held] * np.sqrt(of.years[held])
    moneyness = log(forward / of.strike[held])
    root: float = _nearest_root(forward, moneyness, deviation, of.signed_interest[held])
    return root


@kernel
def _net_gamma(factor: float, forward: Any, moneyness: Any, deviation: Any, interest: Any) -> float:
    # At the forwards times the factor; moneyness = ln(F / K), deviation = sigma sqrt(T).
    shift = log_of(factor)
    total = 0.0
    for i in range(forward.shape[0]):
        s = deviation[i]
        d1 = (moneyness[i] + shift) / s + 0.5 * s
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
