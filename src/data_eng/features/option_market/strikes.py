"""Strikes that the open interest of the front expiry singles out."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from ..feature import AS_OF, ODD, Feature, FeatureList
from .moment import Moment

F64 = npt.NDArray[np.float64]

FEATURES: Final = FeatureList()


@FEATURES.add(
    Feature(
        "max_call_open_interest_strike_distance_pct_front",
        doc=(
            "Distance to the strike with most open interest in calls of the front expiry: 100 (F "
            "- K*)/F, K* = strike with most call open interest, front expiry; the lowest of equals "
            "(positive = price above)."
        ),
        unit="%",
        window=AS_OF,
        null_rule="Null if no open interest, or without a forward.",
        mirror="minus_swap:max_put_open_interest_strike_distance_pct_front",
        source="plain name for 'call wall'",
    )
)
def max_call_open_interest_strike_distance_pct_front(moment: Moment) -> float:
    """Return the distance to the strike with most open interest in calls, per cent."""
    front = moment.priced_front
    if front is None:
        return math.nan
    interest = moment.interest(front.expiry.calls)
    return _distance(_most(front.expiry.strikes, interest), front.forward)


@FEATURES.add(
    Feature(
        "max_put_open_interest_strike_distance_pct_front",
        doc=(
            "Distance to the strike with most open interest in puts of the front expiry: 100 (F "
            "- K*)/F, K* = strike with most put open interest, front expiry; the lowest of equals "
            "(positive = price above)."
        ),
        unit="%",
        window=AS_OF,
        null_rule="Null if no open interest, or without a forward.",
        mirror="minus_swap:max_call_open_interest_strike_distance_pct_front",
        source="plain name for 'put wall'",
    )
)
def max_put_open_interest_strike_distance_pct_front(moment: Moment) -> float:
    """Return the distance to the strike with most open interest in puts, per cent."""
    front = moment.priced_front
    if front is None:
        return math.nan
    interest = moment.interest(front.expiry.puts)
    return _distance(_most(front.expiry.strikes, interest), front.forward)


@FEATURES.add(
    Feature(
        "max_pain_strike_distance_pct_front",
        doc=(
            "Distance to the strike at which the open interest of the front expiry would expire "
            "with the least intrinsic value: 100 (F - K_mp)/F, K_mp minimises total intrinsic "
            "value of open interest; the lowest of equals (positive = price above)."
        ),
        unit="%",
        window=AS_OF,
        null_rule="Null if no open interest, or without a forward.",
        mirror=ODD,
        source="industry (max pain)",
    )
)
def max_pain_strike_distance_pct_front(moment: Moment) -> float:
    """Return the distance to the strike of `max_pain`, per cent."""
    front = moment.priced_front
    if front is None:
        return math.nan
    call, put = (moment.interest(side) for side in (front.expiry.calls, front.expiry.puts))
    return _distance(max_pain(front.expiry.strikes, call, put), front.forward)


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
    # Calls below a settlement are worth settlement - strike each, puts above it the reverse.
    # Running sums: of whole contracts at such strikes they are exact.
    calls_below = strikes * np.cumsum(call) - np.cumsum(call * strikes)
    held, cost = np.cumsum(put[::-1])[::-1], np.cumsum((put * strikes)[::-1])[::-1]
    value = calls_below + (cost - strikes * held)
    return float(strikes[np.argmin(value)])


def _distance(strike: float, forward: float) -> float:
    return 100 * (forward - strike) / forward


def _most(strikes: F64, interest: F64) -> float:
    # The strike with most open interest, the lowest of equals; NaN where there is none.
    if not (np.nan_to_num(interest) > 0).any():
        return math.nan
    return float(strikes[np.nanargmax(interest)])
