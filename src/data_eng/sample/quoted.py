"""What happens next in a thin book: a few makers' quotes that follow the fair price."""

from __future__ import annotations

import math

from ..compiled import part
from .book import add_order, level_at, outward
from .executions import draw_trade, take_best
from .market import CANCEL, MOVE, PLACE, RESIZE, Decision, Market, View
from .orders import draw_size
from .randomness import below, exponential, geometric, uniform


@part
def quoted_spread(view: View) -> float:
    """Return the spread that makers quote, ticks: wide where quotes cannot follow soon."""
    return max(1.0, 0.9 * view.band)


@part
def _ideal(market: Market, view: View, side: int) -> int:
    # A maker's price: half a spread from the fair price and a little more, at random.
    half = quoted_spread(view) * (0.5 + 0.25 * exponential(market.random))
    if side == 0:
        return math.floor(view.fair - half)
    return math.ceil(view.fair + half)


@part
def _spacing(view: View) -> float:
    return min(0.7, 1.5 / (1.0 + quoted_spread(view)))


@part
def stock_quotes(market: Market, i: int, side: int, view: View) -> None:
    """Fill an empty side with a few quotes, off the record."""
    random = market.random
    price = _ideal(market, view, side)
    wanted = max(1, int(market.instrument[i]["quoted_levels"] * (0.6 + 0.8 * uniform(random))))
    for _ in range(wanted):
        add_order(market, i, side, price, draw_size(random))
        price += outward(side) * (1 + geometric(random, _spacing(view)))


@part
def _follow(market: Market, i: int, side: int, view: View) -> Decision:
    # The best quote of a side is too near the fair price: it is hit, or moves away.
    best = market.edge[i, side]["best"]
    overrun = view.fair < best if side == 0 else view.fair > best
    if overrun and uniform(market.random) < 0.15:
        return take_best(market, i, side, draw_trade(market.random))
    crowded = market.edge[i, side]["levels"] > market.instrument[i]["quoted_levels"]
    if crowded and market.level[i, side, best]["orders"] > 1:
        return Decision(CANCEL, side, best, 1, 0)
    out = outward(side)
    price = _ideal(market, view, side)
    if (price - best) * out <= 0:
        price = best + out
    return Decision(MOVE, side, best, 0, price)


@part
def _catch_up(market: Market, i: int, side: int, view: View) -> Decision:
    # The best quote of a side lags behind: a better one comes, from behind or new.
    best = market.edge[i, side]["best"]
    other = market.edge[i, 1 - side]["best"]
    price = _ideal(market, view, side)
    price = min(price, other - 1) if side == 0 else max(price, other + 1)
    if (best - price) * outward(side) <= 0:
        return _settle_down(market, i, view)
    if market.edge[i, side]["levels"] >= market.instrument[i]["quoted_levels"]:
        return Decision(MOVE, side, level_at(market, i, side, 9), 0, price)
    return Decision(PLACE, side, price, draw_size(market.random), 0)


@part
def _settle_down(market: Market, i: int, view: View) -> Decision:
    random = market.random
    side = below(random, 2)
    u = uniform(random)
    if u < 0.05:
        return take_best(market, i, side, draw_trade(random))
    price = level_at(market, i, side, geometric(random, 0.4))
    if u < 0.12:
        return Decision(RESIZE, side, price, 0, 0)
    crowd = market.edge[i, side]["levels"] / (1.0 + market.instrument[i]["quoted_levels"])
    if uniform(random) < 0.5 * crowd:
        return Decision(CANCEL, side, price, 1, 0)
    away = outward(side) * geometric(random, 0.6 * _spacing(view))
    return Decision(PLACE, side, market.edge[i, side]["best"] + away, draw_size(random), 0)


@part
def decide_quoted(market: Market, i: int, view: View) -> Decision:
    """Draw what happens next in a thin book."""
    spread = quoted_spread(view)
    under = view.fair - market.edge[i, 0]["best"]
    over = market.edge[i, 1]["best"] - view.fair
    side = 0 if under <= over else 1
    if min(under, over) < 0.1 * spread:
        return _follow(market, i, side, view)
    if max(under, over) > 1.1 * spread:
        return _catch_up(market, i, 1 - side, view)
    return _settle_down(market, i, view)
