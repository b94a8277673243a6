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
    BAND_CHANGES,
    BAND_SELL,
    BAND_TRADES,
    BAND_VISIBLE_NS,
    BAND_VOLUME,
    CROSSINGS,
    FIELDS,
    NEAR_NS,
    VALID_NS,
    VISIBLE_NS,
)
from .touch_machine import step_level, take_mid, take_price

STANDING: Final = np.dtype(
    [
        ("now_ns", "i8"),
        ("since_ns", "i8"),  # the flags hold since then
        ("is_valid", "i8"),
        ("bid", "i8"),
        ("ask", "i8"),
        ("lowest", "i8"),  # outermost visible prices
        ("highest", "i8"),
        ("last_price", "f8"),  # of the last trade, NaN before the first
        ("changes", "i8"),  # changes of the book counted so far
        ("has_tick", "i8"),  # trades can lie in the band
        ("tick", "i8"),  # tick(L)
        ("flags", "i8"),  # what the quote is to the level
        ("sign", "i8"),  # last sign of m - L, 0 before the first
        ("trade", "i8"),  # rows taken
        ("quote", "i8"),
        ("step", "i8"),
        ("penetration", "f8"),  # of the second under way, as in `LevelSums`
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
    changes : int64 array, shape (seconds + 1,)
        Changes of the book before each whole second.
    step_ns : int64 array, shape (k,), ns since epoch UTC
        When the level takes each value.
    values : float64 array, shape (k,), ticks
        NaN where it lapses.
    """

    trades: Trades
    quotes: BestQuotes
    changes: npt.NDArray[np.int64]
    step_ns: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]


def new_standing(start_ns: int, tick: int | None) -> npt.NDArray[Any]:
    """Return the state before the first row, STANDING array, shape (1,).

    ``tick`` is where trades count before the level is known, None for nowhere.
    """
    standing = np.zeros(1, STANDING)
    standing["now_ns"] = standing["since_ns"] = start_ns
    standing["last_price"] = np.nan
    standing["penetration"] = -1.0
    if tick is not None:
        standing["has_tick"], standing["tick"] = 1, tick
    return standing


@part
def shows_band(state: Any) -> Any:
    """Return whether the whole band is visible."""
    if not state.is_valid:
        return False
    return state.lowest <= state.tick - BAND_TICKS and state.tick + BAND_TICKS <= state.highest


@part
def hold(state: Any) -> None:
    """Add the time since the last change of the flags to the second under way."""
    span = state.now_ns - state.since_ns
    state.since_ns = state.now_ns
    for bit, field in enumerate((VALID_NS, ABOVE_NS, NEAR_NS, VISIBLE_NS, BAND_VISIBLE_NS)):
        if state.flags >> bit & 1:
            state.sums[field] += span


@part
def see_quote(state: Any, machine: Any) -> bool:
    """Take what the quote is to the level from now on; return whether a touch ended."""
    flags, has_ended = 0, False
    if state.is_valid and machine.has_value:
        mid = (state.bid + state.ask) / 2
        distance = mid - machine.level
        flags = 1 | (distance > 0) << 1 | (abs(distance) <= NEAR_TICKS) << 2
        flags |= (state.lowest <= state.tick <= state.highest) << 3 | shows_band(state) << 4
        if distance != 0:
            sign = 1 if distance > 0 else -1
            state.sums[CROSSINGS] += state.sign == -sign
            state.sign = sign
        has_ended = take_mid(state.now_ns, mid, machine)
    if flags != state.flags:
        hold(state)
        state.flags = flags
    return has_ended


@part
def see_step(value: float, state: Any, machine: Any) -> bool:
    """Let the level take a value, NaN for none; return whether a touch ended."""
    step_level(value, machine)
    state.has_tick = machine.has_value
    if machine.has_value:
        state.tick = np.int64(np.floor(value + 0.5))
    return see_quote(state, machine)


@part
def see_trade(trades: Any, state: Any, machine: Any) -> None:
    """Take the next trade."""
    i = state.trade
    state.trade += 1
    price, size, side = np.int64(trades.price[i]), trades.size[i], trades.side[i]
    offset = price - state.tick
    if state.has_tick and -BAND_TICKS <= offset <= BAND_TICKS:
        state.sums[BAND_VOLUME] += size
        state.sums[BAND_TRADES] += 1
        if side == BUY_AGGRESSOR:
            state.sums[BAND_BUY] += size
        elif side == SELL_AGGRESSOR:
            state.sums[BAND_SELL] += size
        if offset == 0:
            state.sums[AT_VOLUME] += size
    beyond = take_price(state.now_ns, float(price), state.last_price, machine)
    state.penetration = max(state.penetration, beyond)
    state.last_price = float(price)


@part
def count_changes(until: int, state: Any, machine: Any) -> None:
    """Count the changes of the book up to a number, all under the quote that stands."""
    if machine.has_value and shows_band(state):
        state.sums[BAND_CHANGES] += until - state.changes
    state.changes = until


@part
def take_quote(quotes: Any, state: Any, machine: Any) -> bool:
    """Take the next quote; return whether a touch ended."""
    i = state.quote
    state.quote += 1
    count_changes(quotes.changes[i] - quotes.is_change[i], state, machine)
    was_shown = shows_band(state)
    lowest, highest = np.int64(quotes.lowest[i]), np.int64(quotes.highest[i])
    state.is_valid = quotes.is_valid[i]
    state.bid, state.ask = quotes.bid[i], quotes.ask[i]
    # A side with fewer than ten levels hides nothing.
    state.lowest = lowest if lowest != NO_PRICE else -UNBOUNDED
    state.highest = highest if highest != NO_PRICE else UNBOUNDED
    if quotes.is_change[i]:
        if machine.has_value and was_shown and shows_band(state):
            state.sums[BAND_CHANGES] += 1
        state.changes += 1
    return see_quote(state, machine)
