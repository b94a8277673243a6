"""What the quotes of the front expiry cost: their spread."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ...options.chain import NO_OPTION
from ...options.quotes import CROSSED, NO_QUOTE
from ..feature import AS_OF, EVEN, Feature, FeatureList
from .moment import Moment

FEATURES: Final = FeatureList()

SPREAD_STRIKES: Final = 10
MIN_SPREAD_QUOTES: Final = 5


@FEATURES.add(
    Feature(
        "option_relative_quoted_spread_front",
        doc=(
            "Relative quoted spread of the front expiry: median of (ask - bid)/mid over all quotes "
            "of the 10 OTM strikes nearest F with bid > 0, ask > bid and both sizes > 0, however "
            "wide or old."
        ),
        unit="ratio",
        window=AS_OF,
        null_rule="Null if fewer than 5, or without a forward.",
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
    quotes = moment.quotes[slots]
    two_sided = quotes[(quotes["rule"] != NO_QUOTE) & (quotes["rule"] != CROSSED)]
    bid, ask = two_sided["bid"], two_sided["ask"]
    if len(bid) < MIN_SPREAD_QUOTES:
        return math.nan
    return float(np.median((ask - bid) / ((bid + ask) / 2)))
