"""Order flow in a thin book: a few makers' quotes that follow the fair price."""

from __future__ import annotations

import math

from .book import add_order, level_at, outward
from .compiled import compiled
from .market import Market, View
from .orders import cancel, draw_size, move, place, resize, take_best
from .randomness import below, exponential, geometric, uniform


@compiled
def quoted_spread(view: View) -> float:
    """Return the spread that makers quote, ticks: wide where quotes cannot follow soon."""
    return max(1.0, 0.9 * view.band)


@compiled
def _ideal(market: Market, view: View, side: int) -> int:
    # A maker's price: half a spread from the fair price and a little more, at random.
    half = quoted_spread(view) * (0.5 + 0.25 * exponential(market.moving.random))
    if side == 0:
        return int(math.floor(view.fair - half))
    return int(math.ceil(view.fair + half))


@compiled
def _within(market: Market, i: int, side: int, price: int) -> int:
    # Never at or through the other side.
    other = market.book.best[i, 1 - side]
    return min(price, other - 1) if side == 0 else max(price, other + 1)


@compiled
def stock_quotes(market: Market, i: int, side: int, view: View) -> None:
    """Fill an empty side with a few quotes, off the record."""
    state = market.moving.random
    price = _ideal(market, view, side)
    wanted = max(1, int(market.fixed.quoted_levels[i] * (0.6 + 0.8 * uniform(state))))
    for _ in range(wanted):
        add_order(market.book, i, side, price, draw_size(state))
        price += outward(side) * (1 + geometric(state, _spacing(view)))


@compiled
def _spacing(view: View) -> float:
    return min(0.7, 1.5 / (1.0 + quoted_spread(view)))


@compiled
def _follow(market: Market, i: int, t: int, side: int, view: View) -> None:
    # The best quote of a side is too near the fair price: it is hit, or moves away.
    book = market.book
    best = book.best[i, side]
    overrun = view.fair < best if side == 0 else view.fair > best
    if overrun and uniform(market.moving.random) < 0.15:
        take_best(market, i, t, side, draw_size(market.moving.random))
    elif book.levels[i, side] > market.fixed.quoted_levels[i] and best_is_busy(market, i, side):
        cancel(market, i, t, side, best)
    else:
        out = outward(side)
        price = _ideal(market, view, side)
        if (price - best) * out <= 0:
            price = best + out
        move(market, i, t, side, best, price)


@compiled
def best_is_busy(market: Market, i: int, side: int) -> bool:
    """Tell whether the best price of a side holds more than one order."""
    return bool(market.book.count[i, side, market.book.best[i, side]] > 1)


@compiled
def _catch_up(market: Market, i: int, t: int, side: int, view: View) -> None:
    # The best quote of a side lags behind: a better one comes, from behind or new.
    book = market.book
    price = _within(market, i, side, _ideal(market, view, side))
    best = book.best[i, side]
    if (best - price) * outward(side) <= 0:
        return
    if book.levels[i, side] >= market.fixed.quoted_levels[i]:
        worst = level_at(book, i, side, 9)
        move(market, i, t, side, worst, price)
    else:
        place(market, i, t, side, price, draw_size(market.moving.random))


@compiled
def _settle_down(market: Market, i: int, t: int, view: View) -> None:
    book = market.book
    state = market.moving.random
    side = below(state, 2)
    best = book.best[i, side]
    u = uniform(state)
    crowd = book.levels[i, side] / (1.0 + market.fixed.quoted_levels[i])
    if u < 0.05:
        take_best(market, i, t, side, draw_size(state))
        return
    price = level_at(book, i, side, geometric(state, 0.4))
    if u < 0.12:
        resize(market, i, t, side, price)
    elif uniform(state) < 0.5 * crowd:
        cancel(market, i, t, side, price)
    else:
        away = outward(side) * geometric(state, 0.6 * _spacing(view))
        place(market, i, t, side, best + away, draw_size(state))


@compiled
def quoted_event(market: Market, i: int, t: int, view: View) -> None:
    """Draw one event of a thin book and write its records."""
    book = market.book
    spread = quoted_spread(view)
    below_fair = view.fair - book.best[i, 0]
    above_fair = book.best[i, 1] - view.fair
    if below_fair < 0.1 * spread and below_fair <= above_fair:
        _follow(market, i, t, 0, view)
    elif above_fair < 0.1 * spread:
        _follow(market, i, t, 1, view)
    elif below_fair > 1.1 * spread and below_fair >= above_fair:
        _catch_up(market, i, t, 0, view)
    elif above_fair > 1.1 * spread:
        _catch_up(market, i, t, 1, view)
    else:
        _settle_down(market, i, t, view)
