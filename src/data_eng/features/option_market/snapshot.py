"""Features of the quotes and the open interest at one moment."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ...options.black76 import forward_greeks
from ...options.chain import NO_OPTION, NS_A_DAY, Chain, Expiry
from ...options.gamma_exposure import net_gamma_exposure, open_gamma, zero_gamma_factor
from ...options.smile import (
    Smile,
    at_maturity,
    atm_volatility,
    delta_volatility,
    make_smile,
    model_free_variance,
    smile_volatilities,
)

F64 = npt.NDArray[np.float64]

FRONT_MIN_NS: Final = 30 * 60 * 10**9
MAX_EXPIRY_NS: Final = 90 * NS_A_DAY
THIRTY_DAYS: Final = 30 / 365
SPREAD_STRIKES: Final = 10
MIN_SPREAD_QUOTES: Final = 5
MAX_MISSING_INTEREST: Final = 0.2
VOLATILITY_POINTS: Final = 100.0


@dataclass(frozen=True)
class Snapshot:
    """What is known at one moment.

    Attributes
    ----------
    values : dict
        Feature name to value, NaN where it is null.
    front_expiration_ns : int
        Expiration of the front expiry; 0 without one.
    delta, vega : float64 arrays, shape (slots,)
        Forward delta (negative for puts) and vega of each option at its strike's volatility,
        between and beyond the quotes the nearest; NaN where the expiration has no smile.
    """

    values: dict[str, float]
    front_expiration_ns: int
    delta: F64
    vega: F64


def take_snapshot(
    chain: Chain,
    at_ns: int,
    mid: F64,
    spread: F64,
    open_interest: F64,
    rate: float,
    multiplier: float,
) -> Snapshot:
    """Return the features of quotes and open interest at a time.

    Parameters
    ----------
    chain : Chain
    at_ns : int, ns since epoch
    mid, spread : float64 arrays, shape (slots,), points
        Of usable quotes; NaN for the others.
    open_interest : float64 array, shape (slots,), contracts
        Last published; NaN where it is not.
    rate : float
        Continuously compounded, annualised.
    multiplier : float, dollars a point
    """
    smiles = [s for e in chain.expiries if (s := make_smile(e, at_ns, mid, rate)) is not None]
    later = [s for s in smiles if s.expiry.expiration_ns - at_ns > FRONT_MIN_NS]
    front = later[0] if later else None
    values = _volatility_values(later, front)
    values |= _front_values(front, mid, spread, open_interest)
    near = [s for s in smiles if s.expiry.expiration_ns - at_ns <= MAX_EXPIRY_NS]
    values |= _interest_values(near, open_interest, multiplier)
    delta, vega = _greeks(chain, smiles)
    return Snapshot(values, 0 if front is None else front.expiry.expiration_ns, delta, vega)


def _volatility_values(later: Sequence[Smile], front: Smile | None) -> dict[str, float]:
    atm = [atm_volatility(smile) for smile in later]
    wings = {delta: [delta_volatility(smile, delta) for smile in later] for delta in (0.25, 0.75)}
    nan = math.nan
    front_atm = atm[0] if front is not None else nan
    call, put = (wings[d][0] if front is not None else nan for d in (0.25, 0.75))
    call_30d, put_30d = (_at_30_days(later, wings[d]) for d in (0.25, 0.75))
    variances = [model_free_variance(smile) for smile in later]
    free = [math.sqrt(v) if v >= 0 else nan for v in variances]
    following = _next_after_front(later, atm)
    return {
        "atm_implied_volatility_front": front_atm,
        "atm_implied_volatility_30d": _at_30_days(later, atm),
        "implied_volatility_term_slope": VOLATILITY_POINTS * (following - front_atm),
        "risk_reversal_25d_front": VOLATILITY_POINTS * (call - put),
        "risk_reversal_25d_30d": VOLATILITY_POINTS * (call_30d - put_30d),
        "butterfly_25d_front": VOLATILITY_POINTS * ((call + put) / 2 - front_atm),
        "model_free_implied_volatility_30d": _at_30_days(later, free),
    }


def _next_after_front(later: Sequence[Smile], atm: Sequence[float]) -> float:
    # The next expiration: series that expire together with the front are not after it.
    for smile, volatility in zip(later, atm, strict=True):
        if smile.expiry.expiration_ns > later[0].expiry.expiration_ns:
            return volatility
    return math.nan


def _at_30_days(smiles: Sequence[Smile], volatilities: Sequence[float]) -> float:
    known = [
        (smile.years, v) for smile, v in zip(smiles, volatilities, strict=True) if not math.isnan(v)
    ]
    before = [pair for pair in known if pair[0] <= THIRTY_DAYS]
    after = [pair for pair in known if pair[0] >= THIRTY_DAYS]
    if not before or not after:
        return math.nan
    return at_maturity(before[-1], after[0], THIRTY_DAYS)


def _front_values(
    front: Smile | None, mid: F64, spread: F64, open_interest: F64
) -> dict[str, float]:
    if front is None or math.isnan(front.forward):
        return dict.fromkeys(
            (
                "atm_straddle_implied_move_bps_front",
                "option_relative_quoted_spread_front",
                "max_call_open_interest_strike_distance_pct_front",
                "max_put_open_interest_strike_distance_pct_front",
                "max_pain_strike_distance_pct_front",
            ),
            math.nan,
        )
    forward, strikes = front.forward, front.expiry.strikes
    nearest = int(np.argmin(np.abs(strikes - forward)))
    straddle = front.call[nearest] + front.put[nearest]
    call, put = (
        _by_strike(open_interest, side) for side in (front.expiry.calls, front.expiry.puts)
    )
    return {
        "atm_straddle_implied_move_bps_front": 1e4 * float(straddle) / forward,
        "option_relative_quoted_spread_front": _relative_spread(front, mid, spread),
        "max_call_open_interest_strike_distance_pct_front": _distance(
            _most(strikes, call), forward
        ),
        "max_put_open_interest_strike_distance_pct_front": _distance(_most(strikes, put), forward),
        "max_pain_strike_distance_pct_front": _distance(max_pain(strikes, call, put), forward),
    }


def _distance(strike: float, forward: float) -> float:
    return 100 * (strike - forward) / forward


def _by_strike(open_interest: F64, side: npt.NDArray[np.int64]) -> F64:
    return np.where(side == NO_OPTION, np.nan, open_interest[side])


def _relative_spread(front: Smile, mid: F64, spread: F64) -> float:
    expiry = front.expiry
    side = np.where(front.is_call_side, expiry.calls, expiry.puts)
    nearest = np.argsort(np.abs(expiry.strikes - front.forward), kind="stable")[:SPREAD_STRIKES]
    slots = side[nearest]
    slots = slots[slots != NO_OPTION]
    relative = spread[slots] / mid[slots]
    relative = relative[~np.isnan(relative)]
    return float(np.median(relative)) if len(relative) >= MIN_SPREAD_QUOTES else math.nan


def _most(strikes: F64, interest: F64) -> float:
    # The strike with most open interest, the lowest of equals; NaN where there is none.
    if not (np.nan_to_num(interest) > 0).any():
        return math.nan
    return float(strikes[np.nanargmax(interest)])


def max_pain(strikes: F64, call_interest: F64, put_interest: F64) -> float:
    """Return the strike at which the open interest would expire with the least intrinsic value.

    Parameters
    ----------
    strikes : float64 array, shape (k,), points
    call_interest, put_interest : float64 arrays, shape (k,), contracts
        NaN counts as none; with none at all the result is NaN. The lowest of equal strikes.
    """
    call, put = np.nan_to_num(call_interest), np.nan_to_num(put_interest)
    if not (call.any() or put.any()):
        return math.nan
    gap = strikes[:, None] - strikes[None, :]  # settlement, strike
    value = np.maximum(gap, 0) @ call + np.maximum(-gap, 0) @ put
    return float(strikes[np.argmin(value)])


def _interest_values(
    near: Sequence[Smile], open_interest: F64, multiplier: float
) -> dict[str, float]:
    gamma = open_gamma(near, open_interest)
    factor = zero_gamma_factor(gamma)
    return {
        "put_call_open_interest_ratio": interest_ratio([s.expiry for s in near], open_interest),
        "net_gamma_exposure_usd_bn_per_1pct": 1e-9 * net_gamma_exposure(gamma, multiplier),
        # F0 is the factor times F, so that (F - F0) / F is one less the factor.
        "zero_gamma_distance_pct": 100 * (1 - factor),
    }


def interest_ratio(expiries: Sequence[Expiry], open_interest: F64) -> float:
    """Return puts' over calls' open interest; NaN where a fifth of the options have none known."""
    sums, missing, listed = [], 0, 0
    for side in ("puts", "calls"):
        slots = [getattr(expiry, side) for expiry in expiries]
        all_slots = np.concatenate([np.empty(0, np.int64), *slots])
        interest = open_interest[all_slots[all_slots != NO_OPTION]]
        missing += int(np.isnan(interest).sum())
        listed += len(interest)
        sums.append(float(np.nansum(interest)))
    puts, calls = sums
    if not listed or missing > MAX_MISSING_INTEREST * listed or calls == 0:
        return math.nan
    return puts / calls


def _greeks(chain: Chain, smiles: Sequence[Smile]) -> tuple[F64, F64]:
    delta, vega = (np.full(len(chain.strikes), np.nan) for _ in range(2))
    for smile in smiles:
        expiry = smile.expiry
        n_d1, _, each_vega = forward_greeks(
            smile.forward, expiry.strikes, smile.years, smile_volatilities(smile)
        )
        for slots, less in ((expiry.calls, 0.0), (expiry.puts, 1.0)):
            listed = slots != NO_OPTION
            delta[slots[listed]] = n_d1[listed] - less
            vega[slots[listed]] = each_vega[listed]
    return delta, vega
