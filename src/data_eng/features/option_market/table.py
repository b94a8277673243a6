"""The MARKET table of the options: its features in order."""

from __future__ import annotations

from typing import Final

from ..feature import Feature
from . import activity, front_quotes, gamma, implied_volatility, strikes, trade_imbalance

FEATURES: Final[tuple[Feature, ...]] = (
    *activity.FEATURES,
    *implied_volatility.FEATURES,
    *front_quotes.FEATURES,
    *trade_imbalance.FEATURES,
    *gamma.FEATURES,
    *strikes.FEATURES,
)
"""Every feature, in the order of the table."""

AT_A_MOMENT: Final = tuple(found for found in FEATURES if "moment" in found.inputs)
"""Those that quotes and open interest give at a moment; the others are of windows."""

DOC: Final = (
    "MARKET features of the outright options on the front-month futures contract on a grid "
    "of one second, recomputed every 5 seconds. Notation: K strike, F the forward of an "
    "expiry, T time left in years of 365 days, d and v sign (+1 buy aggressor, -1 sell, 0 none) "
    "and size of a trade, p its price, OI open interest as last published. Volatilities are "
    "Black-76 (1976) on out-of-the-money mids times exp(r T). A quote is usable if it is the last "
    "of an option that is listed and expires later, with bid > 0, ask > bid, both sizes > 0, a "
    "spread of at most 1 point or a quarter of the mid, an age of at most 60 s where the feed is "
    "tbbo (the others print each change), and if the forward has not left it: |delta| x |F now - F "
    "at the first step after its receipt| <= max(ask - bid, 0.10 points). F is the median of K + "
    "exp(r T)(C - P) over the 5 strikes nearest the money with usable call and put, at least 3; a "
    "pair whose interval by bids and asks misses it by more than its own width drops its older "
    "quote, and the median is taken once more. Quotes are unknown, and what is made of them null, "
    "60 s (bbo-1m: 180 s) after the last quote of any option of the root until the next, and "
    "outside what the files cover. American options are treated as European: their early exercise "
    "value is below the quoted spread. User-defined spreads are not in any volume."
)
"""What the table is, and the notation of its features."""
