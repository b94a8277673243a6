"""Quotes of one instrument: what makers want to show, and the records that get there."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from ...compiled import part
from ...elementary import exp_of, log_of
from ..layout import (
    ACTION_ADD,
    ACTION_CANCEL,
    ACTION_MODIFY,
    SIDE_ASK,
    SIDE_BID,
    SIDE_NONE,
)
from ..randomness import below, geometric, uniform
from .market import NO_QUOTE, OptionMarket
from .pricing import value_option, value_spread
from .record import publish_quote_extremes, write_quote

TICK_THRESHOLD: Final = 200  # nickels: up to 10 points the tick is 0.05, above it 0.25
_WIDE_TICK: Final = 5  # nickels
BID: Final[Any] = np.int64(0)
ASK: Final[Any] = np.int64(1)


@part
def tick_at_or_below(points: float, outright: bool) -> int:
    """Return the last price on the tick grid that is not above, nickels."""
    price = math.floor(points * 20.0 + 1e-9)
    if outright and price > TICK_THRESHOLD:
        price -= price % _WIDE_TICK
    return int(price)


@part
def tick_at_or_above(points: float, outright: bool) -> int:
    """Return the first price on the tick grid that is not below, nickels."""
    price = math.ceil(points * 20.0 - 1e-9)
    if outright and price > TICK_THRESHOLD:
        price += -price % _WIDE_TICK
    return int(price)


@part
def _next_price(price: int, side: int, outright: bool) -> int:
    if side == 1:
        return price + (_WIDE_TICK if outright and price >= TICK_THRESHOLD else 1)
    return price - (_WIDE_TICK if outright and price > TICK_THRESHOLD else 1)


@part
def refresh_fair(market: OptionMarket, i: int, t: int) -> float:
    """Return the instrument's value; it follows the future once a second."""
    item = market.instrument[i]
    second = (t - market.state[0]["start"]) // 1_000_000_000
    if item["fair_second"] != second:
        now = market.second[second]
        if item["legs"] > 0:
            item["fair"] = value_spread(market.instrument, market.leg, i, now, t)[0]
        else:
            item["fair"], item["delta"], _ = value_option(item, now, t)
        item["fair_second"] = second
    return float(item["fair"])


@part
def future_of(market: OptionMarket, i: int, t: int) -> float:
    """Return the price of an outright's future, points; 0 quarters away for a spread."""
    item = market.instrument[i]
    now = market.second[(t - market.state[0]["start"]) // 1_000_000_000]
    return float(now["front"] + item["quarter"] * now["carry"])


@part
def left_behind(market: OptionMarket, i: int, t: int) -> float:
    """Return how far the future has moved an outright's value, in halves of its spread.

    In its delta now, so that one which the future has come near counts as what it has become.
    """
    item = market.instrument[i]
    if item["ask"] == NO_QUOTE:
        return math.inf
    refresh_fair(market, i, t)
    bid = 0 if item["bid"] == NO_QUOTE else item["bid"]
    half = 0.5 * (item["ask"] - bid) / 20.0
    return float(abs(item["delta"] * (future_of(market, i, t) - item["quoted_at"])) / half)


@part
def is_left_behind(market: OptionMarket, i: int, t: int) -> bool:
    """Return whether the future has moved an outright's value by half its spread or more."""
    return left_behind(market, i, t) > 1.0


@part
def half_spread(market: OptionMarket, i: int, t: int) -> float:
    """Return how far from the value makers quote, points, with a part of chance."""
    item = market.instrument[i]
    second = (t - market.state[0]["start"]) // 1_000_000_000
    widen = market.second[second]["widen"]
    premium = abs(item["fair"])
    base = 0.03 + 0.007 * exp_of(0.85 * log_of(premium))
    if item["legs"] > 0:
        base += 0.05
    return float(widen * base * (0.75 + 0.5 * uniform(market.random)))


@part
def _draw_size(market: OptionMarket, i: int) -> int:
    mean = 8.0 + 60.0 / (1.0 + 0.25 * abs(market.instrument[i]["fair"]))
    return 1 + geometric(market.random, 1.0 / mean)


@part
def set_side(market: OptionMarket, i: int, side: int, price: int) -> None:
    """Put fresh orders at a price, or none."""
    item = market.instrument[i]
    size = 0
    count = 0
    if price != NO_QUOTE:
        size = _draw_size(market, i)
        count = min(size, 1 + geometric(market.random, 0.45))
    if side == 0:
        item["bid"] = price
        item["bid_size"] = size
        item["bid_count"] = count
    else:
        item["ask"] = price
        item["ask_size"] = size
        item["ask_count"] = count


@part
def wanted_quotes(market: OptionMarket, i: int, t: int) -> tuple[int, int]:
    """Return the bid and ask that makers want to show, around the value."""
    fair = refresh_fair(market, i, t)
    half = half_spread(market, i, t)
    outright = market.instrument[i]["legs"] == 0
    bid = tick_at_or_below(fair - half, outright)
    ask = tick_at_or_above(fair + half, outright)
    if outright:
        ask = max(1, ask)
        if bid < 1:
            bid = NO_QUOTE
    return bid, ask


@part
def _move_side(market: OptionMarket, i: int, side: int, price: int) -> None:
    item = market.instrument[i]
    old = item["bid"] if side == 0 else item["ask"]
    old_size = item["bid_size"] if side == 0 else item["ask_size"]
    set_side(market, i, side, price)
    size = item["bid_size"] if side == 0 else item["ask_size"]
    letter = SIDE_BID if side == 0 else SIDE_ASK
    better = old == NO_QUOTE or (price > old if side == 0 else price < old)
    if price == NO_QUOTE or (not better and uniform(market.random) < 0.5):
        # The last order at the better price left; the row names that order.
        write_quote(market, i, ACTION_CANCEL, letter, old, old_size)
    elif old == NO_QUOTE or (better and uniform(market.random) < 0.5):
        write_quote(market, i, ACTION_ADD, letter, price, size)
    else:
        write_quote(market, i, ACTION_MODIFY, letter, price, size)


@part
def _move_both(market: OptionMarket, i: int, bid: int, ask: int) -> None:
    item = market.instrument[i]
    empty = item["bid"] == NO_QUOTE and item["ask"] == NO_QUOTE
    if empty or (bid != NO_QUOTE and uniform(market.random) < 0.5):
        # A maker's mass quote is one event; the row names its last order.
        set_side(market, i, BID, bid)
        set_side(market, i, ASK, ask)
        action = ACTION_ADD if empty else ACTION_MODIFY
        side = SIDE_ASK if empty and bid == NO_QUOTE else SIDE_NONE
        write_quote(market, i, action, side, ask, item["ask_size"])
    elif bid != NO_QUOTE and bid >= item["ask"]:
        _move_side(market, i, ASK, ask)
        _move_side(market, i, BID, bid)
    else:
        _move_side(market, i, BID, bid)
        _move_side(market, i, ASK, ask)


@part
def _resize(market: OptionMarket, i: int) -> None:
    item = market.instrument[i]
    side: Any = ASK if item["bid"] == NO_QUOTE else np.int64(below(market.random, 2))
    size = item["bid_size"] if side == 0 else item["ask_size"]
    count = item["bid_count"] if side == 0 else item["ask_count"]
    price = item["bid"] if side == 0 else item["ask"]
    u = uniform(market.random)
    one = max(1, size // count)
    if u < 0.4:
        action = ACTION_ADD
        one = _draw_size(market, i)
        size += one
        count += 1
    elif u < 0.8 and count > 1:
        action = ACTION_CANCEL
        size -= one
        count -= 1
    else:
        action = ACTION_MODIFY
        size -= one
        one = _draw_size(market, i) + (1 if count > size + 1 else 0)
        size += one
    set_size(market, i, side, size, max(1, min(count, size)))
    write_quote(market, i, action, SIDE_BID if side == 0 else SIDE_ASK, price, one)


@part
def set_size(market: OptionMarket, i: int, side: int, size: int, count: int) -> None:
    """Change what is shown at the price of a side."""
    item = market.instrument[i]
    if side == 0:
        item["bid_size"] = size
        item["bid_count"] = count
    else:
        item["ask_size"] = size
        item["ask_count"] = count


@part
def deplete(market: OptionMarket, i: int, side: int) -> None:
    """Take all orders at a price out of the book: the next price shows."""
    item = market.instrument[i]
    price = _next_price(item["bid"] if side == 0 else item["ask"], side, item["legs"] == 0)
    if item["legs"] == 0 and price < 1:
        price = NO_QUOTE
    set_side(market, i, side, price)


@part
def update_quotes(market: OptionMarket, i: int, t: int, resizes: bool) -> None:
    """Follow the value, or else, where `resizes`, let an order come, leave or change."""
    item = market.instrument[i]
    behind = item["legs"] == 0 and is_left_behind(market, i, t)
    bid, ask = wanted_quotes(market, i, t)
    item["quoted_at"] = future_of(market, i, t)
    nickels = item["fair"] * 20.0
    wrong = behind or item["ask"] == NO_QUOTE or item["ask"] < nickels - 1e-6
    wrong = wrong or (item["bid"] != NO_QUOTE and item["bid"] > nickels + 1e-6)
    if not wrong and uniform(market.random) < 0.35:
        bid = item["bid"]
        ask = item["ask"]
    if bid != item["bid"] and ask != item["ask"]:
        _move_both(market, i, bid, ask)
    elif bid != item["bid"]:
        _move_side(market, i, BID, bid)
    elif ask != item["ask"]:
        _move_side(market, i, ASK, ask)
    elif resizes:
        _resize(market, i)
    publish_quote_extremes(market, i)
