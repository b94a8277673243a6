"""The elementary events of a book: orders arrive, leave, change."""

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
    LEVELS,
)
from .market import Market
from .randomness import State, below, geometric, uniform
from .record import side_code, stamp_packet, write_change, write_row


@part
def draw_size(state: State) -> int:
    """Draw a resting order's size: mostly one contract (ESH4: 77 %), seldom fifty or more."""
    u = uniform(state)
    if u < 0.75:
        return 1
    if u < 0.86:
        return 2
    if u < 0.955:
        return 3 + below(state, 3)
    if u < 0.982:
        return 5 * (1 + below(state, 2)) + below(state, 2)
    if u < 0.996:
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
def place(market: Market, i: int, t: int, side: int, price: int, contracts: int) -> None:
    """Add resting orders of `contracts` in all; on record if the price is among the ten shown.

    What arrives in one matching event is one record, which names the last order.
    """
    left = contracts
    size = 0
    while left > 0:
        size = min(left, draw_size(market.random))
        add_order(market, i, side, price, size)
        left -= size
    if better_levels(market, i, side, price) < LEVELS:
        stamp_packet(market, t)
        write_change(market, i, t, ACTION_ADD, side, price, size)


@part
def _may_leave(market: Market, i: int, side: int, price: int) -> bool:
    # A thin book keeps its side's last order, a deep one its best price: moves are decided.
    edge = market.edge[i, side]
    last = edge["levels"] < 2 or (market.instrument[i]["deep"] == 1 and price == edge["best"])
    return bool(market.level[i, side, price]["orders"] > (1 if last else 0))


@part
def cancel(market: Market, i: int, t: int, side: int, price: int, contracts: int) -> None:
    """Cancel orders at a price, one at least, up to `contracts`; one record, of the last one."""
    left = max(1, contracts)
    size = 0
    while left > 0 and _may_leave(market, i, side, price):
        order = pick_order(market, market.random, i, side, price)
        size = market.order[order]["size"]
        remove_order(market, i, side, price, order)
        left -= size
    if size > 0 and better_levels(market, i, side, price) < LEVELS:
        stamp_packet(market, t)
        write_change(market, i, t, ACTION_CANCEL, side, price, size)


@part
def thin(market: Market, i: int, t: int, side: int, prices: int, left: int) -> None:
    """Cancel the youngest orders at the best prices, down to `left` contracts at each.

    One record, of the last order: a maker's mass cancellation. Where the oldest order has
    more than `left` it is made smaller. With nothing left the best price is gone.
    """
    size = 0
    at = 0
    action = ACTION_CANCEL
    price = market.edge[i, side]["best"]
    out = outward(side)
    keep = 1 if left > 0 else 0
    for _ in range(prices):
        level = market.level[i, side, price]
        first = level["first"]
        if keep == 1 and level["orders"] > 0 and market.order[first]["size"] > left:
            resize_order(market, i, side, price, first, left)
            size = left
            at = price
            action = ACTION_MODIFY
        while level["contracts"] > left and level["orders"] > keep:
            order = level["last"]
            size = market.order[order]["size"]
            at = price
            action = ACTION_CANCEL
            remove_order(market, i, side, price, order)
        price += out
    if size > 0:
        stamp_packet(market, t)
        write_change(market, i, t, action, side, at, size)


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
