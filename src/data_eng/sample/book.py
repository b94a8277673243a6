"""An order-by-order book: a FIFO queue at every price, as a matching engine keeps it.

Sides are 0 (bid) and 1 (ask). Prices are ticks from the instrument's base, an index into
the arrays. ``outward(side)`` is the step away from the market. Every side of a book that
trades keeps at least one order; callers see to it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled

TICKS: Final = 8192
NO_ORDER: Final = -1


class Book(NamedTuple):
    """The books of all instruments.

    Attributes
    ----------
    size, count, head, tail : int32 arrays, shape (instruments, 2, TICKS)
        Contracts and orders at a price, first and last order of its queue.
    best, far, levels : int64 arrays, shape (instruments, 2)
        Best price, a bound on the outermost price, number of prices with orders.
    order_size, after, before : int32 arrays, shape (orders,)
        Contracts left of an order and its neighbours in the queue.
    free : int32 array, shape (orders,)
        Unused orders as a stack.
    free_count : int64 array, shape (1,)
        Height of the stack.
    """

    size: NDArray[np.int32]
    count: NDArray[np.int32]
    head: NDArray[np.int32]
    tail: NDArray[np.int32]
    best: NDArray[np.int64]
    far: NDArray[np.int64]
    levels: NDArray[np.int64]
    order_size: NDArray[np.int32]
    after: NDArray[np.int32]
    before: NDArray[np.int32]
    free: NDArray[np.int32]
    free_count: NDArray[np.int64]


def new_book(instruments: int, orders: int) -> Book:
    """Return empty books with room for `orders` resting orders in all of them together."""
    shape = (instruments, 2, TICKS)
    return Book(
        size=np.zeros(shape, np.int32),
        count=np.zeros(shape, np.int32),
        head=np.full(shape, NO_ORDER, np.int32),
        tail=np.full(shape, NO_ORDER, np.int32),
        best=np.zeros((instruments, 2), np.int64),
        far=np.zeros((instruments, 2), np.int64),
        levels=np.zeros((instruments, 2), np.int64),
        order_size=np.zeros(orders, np.int32),
        after=np.full(orders, NO_ORDER, np.int32),
        before=np.full(orders, NO_ORDER, np.int32),
        free=np.arange(orders - 1, -1, -1, dtype=np.int32),
        free_count=np.array([orders], np.int64),
    )


@compiled
def outward(side: int) -> int:
    """Return the price step that leads away from the market."""
    return 2 * side - 1


@compiled
def add_order(book: Book, i: int, side: int, price: int, size: int) -> None:
    """Put a new order at the end of the queue at `price`."""
    if book.free_count[0] == 0:
        raise RuntimeError("the sample's order pool is exhausted")
    book.free_count[0] -= 1
    order = book.free[book.free_count[0]]
    last = book.tail[i, side, price]
    book.order_size[order] = size
    book.before[order] = last
    book.after[order] = NO_ORDER
    if last == NO_ORDER:
        _open_level(book, i, side, price)
        book.head[i, side, price] = order
    else:
        book.after[last] = order
    book.tail[i, side, price] = order
    book.size[i, side, price] += size
    book.count[i, side, price] += 1


@compiled
def _open_level(book: Book, i: int, side: int, price: int) -> None:
    out = outward(side)
    first = book.levels[i, side] == 0
    if first or (book.best[i, side] - price) * out > 0:
        book.best[i, side] = price
    if first or (price - book.far[i, side]) * out > 0:
        book.far[i, side] = price
    book.levels[i, side] += 1


@compiled
def remove_order(book: Book, i: int, side: int, price: int, order: int) -> None:
    """Take an order out of its queue, and the price out of the book with the last one."""
    previous = book.before[order]
    following = book.after[order]
    if previous == NO_ORDER:
        book.head[i, side, price] = following
    else:
        book.after[previous] = following
    if following == NO_ORDER:
        book.tail[i, side, price] = previous
    else:
        book.before[following] = previous
    book.size[i, side, price] -= book.order_size[order]
    book.count[i, side, price] -= 1
    book.free[book.free_count[0]] = order
    book.free_count[0] += 1
    if book.count[i, side, price] == 0:
        _close_level(book, i, side, price)


@compiled
def _close_level(book: Book, i: int, side: int, price: int) -> None:
    book.levels[i, side] -= 1
    if book.levels[i, side] == 0 or price != book.best[i, side]:
        return
    out = outward(side)
    price += out
    while book.count[i, side, price] == 0:
        price += out
    book.best[i, side] = price


@compiled
def resize_order(book: Book, i: int, side: int, price: int, order: int, size: int) -> None:
    """Change an order's size: a smaller one keeps its place, a larger one goes last."""
    if size > book.order_size[order] and book.after[order] != NO_ORDER:
        # Two orders never become one here, so the price stays in the book.
        remove_order(book, i, side, price, order)
        add_order(book, i, side, price, size)
        return
    book.size[i, side, price] += size - book.order_size[order]
    book.order_size[order] = size


@compiled
def clear_level(book: Book, i: int, side: int, price: int) -> None:
    """Remove all orders at `price`."""
    while book.count[i, side, price] > 0:
        remove_order(book, i, side, price, book.head[i, side, price])


@compiled
def better_levels(book: Book, i: int, side: int, price: int) -> int:
    """Return how many prices with orders are better than `price`, ten at most."""
    out = outward(side)
    at = book.best[i, side]
    found = 0
    left = book.levels[i, side]
    while found < 10 and left > 0 and (price - at) * out > 0:
        if book.count[i, side, at] > 0:
            found += 1
            left -= 1
        at += out
    return found


@compiled
def level_at(book: Book, i: int, side: int, index: int) -> int:
    """Return the price of the `index`-th level with orders, the last one if fewer."""
    out = outward(side)
    at = book.best[i, side]
    left = min(index, book.levels[i, side] - 1)
    while left > 0:
        at += out
        if book.count[i, side, at] > 0:
            left -= 1
    return int(at)
