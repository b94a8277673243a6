"""The elementary events of a book: an order arrives, leaves, changes or takes the quote."""

from __future__ import annotations

from ..compiled import part
from .book import (
    add_order,
    better_levels,
    outward,
    remove_order,
    resize_order,
)
from .layout import (
    ACTION_ADD,
    ACTION_CANCEL,
    ACTION_MODIFY,
    ACTION_TRADE,
    LEVELS,
    SIDE_NONE,
    TOP,
)
from .market import CANCEL, MOVE, PLACE, RESIZE, TAKE, Decision, Market
from .randomness import State, below, geometric, uniform
from .record import repeat_row, side_code, stamp_packet, write_change, write_row


@part
def draw_size(state: State) -> int:
    """Draw an order's size: mostly one or two contracts, seldom fifty or more."""
    u = uniform(state)
    if u < 0.66:
        return 1
    if u < 0.80:
        return 2
    if u < 0.93:
        return 3 + below(state, 3)
    if u < 0.985:
        return 5 * (1 + below(state, 2)) + below(state, 2)
    if u < 0.9965:
        return 10 + below(state, 20)
    return 50 + 10 * below(state, 6)


@part
def pick_order(market: Market, state: State, i: int, side: int, price: int) -> int:
    """Choose an order at a price: late arrivals leave more often than the queue's front."""
    count = market.level[i, side, price]["orders"]
    steps = geometric(state, 0.25) if uniform(state) < 0.75 else below(state, count)
    order = market.level[i, side, price]["last"]
    for _ in range(min(steps, count - 1)):
        order = market.order[order]["before"]
    return int(order)


@part
def place(market: Market, i: int, t: int, side: int, price: int, size: int) -> None:
    """Add a resting order; it is on record if its price is among the ten shown."""
    add_order(market, i, side, price, size)
    if better_levels(market, i, side, price) < LEVELS:
        stamp_packet(market, t)
        write_change(market, i, t, ACTION_ADD, side, price, size)


@part
def cancel(market: Market, i: int, t: int, side: int, price: int) -> None:
    """Cancel an order at a price, unless it is the side's last."""
    if market.edge[i, side]["levels"] < 2 and market.level[i, side, price]["orders"] < 2:
        return
    order = pick_order(market, market.random, i, side, price)
    size = market.order[order]["size"]
    remove_order(market, i, side, price, order)
    if better_levels(market, i, side, price) < LEVELS:
        stamp_packet(market, t)
        write_change(market, i, t, ACTION_CANCEL, side, price, size)


@part
def resize(market: Market, i: int, t: int, side: int, price: int) -> None:
    """Change an order's size by a modification."""
    state = market.random
    order = pick_order(market, state, i, side, price)
    old = market.order[order]["size"]
    smaller = old > 1 and uniform(state) < 0.6
    size = 1 + below(state, old - 1) if smaller else old + draw_size(state)
    resize_order(market, i, side, price, order, size)
    if better_levels(market, i, side, price) < LEVELS:
        stamp_packet(market, t)
        write_change(market, i, t, ACTION_MODIFY, side, price, size)


@part
def move(market: Market, i: int, t: int, side: int, price: int, new_price: int) -> None:
    """Change an order's price; the record shows the new one, shown or not."""
    if price == new_price:
        return
    order = pick_order(market, market.random, i, side, price)
    size = market.order[order]["size"]
    left_from = better_levels(market, i, side, price)
    # First in, then out: the side must not be empty in between.
    add_order(market, i, side, new_price, size)
    remove_order(market, i, side, price, order)
    depth = better_levels(market, i, side, new_price)
    if left_from < LEVELS or depth < LEVELS:
        stamp_packet(market, t)
        shown = depth if depth < LEVELS else left_from
        write_row(market, i, t, ACTION_MODIFY, side_code(side), new_price, size, shown)


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
def carry_out(market: Market, i: int, t: int, decision: Decision) -> None:
    """Let a decision happen and write its records."""
    side = decision.side
    price = decision.price
    if decision.kind == PLACE:
        place(market, i, t, side, price, decision.size)
    elif decision.kind == CANCEL:
        cancel(market, i, t, side, price)
    elif decision.kind == RESIZE:
        resize(market, i, t, side, price)
    elif decision.kind == MOVE:
        move(market, i, t, side, price, decision.other)
    else:
        take(market, i, t, side, decision.size, decision.other)


@part
def take_best(market: Market, i: int, side: int, size: int) -> Decision:
    """Decide to take at most what the best price of `side` holds."""
    best = market.edge[i, side]["best"]
    at = market.level[i, side, best]["contracts"]
    return Decision(TAKE, side, best, min(size, at), 0)
