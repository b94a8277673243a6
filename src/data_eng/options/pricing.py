"""Prices a chain at one moment: forwards by put-call parity, then the volatilities of the strikes.

Forward of an expiry: median of ``K + exp(r T) (C - P)`` over the 5 strikes nearest the money, where
call and put are nearest each other, with usable quotes of both; as many more as are just as near
as the fifth. A pair whose interval ``[K + exp(r T) (C_bid - P_ask), K + exp(r T) (C_ask - P_bid)]``
misses it by more than the interval's width drops its older quote (both where they came together),
and the median of the pairs left is taken. With fewer than 3 there is no forward.

A quote is left behind where the forward has moved, since the first step after its receipt that had
one, by more than the quote's spread (at least 0.10 points) in the quote's delta at its own
volatility now; a quote without a volatility counts with a delta of 1.

Volatility of a strike: of its out-of-the-money option where that is usable; else linear in strike
between the two nearest with one, and beyond the outermost that one's. A smile is a forward and at
least 3 strikes with one, on both sides of the forward.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..compiled import kernel, part
from ..elementary import exp_of
from .black76 import greeks_of, volatility_of
from .chain import NO_OPTION, NS_A_YEAR, Chain, Expiry
from .quotes import LEFT_BEHIND, OFF_PARITY, Quotes

F64 = npt.NDArray[np.float64]
Rows = npt.NDArray[np.void]

PARITY_STRIKES: Final = 5
"""Strikes nearest the money whose median gives the forward: one bad quote does not move it."""
MIN_PAIRS: Final = 3
MIN_MOVE_POINTS: Final = 0.10
"""The forward may always move a quote's value by this before the quote counts as left behind."""
SMILE_STRIKES: Final = 3


@dataclass(frozen=True)
class PricedChain:
    """A chain at one moment.

    Attributes
    ----------
    expiries : sequence of Expiry
    strike_rows : STRIKE array
    expiry_rows : EXPIRY array
        ``years`` is not positive where it has expired, ``forward`` NaN where there is none.
    """

    expiries: tuple[Expiry, ...]
    strike_rows: Rows
    expiry_rows: Rows

    @cached_property
    def expiry_of_strike(self) -> npt.NDArray[np.int64]:
        """Number of the expiry of each strike, shape (strikes,)."""
        counts = self.expiry_rows["end"] - self.expiry_rows["first"]
        return np.repeat(np.arange(len(self.expiries)), counts)


def price_chain(chain: Chain, quotes: Quotes, at_ns: int, rate: float) -> PricedChain:
    """Return a chain's forwards and volatilities at a time.

    Parameters
    ----------
    chain : Chain
        Listed at the time.
    quotes : QUOTE array, shape (slots,)
        Judged at the time. ``rule`` and ``mid`` of those that contradict parity or were left
        behind are changed, and ``reference`` of those that see their first forward is set.
    at_ns : int, ns since epoch
    rate : float
        Continuously compounded, annualised.
    """
    strikes, expiries = chain.strike_rows.copy(), chain.expiry_rows.copy()
    _price(quotes, strikes, expiries, at_ns, rate)
    return PricedChain(chain.expiries, strikes, expiries)


def follow_forwards(chain: Chain, quotes: Quotes, at_ns: int, rate: float) -> None:
    """Set ``reference`` of the quotes that see their first forward, and nothing else that lasts.

    Arguments as `price_chain`.
    """
    _follow(quotes, chain.strike_rows, chain.expiry_rows, at_ns, rate)


@kernel
def _follow(quotes: Any, strikes: Any, expiries: Any, at_ns: int, rate: float) -> None:
    for e in range(expiries.shape[0]):
        expiry = expiries[e]
        mine = strikes[expiry["first"] : expiry["end"]]
        years = (expiry["expiration_ns"] - at_ns) / NS_A_YEAR
        if years > 0.0 and _is_awaited(quotes, mine):
            _set_references(quotes, mine, _forward(quotes, mine, exp_of(rate * years)))


@kernel
def _price(quotes: Any, strikes: Any, expiries: Any, at_ns: int, rate: float) -> None:
    for e in range(expiries.shape[0]):
        expiry = expiries[e]
        mine = strikes[expiry["first"] : expiry["end"]]
        years = (expiry["expiration_ns"] - at_ns) / NS_A_YEAR
        expiry["years"], expiry["forward"], expiry["has_smile"] = years, math.nan, False
        expiry["growth"] = 1.0
        if years > 0.0:
            expiry["growth"] = exp_of(rate * years)
            expiry["forward"] = _forward(quotes, mine, expiry["growth"])
        if not math.isnan(expiry["forward"]):
            _set_references(quotes, mine, expiry["forward"])
        _imply(quotes, mine, expiry)
        if not math.isnan(expiry["forward"]):
            expiry["has_smile"] = _fill(mine, expiry)


@part
def _is_awaited(quotes: Any, strikes: Any) -> bool:
    for j in range(strikes.shape[0]):
        for slot in (strikes[j]["call"], strikes[j]["put"]):
            if slot != NO_OPTION:
                row = quotes[slot]
                if math.isnan(row["reference"]) and not math.isnan(row["bid"]):
                    return True
    return False


@part
def _set_references(quotes: Any, strikes: Any, forward: float) -> None:
    for j in range(strikes.shape[0]):
        for slot in (strikes[j]["call"], strikes[j]["put"]):
            if slot != NO_OPTION and math.isnan(quotes[slot]["reference"]):
                quotes[slot]["reference"] = forward


@part
def _forward(quotes: Any, strikes: Any, growth: float) -> float:
    pairs = _nearest_pairs(quotes, strikes)
    if len(pairs) < MIN_PAIRS:
        return math.nan
    values = np.empty(len(pairs))
    for n in range(len(pairs)):
        row = strikes[pairs[n]]
        gap = quotes[row["call"]]["mid"] - quotes[row["put"]]["mid"]
        values[n] = row["strike"] + growth * gap
    forward = float(np.median(values))
    kept = 0
    for n in range(len(pairs)):
        if not _drop_older(quotes, strikes[pairs[n]], growth, forward):
            values[kept] = values[n]
            kept += 1
    if kept < MIN_PAIRS:
        return math.nan
    forward = float(np.median(values[:kept]))
    return forward if forward > 0.0 else math.nan


@part
def _nearest_pairs(quotes: Any, strikes: Any) -> Any:
    # Numbers of the strikes with usable calls and puts that are nearest each other.
    count = 0
    numbers = np.empty(strikes.shape[0], np.int64)
    gaps = np.empty(strikes.shape[0])
    for j in range(strikes.shape[0]):
        call, put = strikes[j]["call"], strikes[j]["put"]
        if min(call, put) != NO_OPTION:
            gap = abs(quotes[call]["mid"] - quotes[put]["mid"])
            if not math.isnan(gap):
                numbers[count], gaps[count] = j, gap
                count += 1
    if count <= PARITY_STRIKES:
        return numbers[:count]
    limit = _fifth_smallest(gaps[:count])
    return numbers[:count][gaps[:count] <= limit]


@part
def _fifth_smallest(values: Any) -> float:
    smallest = np.full(PARITY_STRIKES, math.inf)
    for value in values:
        if value < smallest[-1]:
            at = PARITY_STRIKES - 1
            while at > 0 and smallest[at - 1] > value:
                smallest[at] = smallest[at - 1]
                at -= 1
            smallest[at] = value
    return float(smallest[-1])


@part
def _drop_older(quotes: Any, row: Any, growth: float, forward: float) -> bool:
    # Whether the pair contradicts the forward; then its older quote is of no use.
    call, put = quotes[row["call"]], quotes[row["put"]]
    low = row["strike"] + growth * (call["bid"] - put["ask"])
    high = row["strike"] + growth * (call["ask"] - put["bid"])
    width = high - low
    if low - width <= forward <= high + width:
        return False
    if call["received"] <= put["received"]:
        call["rule"], call["mid"] = OFF_PARITY, math.nan
    if put["received"] <= call["received"]:
        put["rule"], put["mid"] = OFF_PARITY, math.nan
    return True


@part
def _imply(quotes: Any, strikes: Any, expiry: Any) -> None:
    # Premiums of the strikes, without those left behind, and the volatilities out of the money.
    forward = expiry["forward"]
    for j in range(strikes.shape[0]):
        row = strikes[j]
        is_call_side = row["strike"] >= forward
        call_sigma = _own(quotes, row["call"], row["strike"], True, expiry)
        put_sigma = _own(quotes, row["put"], row["strike"], False, expiry)
        row["call_mid"] = quotes[row["call"]]["mid"] if row["call"] != NO_OPTION else math.nan
        row["put_mid"] = quotes[row["put"]]["mid"] if row["put"] != NO_OPTION else math.nan
        row["sigma"] = call_sigma if is_call_side else put_sigma
        row["volatility"] = row["delta"] = row["gamma"] = row["vega"] = math.nan


@part
def _own(quotes: Any, slot: int, strike: float, is_call: bool, expiry: Any) -> float:
    # Volatility of a quote if it is out of the money, or asked for; its mid goes if left behind.
    forward = expiry["forward"]
    if slot == NO_OPTION or math.isnan(forward) or math.isnan(quotes[slot]["mid"]):
        return math.nan
    row = quotes[slot]
    move = abs(forward - row["reference"])
    allowed = max(row["ask"] - row["bid"], MIN_MOVE_POINTS)
    if is_call != (strike >= forward) and move <= allowed:
        return math.nan
    years, growth = expiry["years"], expiry["growth"]
    sigma = volatility_of(growth * row["mid"], forward, strike, years, is_call)
    if move > allowed:
        delta = 1.0
        if not math.isnan(sigma):
            delta = greeks_of(forward, strike, years, sigma)[0]
            delta = delta if is_call else 1.0 - delta
        if delta * move > allowed:
            row["rule"], row["mid"] = LEFT_BEHIND, math.nan
            return math.nan
    return sigma


@part
def _fill(strikes: Any, expiry: Any) -> bool:
    # Volatilities and Greeks of all strikes; whether there is a smile.
    forward = expiry["forward"]
    known, below, above = 0, False, False
    before = -1
    for j in range(strikes.shape[0]):
        if math.isnan(strikes[j]["sigma"]):
            continue
        known += 1
        below = below or strikes[j]["strike"] <= forward
        above = above or strikes[j]["strike"] >= forward
        _interpolate(strikes, before, j)
        before = j
    if known == 0:
        return False
    _interpolate(strikes, before, strikes.shape[0])
    for j in range(strikes.shape[0]):
        row = strikes[j]
        row["delta"], row["gamma"], row["vega"] = greeks_of(
            forward, row["strike"], expiry["years"], row["volatility"]
        )
    return known >= SMILE_STRIKES and below and above


@part
def _interpolate(strikes: Any, low: int, high: int) -> None:
    # Volatilities from a strike with one (-1: before the first) to the next (length: none left).
    if high < strikes.shape[0]:
        strikes[high]["volatility"] = strikes[high]["sigma"]
    for j in range(low + 1, high):
        if low < 0:
            strikes[j]["volatility"] = strikes[high]["sigma"]
        elif high == strikes.shape[0]:
            strikes[j]["volatility"] = strikes[low]["sigma"]
        else:
            a, b = strikes[low], strikes[high]
            weight = (strikes[j]["strike"] - a["strike"]) / (b["strike"] - a["strike"])
            strikes[j]["volatility"] = a["sigma"] + weight * (b["sigma"] - a["sigma"])
