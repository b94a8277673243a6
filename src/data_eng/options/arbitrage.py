"""Quotes that contradict each other across strikes: counted, never removed."""

from __future__ import annotations

import math
from typing import Any, Final

from ..compiled import kernel, part
from .chain import NO_OPTION

ROUNDING: Final = 1e-9


@kernel
def count_violations(quotes: Any, strikes: Any, expiries: Any, counts: Any) -> None:
    """Add the violations among the usable quotes of a moment to the counts of a day.

    Of the calls, and of the puts, of an expiry, over neighbouring strikes with usable quotes:

    - vertical: the dearer side of a spread is offered below the bid of the cheaper one, or the
      spread is bid above the discounted distance of its strikes;
    - butterfly: the middle strike is bid above what the weighted wings are offered at.

    All at prices that could be traded (bought at the ask, sold at the bid).

    Parameters
    ----------
    quotes : QUOTE array, shape (slots,)
    strikes, expiries : STRIKE and EXPIRY arrays
        Priced.
    counts : int64 array, shape (4,)
        Verticals looked at, verticals violated, butterflies looked at, butterflies violated.
    """
    for e in range(expiries.shape[0]):
        expiry = expiries[e]
        if expiry["years"] > 0.0:
            mine = strikes[expiry["first"] : expiry["end"]]
            _count_side(quotes, mine, True, expiry["growth"], counts)
            _count_side(quotes, mine, False, expiry["growth"], counts)


@part
def _count_side(quotes: Any, strikes: Any, is_call: bool, growth: float, counts: Any) -> None:
    before, last = -1, -1
    for j in range(strikes.shape[0]):
        slot = strikes[j]["call"] if is_call else strikes[j]["put"]
        if slot == NO_OPTION or math.isnan(quotes[slot]["mid"]):
            continue
        if last >= 0:
            counts[0] += 1
            counts[1] += _violates_vertical(quotes, strikes[last], strikes[j], is_call, growth)
        if before >= 0:
            counts[2] += 1
            counts[3] += _violates_butterfly(
                quotes, strikes[before], strikes[last], strikes[j], is_call
            )
        before, last = last, j


@part
def _quote(quotes: Any, row: Any, is_call: bool) -> Any:
    return quotes[row["call"] if is_call else row["put"]]


@part
def _violates_vertical(quotes: Any, low: Any, high: Any, is_call: bool, growth: float) -> int:
    a, b = _quote(quotes, low, is_call), _quote(quotes, high, is_call)
    dear, cheap = (a, b) if is_call else (b, a)
    width = (high["strike"] - low["strike"]) / growth
    is_negative = cheap["bid"] - dear["ask"] > ROUNDING
    return 1 if is_negative or dear["bid"] - cheap["ask"] > width + ROUNDING else 0


@part
def _violates_butterfly(quotes: Any, low: Any, middle: Any, high: Any, is_call: bool) -> int:
    weight = (high["strike"] - middle["strike"]) / (high["strike"] - low["strike"])
    wings = weight * _quote(quotes, low, is_call)["ask"]
    wings += (1.0 - weight) * _quote(quotes, high, is_call)["ask"]
    return 1 if _quote(quotes, middle, is_call)["bid"] - wings > ROUNDING else 0
