"""Executions: an aggressor takes resting orders, some of them larger than they show."""

from __future__ import annotations

from typing import Final

from ..compiled import part
from .book import add_order, outward, remove_order, resize_order
from .layout import ACTION_CANCEL, ACTION_MODIFY, ACTION_TRADE, SIDE_NONE, TOP
from .market import ICEBERG, TAKE, Decision, Market
from .randomness import State, below, uniform
from .record import repeat_row, side_code, stamp_packet, write_change, write_row

_ICEBERGS: Final = 0.03  # of the trades that leave the price in the book


@part
def draw_trade(state: State) -> int:
    """Draw an aggressor's size: mean 3.6, 59 % one-lots (ESH4: 3.6, 59 %)."""
    u = uniform(state)
    if u < 0.59:
        return 1
    if u < 0.75:
        return 2
    if u < 0.89:
        return 3 + below(state, 3)
    if u < 0.96:
        return 6 + below(state, 6)
    if u < 0.984:
        return 12 + below(state, 14)
    return 26 + below(state, 24)


@part
def take(market: Market, i: int, t: int, side: int, size: int, rests: int) -> None:
    """Let an aggressor take up to `size` contracts from `side`, best price first.

    One T record for each price, with the book before the event, then one record of the
    event's last resting order. `rests` contracts stay on the aggressor's side at the last
    price taken, if that price is taken whole. The side keeps its last price.
    """
    before = market.state[0]["row"]
    stamp_packet(market, t)
    left = size
    price = market.edge[i, side]["best"]
    index = 0
    out = outward(side)
    last = price
    while left > 0 and index < market.edge[i, side]["levels"] - 1:
        at = market.level[i, side, price]["contracts"]
        if at > 0:
            taken = min(left, at)
            if index == 0:
                write_row(market, i, t, ACTION_TRADE, side_code(1 - side), price, taken, TOP)
            else:
                repeat_row(market, i, price, taken, min(9, index))
            left -= taken
            last = price
            index += 1
        price += out
    if market.state[0]["row"] > before:
        _settle(market, i, t, side, size - left, last, rests)


@part
def _settle(market: Market, i: int, t: int, side: int, size: int, last: int, rests: int) -> None:
    left = size
    action = ACTION_CANCEL
    shown = 0
    while left > 0:
        price = market.edge[i, side]["best"]
        order = market.level[i, side, price]["first"]
        at = market.order[order]["size"]
        if at <= left:
            left -= at
            shown = at
            action = ACTION_CANCEL
            remove_order(market, i, side, price, order)
        else:
            resize_order(market, i, side, price, order, at - left)
            shown = at - left
            action = ACTION_MODIFY
            left = 0
    if rests > 0 and market.level[i, side, last]["orders"] == 0:
        add_order(market, i, 1 - side, last, rests)
        write_row(market, i, t, action, SIDE_NONE, last, shown, TOP)
    else:
        write_change(market, i, t, action, side, last, shown)


@part
def iceberg(market: Market, i: int, t: int, side: int, size: int, shown: int) -> None:
    """Let an aggressor take `size` contracts at the best price, where an iceberg stands.

    The iceberg fills itself up inside the match: `shown` of its contracts stand last in the
    queue afterwards, and the closing record is the modification that shows them. The
    aggressor may have taken more than was displayed.
    """
    price = market.edge[i, side]["best"]
    stamp_packet(market, t)
    write_row(market, i, t, ACTION_TRADE, side_code(1 - side), price, size, TOP)
    # In first, so that the price stays in the book.
    visible = min(size, market.level[i, side, price]["contracts"])
    add_order(market, i, side, price, shown)
    left = visible
    while left > 0:
        order = market.level[i, side, price]["first"]
        at = market.order[order]["size"]
        if at > left:
            resize_order(market, i, side, price, order, at - left)
            break
        left -= at
        remove_order(market, i, side, price, order)
    write_change(market, i, t, ACTION_MODIFY, side, price, shown)


@part
def take_best(market: Market, i: int, side: int, size: int) -> Decision:
    """Decide to take at most what the best price of `side` holds."""
    best = market.edge[i, side]["best"]
    at = market.level[i, side, best]["contracts"]
    return Decision(TAKE, side, best, min(size, at), 0)


@part
def take_some(market: Market, i: int, side: int, size: int) -> Decision:
    """Decide to take a part of the best price of `side`, or to meet an iceberg there."""
    best = market.edge[i, side]["best"]
    at = market.level[i, side, best]["contracts"]
    if at < 2 or uniform(market.random) < _ICEBERGS:
        return Decision(ICEBERG, side, best, size, 1 + below(market.random, 8))
    return Decision(TAKE, side, best, min(size, max(1, at - 1)), 0)
