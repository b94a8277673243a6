"""An order-by-order book: a FIFO queue at every price, as a matching engine keeps it.

Sides are 0 (bid) and 1 (ask). Prices are ticks from the instrument's base, an index into
the arrays. ``outward(side)`` is the step away from the market. Every side of a book that
trades keeps at least one order; callers see to it.
"""

from __future__ import annotations

from ..compiled import part
from .market import NO_ORDER, Market


@part
def outward(side: int) -> int:
    """Return the price step that leads away from the market."""
    return 2 * side - 1


@part
def add_order(market: Market, i: int, side: int, price: int, size: int) -> None:
    """Put a new order at the end of the queue at `price`."""
    if market.state[0]["free"] == 0:
        raise RuntimeError("the sample's order pool is exhausted")
    market.state[0]["free"] -= 1
    order = market.free[market.state[0]["free"]]
    last = market.level[i, side, price]["last"]
    market.order[order]["size"] = size
    market.order[order]["before"] = last
    market.order[order]["after"] = NO_ORDER
    if last == NO_ORDER:
        _open_level(market, i, side, price)
        market.level[i, side, price]["first"] = order
    else:
        market.order[last]["after"] = order
    market.level[i, side, price]["last"] = order
    market.level[i, side, price]["contracts"] += size
    market.level[i, side, price]["orders"] += 1


@part
def _open_level(market: Market, i: int, side: int, price: int) -> None:
    out = outward(side)
    first = market.edge[i, side]["levels"] == 0
    if first or (market.edge[i, side]["best"] - price) * out > 0:
        market.edge[i, side]["best"] = price
    if first or (price - market.edge[i, side]["far"]) * out > 0:
        market.edge[i, side]["far"] = price
    market.edge[i, side]["levels"] += 1


@part
def remove_order(market: Market, i: int, side: int, price: int, order: int) -> None:
    """Take an order out of its queue, and the price out of the book with the last one."""
    previous = market.order[order]["before"]
    following = market.order[order]["after"]
    if previous == NO_ORDER:
        market.level[i, side, price]["first"] = following
    else:
        market.order[previous]["after"] = following
    if following == NO_ORDER:
        market.level[i, side, price]["last"] = previous
    else:
        market.order[following]["before"] = previous
    market.level[i, side, price]["contracts"] -= market.order[order]["size"]
    market.level[i, side, price]["orders"] -= 1
    market.free[market.state[0]["free"]] = order
    market.state[0]["free"] += 1
    if market.level[i, side, price]["orders"] == 0:
        _close_level(market, i, side, price)


@part
def _close_level(market: Market, i: int, side: int, price: int) -> None:
    market.edge[i, side]["levels"] -= 1
    if market.edge[i, side]["levels"] == 0 or price != market.edge[i, side]["best"]:
        return
    out = outward(side)
    price += out
    while market.level[i, side, price]["orders"] == 0:
        price += out
    market.edge[i, side]["best"] = price


@part
def resize_order(market: Market, i: int, side: int, price: int, order: int, size: int) -> None:
    """Change an order's size: a smaller one keeps its place, a larger one goes last."""
    if size > market.order[order]["size"] and market.order[order]["after"] != NO_ORDER:
        # Two orders never become one here, so the price stays in the book.
        remove_order(market, i, side, price, order)
        add_order(market, i, side, price, size)
        return
    market.level[i, side, price]["contracts"] += size - market.order[order]["size"]
    market.order[order]["size"] = size


@part
def clear_level(market: Market, i: int, side: int, price: int) -> None:
    """Remove all orders at `price`."""
    while market.level[i, side, price]["orders"] > 0:
        remove_order(market, i, side, price, market.level[i, side, price]["first"])


@part
def better_levels(market: Market, i: int, side: int, price: int) -> int:
    """Return how many prices with orders are better than `price`, ten at most."""
    out = outward(side)
    at = market.edge[i, side]["best"]
    found = 0
    left = market.edge[i, side]["levels"]
    while found < 10 and left > 0 and (price - at) * out > 0:
        if market.level[i, side, at]["orders"] > 0:
            found += 1
            left -= 1
        at += out
    return found


@part
def level_at(market: Market, i: int, side: int, index: int) -> int:
    """Return the price of the `index`-th level with orders, the last one if fewer."""
    out = outward(side)
    at = market.edge[i, side]["best"]
    left = min(index, market.edge[i, side]["levels"] - 1)
    while left > 0:
        at += out
        if market.level[i, side, at]["orders"] > 0:
            left -= 1
    return int(at)
