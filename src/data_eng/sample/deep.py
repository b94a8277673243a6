"""Order flow in a deep book: queues at every tick, a spread of one tick."""

from __future__ import annotations

import math
from typing import Final

from .book import add_order, clear_level, level_at, outward
from .compiled import compiled
from .market import Market, View
from .orders import cancel, draw_size, move, place, resize, take, take_best
from .randomness import below, exponential, geometric, normal, uniform

MAX_SWEEP: Final = 8  # prices one aggressor takes at most
_STOCKED: Final = 26  # ticks behind the best price kept stocked out of sight
_KEPT: Final = 64  # ticks behind the best price beyond which orders are forgotten
_TRADES: Final = 0.028  # of the events, without excitation


@compiled
def hump(k: int) -> float:
    """Return the size wanted `k` ticks behind the best price, relative to it."""
    if k == 0:
        return 1.0
    if k < 4:
        return 1.45 + 0.12 * k
    return max(1.25, 1.95 - 0.06 * k)


@compiled
def wanted_at(market: Market, i: int, side: int, price: int, view: View) -> float:
    """Return the contracts wanted at a price: fewer where the fair price threatens it."""
    k = abs(price - market.book.best[i, side])
    wanted = view.wanted * hump(k) * market.moving.weight[i, side, price]
    if k < 2:
        threat = (view.gap if side == 1 else -view.gap) / view.band
        factor = min(1.6, max(0.06, 1.0 - 1.15 * threat))
        wanted *= factor if k == 0 else 0.5 + 0.5 * factor
    return float(wanted)


@compiled
def arriving_size(market: Market, i: int, side: int, price: int, view: View) -> int:
    """Draw an arriving order's size; the scarcer events are, the more each one brings."""
    missing = wanted_at(market, i, side, price, view) - market.book.size[i, side, price]
    extra = exponential(market.moving.random) * view.refill * max(0.0, missing)
    return draw_size(market.moving.random) + int(extra)


@compiled
def stock_level(market: Market, i: int, side: int, price: int, wanted: float) -> None:
    """Fill an empty price with orders, off the record."""
    state = market.moving.random
    market.moving.weight[i, side, price] = math.exp(0.3 * normal(state) - 0.045)
    goal = 1.0 + wanted * market.moving.weight[i, side, price]
    while market.book.size[i, side, price] < goal:
        add_order(market.book, i, side, price, draw_size(state))


@compiled
def restock(market: Market, i: int, side: int, view: View) -> None:
    """Keep prices out of sight stocked, so that a move finds a book there."""
    book = market.book
    out = outward(side)
    best = book.best[i, side]
    end = best + out * _STOCKED
    price = level_at(book, i, side, 9) + out
    while (end - price) * out >= 0:
        if book.count[i, side, price] == 0:
            stock_level(market, i, side, price, view.wanted * hump(abs(price - best)))
        price += out
    limit = best + out * _KEPT
    while (book.far[i, side] - limit) * out > 0:
        clear_level(book, i, side, book.far[i, side])
        book.far[i, side] -= out


@compiled
def _offset(market: Market) -> int:
    # Two thirds of a future's events are at the best price (measured on ESH4).
    u = uniform(market.moving.random)
    if u < 0.58:
        return 0
    if u < 0.72:
        return 1
    if u < 0.80:
        return 2
    return 3 + int(7 * ((u - 0.80) * 5.0) ** 1.3)


@compiled
def _sweep(market: Market, i: int, t: int, view: View) -> None:
    # The fair price is beyond the quotes: an aggressor takes every price on the wrong side.
    book = market.book
    state = market.moving.random
    side = 1 if view.gap > 0 else 0
    out = outward(side)
    fair = math.floor(view.fair) if side == 1 else math.ceil(view.fair)
    best = book.best[i, side]
    levels = min(MAX_SWEEP, (fair - best) * out + 1)
    size = 0
    for k in range(levels):
        size += book.size[i, side, best + k * out]
    rests = 0
    if uniform(state) < 0.3:
        rests = arriving_size(market, i, 1 - side, best + (levels - 1) * out, view)
    take(market, i, t, side, size, rests)


@compiled
def _improve(market: Market, i: int, t: int, view: View) -> None:
    # The spread is open: someone quotes inside it, near the fair price.
    bid = market.book.best[i, 0]
    ask = market.book.best[i, 1]
    wrong = uniform(market.moving.random) < 0.08
    if (view.gap > 0) != wrong:
        side = 0
        price = min(ask - 1, max(bid + 1, int(math.floor(view.fair))))
    else:
        side = 1
        price = max(bid + 1, min(ask - 1, int(math.ceil(view.fair))))
    place(market, i, t, side, price, arriving_size(market, i, side, price, view))


@compiled
def _trade(market: Market, i: int, t: int, view: View) -> None:
    moving = market.moving
    state = moving.random
    if uniform(state) < 0.6:
        buys = moving.last_buy[i] == 1
    else:
        buys = uniform(state) < 0.5 + 0.35 * math.tanh(view.gap / view.band)
    moving.last_buy[i] = 1 if buys else 0
    side = 1 if buys else 0
    at = market.book.size[i, side, market.book.best[i, side]]
    size = draw_size(state)
    if uniform(state) < 0.25:
        size += geometric(state, 0.12)
    if (view.gap > 0) != buys:
        # Against the fair price an aggressor seldom takes the whole quote.
        size = min(size, max(1, at // 2))
    take_best(market, i, t, side, size)
    moving.excited[i] += 1.0


@compiled
def _modify(market: Market, i: int, t: int) -> None:
    state = market.moving.random
    side = below(state, 2)
    out = outward(side)
    best = market.book.best[i, side]
    price = best + out * _offset(market)
    if market.book.count[i, side, price] == 0:
        price = best
    if uniform(state) < 0.5:
        resize(market, i, t, side, price)
    elif uniform(state) < 0.12:
        move(market, i, t, side, price, best + out * (10 + below(state, 12)))
    else:
        move(market, i, t, side, price, best + out * _offset(market))


@compiled
def _press(market: Market, i: int, t: int, view: View) -> None:
    # Quotes about to be overrun are cancelled or hit; the other side is joined.
    side = 1 if view.gap > 0 else 0
    best = market.book.best[i, side]
    u = uniform(market.moving.random)
    if u < 0.62:
        cancel(market, i, t, side, best)
    elif u < 0.70:
        market.moving.last_buy[i] = side
        take_best(market, i, t, side, 2 * draw_size(market.moving.random))
        market.moving.excited[i] += 0.5
    else:
        joined = market.book.best[i, 1 - side]
        size = arriving_size(market, i, 1 - side, joined, view)
        place(market, i, t, 1 - side, joined, size)


@compiled
def _join_or_leave(market: Market, i: int, t: int, view: View) -> None:
    book = market.book
    state = market.moving.random
    side = below(state, 2)
    price = book.best[i, side] + outward(side) * _offset(market)
    wanted = wanted_at(market, i, side, price, view)
    at = book.size[i, side, price]
    if uniform(state) * (wanted + at) < wanted or at == 0:
        place(market, i, t, side, price, arriving_size(market, i, side, price, view))
    else:
        cancel(market, i, t, side, price)


@compiled
def deep_event(market: Market, i: int, t: int, view: View) -> None:
    """Draw one event of a deep book and write its records."""
    book = market.book
    state = market.moving.random
    bid = book.best[i, 0]
    ask = book.best[i, 1]
    far = abs(view.gap) / view.band
    open_ticks = ask - bid - 1
    overrun = view.fair > ask if view.gap > 0 else view.fair < bid
    trades = _TRADES * (1.0 + 1.5 * min(4.0, market.moving.excited[i]))
    if overrun and far > 1.0 and uniform(state) < 0.5:
        _sweep(market, i, t, view)
    elif open_ticks > 0 and uniform(state) < 0.85:
        _improve(market, i, t, view)
    elif uniform(state) < 0.8 * min(1.0, max(0.0, (far - 0.55) / 0.45)):
        _press(market, i, t, view)
    elif uniform(state) < trades:
        _trade(market, i, t, view)
    elif uniform(state) < 0.10:
        _modify(market, i, t)
    else:
        _join_or_leave(market, i, t, view)
    if book.best[i, 0] != bid:
        restock(market, i, 0, view)
    if book.best[i, 1] != ask:
        restock(market, i, 1, view)
