"""What a level's tables are merged with: the market and the level as they stand, compiled."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ...compiled import part
from ..book.best_quotes import BestQuotes
from ..book.displayed_slots import UNBOUNDED
from ..book.record_chunk import BUY_AGGRESSOR, NO_PRICE, SELL_AGGRESSOR
from ..book.trades import Trades
from ..definitions import BAND_TICKS, NEAR_TICKS
from .level_sums import (
    ABOVE_NS,
    AT_VOLUME,
    BAND_BUY,
    BAND_DISPLAYED,
    BAND_SELL,
    BAND_TRADES,
    BAND_VOLUME,
    CROSSINGS,
    DISPLAYED,
    DISPLAYED_NS,
    EQUAL_NS,
    FIELDS,
    FORMING_TOUCHES,
    NEAR_NS,
    VALID_NS,
)
from .touch_machine import step_level, take_mid, take_price

STANDING: Final = np.dtype(
    [
        ("now_ns", "i8"),
        ("held_ns", "i8"),  # the flags hold since then
        ("is_valid", "i8"),
        ("bid", "i8"),
        ("ask", "i8"),
        ("lowest", "i8"),  # outermost displayed prices
        ("highest", "i8"),
        ("last_price", "f8"),  # of the last trade, NaN before the first
        ("level", "f8"),  # ticks, NaN while it has no value
        ("has_level", "i8"),
        ("tick", "i8"),  # tick(L)
        ("is_watched", "i8"),  # the machine has begun
        ("flags", "i8"),  # what the quote is to the level
        ("sign", "i8"),  # last sign of m - L, 0 before the first
        ("trade", "i8"),  # rows taken
        ("quote", "i8"),
        ("step", "i8"),
        ("since_ns", "i8", (2,)),  # as in `LevelSums`
        ("sums", "i8", (FIELDS,)),
    ]
)


class LevelEvents(NamedTuple):
    """The rows that a level is merged with.

    Attributes
    ----------
    trades : Trades
        Only those that count.
    quotes : BestQuotes
    step_ns : int64 array, shape (k,), ns since epoch UTC
        When the level takes each value.
    values : float64 array, shape (k,), ticks
        NaN where it lapses.
    """

    trades: Trades
    quotes: BestQuotes
    step_ns: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]


class Watches(NamedTuple):
    """When the touch machines of a level run, ns since epoch UTC.

    Attributes
    ----------
    start_ns : int
        The features' machine begins.
    forming_ns, formed_ns : int
        The window that forms the level; equal where there is none.
    """

    start_ns: int
    forming_ns: int
    formed_ns: int


def new_standing(start_ns: int) -> npt.NDArray[Any]:
    """Return the state before the first row, STANDING array, shape (1,)."""
    standing = np.zeros(1, STANDING)
    standing["now_ns"] = standing["held_ns"] = start_ns
    standing["last_price"] = standing["level"] = np.nan
    standing["since_ns"] = -1
    return standing


@part
def hold(state: Any) -> None:
    """Add the time since the last change of the flags to the second under way."""
    span = state.now_ns - state.held_ns
    state.held_ns = state.now_ns
    for bit, field in enumerate((VALID_NS, ABOVE_NS, EQUAL_NS, NEAR_NS, DISPLAYED_NS)):
        if state.flags >> bit & 1:
            state.sums[field] += span


@part
def display(which: int, is_displayed: bool, has_moved: bool, state: Any) -> None:
    """Take whether tick(L), or its band, is displayed from now on."""
    if not is_displayed:
        state.since_ns[which] = -1
    elif has_moved or state.since_ns[which] < 0:
        state.since_ns[which] = state.now_ns
        if which == DISPLAYED:
            state.sums[AT_VOLUME] = 0


@part
def see_quote(has_moved: bool, state: Any, machine: Any, forming: Any) -> None:
    """Take what the quote is to the level from now on; ``has_moved``: tick(L) has."""
    flags, is_displayed, has_band = 0, False, False
    if state.is_valid and state.has_level:
        mid = (state.bid + state.ask) / 2
        distance = mid - state.level
        is_displayed = state.lowest <= state.tick <= state.highest
        has_band = state.lowest <= state.tick - BAND_TICKS
        has_band = has_band and state.tick + BAND_TICKS <= state.highest
        flags = 1 | (distance > 0) << 1 | (distance == 0) << 2
        flags |= (abs(distance) <= NEAR_TICKS) << 3 | is_displayed << 4
        if distance != 0:
            sign = 1 if distance > 0 else -1
            state.sums[CROSSINGS] += state.sign == -sign
            state.sign = sign
        if machine.has_value:
            take_mid(state.now_ns, mid, machine)
        if forming.has_value:
            take_mid(state.now_ns, mid, forming)
    display(DISPLAYED, is_displayed, has_moved, state)
    display(BAND_DISPLAYED, has_band, has_moved, state)
    if flags != state.flags:
        hold(state)
        state.flags = flags


@part
def see_step(value: float, state: Any, machine: Any, forming: Any) -> None:
    """Let the level take a value, NaN for none."""
    before, had_level = state.tick, state.has_level
    state.level = value
    state.has_level = not np.isnan(value)
    if state.has_level:
        state.tick = np.int64(np.rint(value))
    if state.is_watched:
        step_level(value, machine)
    see_quote(state.has_level != had_level or state.tick != before, state, machine, forming)


@part
def see_trade(trades: Any, state: Any, machine: Any, forming: Any) -> None:
    """Take the next trade."""
    i = state.trade
    state.trade += 1
    price, size, side = np.int64(trades.price[i]), trades.size[i], trades.side[i]
    offset = price - state.tick
    if state.has_level and -BAND_TICKS <= offset <= BAND_TICKS:
        state.sums[BAND_VOLUME] += size
        state.sums[BAND_TRADES] += 1
        if side == BUY_AGGRESSOR:
            state.sums[BAND_BUY] += size
        elif side == SELL_AGGRESSOR:
            state.sums[BAND_SELL] += size
        if offset == 0:
            state.sums[AT_VOLUME] += size
    take_price(state.now_ns, float(price), state.last_price, machine)
    before = forming.touches
    take_price(state.now_ns, float(price), state.last_price, forming)
    state.sums[FORMING_TOUCHES] += forming.touches - before
    state.last_price = float(price)


@part
def take_quote(quotes: Any, state: Any, machine: Any, forming: Any) -> None:
    """Take the next quote."""
    i = state.quote
    state.quote += 1
    lowest, highest = np.int64(quotes.lowest[i]), np.int64(quotes.highest[i])
    state.is_valid = quotes.is_valid[i]
    state.bid, state.ask = quotes.bid[i], quotes.ask[i]
    # A side with fewer than ten levels hides nothing.
    state.lowest = lowest if lowest != NO_PRICE else -UNBOUNDED
    state.highest = highest if highest != NO_PRICE else UNBOUNDED
    see_quote(False, state, machine, forming)
