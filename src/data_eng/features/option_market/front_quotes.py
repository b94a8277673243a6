"""What the quotes of the front expiry cost: the straddle, and the spread."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ...options.chain import NO_OPTION
from ..feature import AS_OF, EVEN, Feature, FeatureList
from .moment import Moment

FEATURES: Final = FeatureList()

SPREAD_STRIKES: Final = 10
MIN_SPREAD_QUOTES: Final = 5


@FEATURES.add(
    Feature(
        "atm_straddle_implied_move_bps_front",
        doc="Straddle of the front expiry: 1e4 (C+P at the strike nearest F)/F.",
        unit="bps",
        window=AS_OF,
        null_rule="Null if either quote invalid.",
        mirror=EVEN,
        source="industry (implied / expected move)",
        minimum=0,
    )
)
def atm_straddle_implied_move_bps_front(moment: Moment) -> float:
    """Return the straddle nearest the forward over the forward, basis points."""
    front = moment.priced_front
    if front is None:
        return math.nan
    nearest = int(np.argmin(np.abs(front.expiry.strikes - front.forward)))
    return 1e4 * float(front.call[nearest] + front.put[nearest]) / front.forward


@FEATURES.add(
    Feature(
        "option_relative_quoted_spread_front",
        doc=(
            "Relative quoted spread of the front expiry: median of (ask-bid)/mid over the 10 OTM "
            "strikes nearest F."
        ),
        unit="ratio",
        window=AS_OF,
        null_rule="Null if <5 valid quotes.",
        mirror=EVEN,
        source="Vijh 1990",
        minimum=0,
    )
)
def option_relative_quoted_spread_front(moment: Moment) -> float:
    """Return the median of spread over mid of the strikes nearest the forward."""
    front = moment.priced_front
    if front is None:
        return math.nan
    expiry = front.expiry
    side = np.where(front.is_call_side, expiry.calls, expiry.puts)
    nearest = np.argsort(np.abs(expiry.strikes - front.forward), kind="stable")[:SPREAD_STRIKES]
    slots = side[nearest]
    slots = slots[slots != NO_OPTION]
    relative = moment.spread[slots] / moment.mid[slots]
    relative = relative[~np.isnan(relative)]
    return float(np.median(relative)) if len(relative) >= MIN_SPREAD_QUOTES else math.nan
