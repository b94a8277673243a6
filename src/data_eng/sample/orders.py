"""The elementary events of a book: an order arrives, leaves, changes or takes the quote."""

from __future__ import annotations

from .book import (
    Book,
    add_order,
    better_levels,
    level_at,
    outward,
    remove_order,
    resize_order,
)
from .compiled import compiled
from .layout import (
    ACTION_ADD,
    ACTION_CANCEL,
    ACTION_MODIFY,
    ACTION_TRADE,
    LEVELS,
    SIDE_NONE,
)
from .market import ROW, Market
from .randomness import State, below, geometric, uniform
from .record import repeat_row, side_code, stamp_packet, write_change, write_row


@compiled
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


@compiled
def pick_order(book: Book, state: State, i: int, side: int, price: int) -> int:
    """Choose an order at a price: late arrivals leave more often than the queue's front."""
    count = book.count[i, side, price]
    steps = geometric(state, 0.25) if uniform(state) < 0.75 else below(state, count)
    order = book.tail[i, side, price]
    for _ in range(min(steps, count - 1)):
        order = book.before[order]
    return int(order)


@compiled
def place(market: Market, i: int, t: int, side: int, price: int, size: int) -> None:
    """Add a resting order; it is on record if its price is among the ten shown."""
    add_order(market.book, i, side, price, size)
    if better_levels(market.book, i, side, price) < LEVELS:
        stamp_packet(market, t)
        write_change(market, i, t, ACTION_ADD, side, price, size)


@compiled
def cancel(market: Market, i: int, t: int, side: int, price: int) -> None:
    """Cancel an order at a price, unless it is the side's last."""
    book = market.book
    if book.levels[i, side] < 2 and book.count[i, side, price] < 2:
        return
    order = pick_order(book, market.moving.random, i, side, price)
    size = book.order_size[order]
    remove_order(book, i, side, price, order)
    if better_levels(book, i, side, price) < LEVELS:
        stamp_packet(market, t)
        write_change(market, i, t, ACTION_CANCEL, side, price, size)


@compiled
def resize(market: Market, i: int, t: int, side: int, price: int) -> None:
    """Change an order's size by a modification."""
    book = market.book
    state = market.moving.random
    order = pick_order(book, state, i, side, price)
    old = book.order_size[order]
    if old > 1 and uniform(state) < 0.6:
        size = 1 + below(state, old - 1)
    else:
        size = old + draw_size(state)
    resize_order(book, i, side, price, order, size)
    if better_levels(book, i, side, price) < LEVELS:
        stamp_packet(market, t)
        write_change(market, i, t, ACTION_MODIFY, side, price, size)


@compiled
def move(market: Market, i: int, t: int, side: int, price: int, new_price: int) -> None:
    """Change an order's price; the record shows the new one, shown or not."""
    book = market.book
    if price == new_price:
        return
    order = pick_order(book, market.moving.random, i, side, price)
    size = book.order_size[order]
    left_from = better_levels(book, i, side, price)
    # First in, then out: the side must not be empty in between.
    add_order(book, i, side, new_price, size)
    remove_order(book, i, side, price, order)
    depth = better_levels(book, i, side, new_price)
    if left_from < LEVELS or depth < LEVELS:
        stamp_packet(market, t)
        shown = depth if depth < LEVELS else left_from
        write_row(market, i, t, ACTION_MODIFY, side_code(side), new_price, size, shown)


@compiled
def take(market: Market, i: int, t: int, side: int, size: int, rests: int) -> None:
    """Let an aggressor take up to `size` contracts from `side`, best price first.

    One T record for each price, with the book before the event, then one record of the
    event's last resting order. `rests` contracts stay on the aggressor's side at the last
    price taken, if that price is taken whole. The side keeps its last price.
    """
    book = market.book
    before = market.moving.clock[ROW]
    stamp_packet(market, t)
    left = size
    price = book.best[i, side]
    index = 0
    out = outward(side)
    last = price
    while left > 0 and index < book.levels[i, side] - 1:
        at = book.size[i, side, price]
        if at > 0:
            part = min(left, at)
            if index == 0:
                write_row(market, i, t, ACTION_TRADE, side_code(1 - side), price, part, 0)
            else:
                repeat_row(market, i, price, part, min(9, index))
            left -= part
            last = price
            index += 1
        price += out
    if market.moving.clock[ROW] > before:
        _settle(market, i, t, side, size - left, last, rests)


@compiled
def _settle(market: Market, i: int, t: int, side: int, size: int, last: int, rests: int) -> None:
    book = market.book
    left = size
    action = ACTION_CANCEL
    shown = 0
    while left > 0:
        price = book.best[i, side]
        order = book.head[i, side, price]
        at = book.order_size[order]
        if at <= left:
            left -= at
            shown = at
            action = ACTION_CANCEL
            remove_order(book, i, side, price, order)
        else:
            resize_order(book, i, side, price, order, at - left)
            shown = at - left
            action = ACTION_MODIFY
            left = 0
    if rests > 0 and book.count[i, side, last] == 0:
        add_order(book, i, 1 - side, last, rests)
        write_row(market, i, t, action, SIDE_NONE, last, shown, 0)
    else:
        write_change(market, i, t, action, side, last, shown)


@compiled
def take_best(market: Market, i: int, t: int, side: int, size: int) -> None:
    """Let an aggressor take at most what the best price of `side` holds."""
    at = market.book.size[i, side, market.book.best[i, side]]
    take(market, i, t, side, min(size, at), 0)


@compiled
def deepest(book: Book, i: int, side: int) -> int:
    """Return the worst price that is shown on a side."""
    return level_at(book, i, side, LEVELS - 1)

