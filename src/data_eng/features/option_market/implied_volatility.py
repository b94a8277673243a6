"""Volatilities that the quotes imply: at the money, in the wings, at 30 days."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ..definitions import OPTION_STEP_SECONDS
from ..feature import AS_OF, EVEN, ODD, Feature, FeatureList
from .moment import Moment, atm, call_wing, model_free, put_wing

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

FEATURES: Final = FeatureList()

VOLATILITY_POINTS: Final = 100.0
USABLE: Final = "as of ts; usable quotes"


@FEATURES.add(
    Feature(
        "atm_implied_volatility_front",
        doc=(
            "At-the-money volatility of the front expiry: volatility at K=F, linear between the "
            "nearest strikes with a usable out-of-the-money quote on either side; front = nearest "
            "expiry with more than 30 minutes left."
        ),
        unit="annualised, decimal",
        window=USABLE,
        null_rule="Null if no valid bracketing strikes / expiries.",
        mirror=EVEN,
        source="Black 1976; Jaeckel 2015",
    )
)
def atm_implied_volatility_front(moment: Moment) -> float:
    """Return the at-the-money volatility of the front expiry."""
    return moment.front_atm


@FEATURES.add(
    Feature(
        "atm_implied_volatility_30_days",
        doc=(
            "At-the-money volatility at 30 days: linear in total variance between the nearest "
            "expiries with one on either side of 30 days."
        ),
        unit="annualised, decimal",
        window=USABLE,
        null_rule="Null if no valid bracketing strikes / expiries.",
        mirror=EVEN,
        source="Black 1976; Jaeckel 2015",
    )
)
def atm_implied_volatility_30_days(moment: Moment) -> float:
    """Return the at-the-money volatility at 30 days."""
    return moment.at_30_days(atm)


@FEATURES.add(
    Feature(
        "atm_implied_volatility_change_front_300s",
        doc="Change of the front at-the-money volatility: now less {seconds} s ago, times 100.",
        unit="vol points",
        window="{seconds} s",
        null_rule="Null if either end null or front expiry changed.",
        mirror=EVEN,
        source="industry",
        each={"seconds": (300,)},
    )
)
def atm_implied_volatility_change(
    atm_front: F64, front_expiration_ns: I64, first_rth: int, seconds: int
) -> F64:
    """Return the change of the front's volatility, points; NaN where the front is another.

    Parameters
    ----------
    atm_front : float64 array, shape (steps,)
        `atm_implied_volatility_front` at every 5 seconds.
    front_expiration_ns : int64 array, shape (steps,)
    first_rth : int
        Step at 09:30.
    seconds : int
    """
    back = seconds // OPTION_STEP_SECONDS
    now, before = slice(first_rth, None), slice(first_rth - back, len(atm_front) - back)
    change = VOLATILITY_POINTS * (atm_front[now] - atm_front[before])
    return np.where(front_expiration_ns[now] == front_expiration_ns[before], change, np.nan)


@FEATURES.add(
    Feature(
        "atm_implied_volatility_change_front_since_rth_open",
        doc=(
            "Change of the front at-the-money volatility since the open: now less that of the "
            "first row from 09:30 on that has one, times 100."
        ),
        unit="vol points",
        window="since 09:30",
        null_rule="Null if the front expiry changed, or either null.",
        mirror=EVEN,
        source="industry",
    )
)
def atm_implied_volatility_change_since_open(
    atm_front: F64, front_expiration_ns: I64, first_rth: int
) -> F64:
    """Return the change of the front's volatility since the first after 09:30, points.

    Parameters as `atm_implied_volatility_change`.
    """
    now, front = atm_front[first_rth:], front_expiration_ns[first_rth:]
    known = np.flatnonzero(~np.isnan(now))
    if not len(known):
        return np.full(len(now), np.nan)
    first = known[0]
    change = VOLATILITY_POINTS * (now - now[first])
    return np.where(front == front[first], change, np.nan)


@FEATURES.add(
    Feature(
        "atm_implied_volatility_next_minus_front",
        doc=(
            "At-the-money volatility of the next expiration after the front less that of the "
            "front, times 100."
        ),
        unit="vol points",
        window=AS_OF,
        null_rule="Null if either null.",
        mirror=EVEN,
        source="industry (term structure)",
    )
)
def atm_implied_volatility_next_minus_front(moment: Moment) -> float:
    """Return the volatility of the next expiration less that of the front, points."""
    return VOLATILITY_POINTS * (atm(moment.next_after_front) - moment.front_atm)


@FEATURES.add(
    Feature(
        "risk_reversal_25_delta_front",
        doc=(
            "Risk reversal of the front expiry: volatility of the 25-delta call less that of the "
            "25-delta put (forward delta N(d1) of 0.25 and 0.75), linear in delta between "
            "strikes, times 100."
        ),
        unit="vol points",
        window=AS_OF,
        null_rule="Null unless 25 delta is bracketed on both sides.",
        mirror=ODD,
        source="market convention (Malz 1997)",
    )
)
def risk_reversal_25_delta_front(moment: Moment) -> float:
    """Return the volatility of the call less that of the put, points."""
    call, put = moment.front_wings
    return VOLATILITY_POINTS * (call - put)


@FEATURES.add(
    Feature(
        "risk_reversal_25_delta_30_days",
        doc=(
            "Risk reversal at 30 days: both 25-delta volatilities interpolated to 30 days in "
            "total variance, their difference times 100."
        ),
        unit="vol points",
        window=AS_OF,
        null_rule=(
            "Null unless 25 delta is bracketed on both sides in expiries on either side of 30 days."
        ),
        mirror=ODD,
        source="market convention (Malz 1997)",
    )
)
def risk_reversal_25_delta_30_days(moment: Moment) -> float:
    """Return the same of both volatilities at 30 days, points."""
    return VOLATILITY_POINTS * (moment.at_30_days(call_wing) - moment.at_30_days(put_wing))


@FEATURES.add(
    Feature(
        "butterfly_25_delta_front",
        doc=(
            "Butterfly of the front expiry: mean of the 25-delta volatilities less the "
            "at-the-money volatility, times 100."
        ),
        unit="vol points",
        window=AS_OF,
        null_rule=(
            "Null unless 25 delta is bracketed on both sides or the at-the-money volatility is "
            "null."
        ),
        mirror=EVEN,
        source="Malz 1997",
    )
)
def butterfly_25_delta_front(moment: Moment) -> float:
    """Return the mean volatility of call and put less that at the money, points."""
    call, put = moment.front_wings
    return VOLATILITY_POINTS * ((call + put) / 2 - moment.front_atm)


@FEATURES.add(
    Feature(
        "model_free_implied_volatility_30_days",
        doc=(
            "Model-free volatility at 30 days: square root of the Cboe VIX sum over "
            "out-of-the-money strikes of each expiry, interpolated to 30 days in total variance; "
            "strikes without a usable quote are left out, the sum does not stop at them."
        ),
        unit="annualised",
        window=AS_OF,
        null_rule=(
            "Null if fewer than 10 OTM strikes a side, no valid quote at the strike at or below "
            "F, or no bracketing expiries."
        ),
        mirror=EVEN,
        source="Britten-Jones & Neuberger 2000; Cboe VIX",
    )
)
def model_free_implied_volatility_30_days(moment: Moment) -> float:
    """Return the square root of the model-free variance at 30 days."""
    return moment.at_30_days(model_free)
