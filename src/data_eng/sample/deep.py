"""What happens next in a deep book: queues at every tick, a spread of one tick."""

from __future__ import annotations

import math
from typing import Final

from ..compiled import part
from .book import outward
from .market import CANCEL, MOVE, PLACE, RESIZE, TAKE, Decision, Market, View
from .orders import draw_size, take_best
from .randomness import below, geometric, uniform
from .stock import arriving_size, wanted_at

MAX_SWEEP: Final = 8  # prices one aggressor takes at most
_TRADES: Final = 0.022  # of the events, without excitation


@part
def _offset(market: Market) -> int:
    # Most of a future's events are at the best price (measured on ESH4: 70 %).
    u = uniform(market.random)
    if u < 0.58:
        return 0
    if u < 0.72:
        return 1
    if u < 0.80:
        return 2
    return 3 + int(7 * ((u - 0.80) * 5.0) ** 1.3)


@part
def _sweep(market: Market, i: int, view: View) -> Decision:
    # The fair price is beyond the quotes: an aggressor takes every price on the wrong side.
    side = 1 if view.gap > 0 else 0
    out = outward(side)
    fair = math.floor(view.fair) if side == 1 else math.ceil(view.fair)
    best = market.edge[i, side]["best"]
    levels = min(MAX_SWEEP, (fair - best) * out + 1)
    size = 0
    for k in range(levels):
        size += market.level[i, side, best + k * out]["contracts"]
    rests = 0
    if uniform(market.random) < 0.3:
        rests = arriving_size(market, i, 1 - side, best + (levels - 1) * out, view)
    return Decision(TAKE, side, best, size, rests)


@part
def _improve(market: Market, i: int, view: View) -> Decision:
    # The spread is open: someone quotes inside it, near the fair price.
    bid = market.edge[i, 0]["best"]
    ask = market.edge[i, 1]["best"]
    wrong = uniform(market.random) < 0.08
    if (view.gap > 0) != wrong:
        side = 0
        price = min(ask - 1, max(bid + 1, math.floor(view.fair)))
    else:
        side = 1
        price = max(bid + 1, min(ask - 1, math.ceil(view.fair)))
    return Decision(PLACE, side, price, arriving_size(market, i, side, price, view), 0)


@part
def _trade(market: Market, i: int, view: View) -> Decision:
    random = market.random
    item = market.instrument[i]
    u = uniform(random)
    if u < 0.02:
        item["parent_buys"] = 1 - item["parent_buys"]
    if u < 0.45:
        buys = item["last_buy"] == 1
    elif u < 0.75:
        # One of many slices of a large order: signs of trades have a long memory.
        buys = item["parent_buys"] == 1
    else:
        buys = uniform(random) < 0.5 + 0.35 * math.tanh(view.gap / view.band)
    item["last_buy"] = 1 if buys else 0
    item["excited"] += 1.0
    side = 1 if buys else 0
    size = draw_size(random)
    if uniform(random) < 0.25:
        size += geometric(random, 0.12)
    if (view.gap > 0) != buys:
        # Against the fair price an aggressor seldom takes the whole quote.
        at = market.level[i, side, market.edge[i, side]["best"]]["contracts"]
        size = min(size, max(1, at // 2))
    return take_best(market, i, side, size)


@part
def _modify(market: Market, i: int) -> Decision:
    random = market.random
    side = below(random, 2)
    out = outward(side)
    best = market.edge[i, side]["best"]
    price = best + out * _offset(market)
    if market.level[i, side, price]["orders"] == 0:
        price = best
    u = uniform(random)
    if u < 0.5:
        return Decision(RESIZE, side, price, 0, 0)
    behind = 10 + below(random, 12) if u < 0.56 else _offset(market)
    return Decision(MOVE, side, price, 0, best + out * behind)


@part
def _press(market: Market, i: int, view: View) -> Decision:
    # Quotes about to be overrun are cancelled or hit; the other side is joined.
    item = market.instrument[i]
    side = 1 if view.gap > 0 else 0
    u = uniform(market.random)
    if u < 0.62:
        return Decision(CANCEL, side, market.edge[i, side]["best"], 0, 0)
    if u < 0.70:
        item["last_buy"] = side
        item["excited"] += 0.5
        return take_best(market, i, side, 2 * draw_size(market.random))
    joined = market.edge[i, 1 - side]["best"]
    return Decision(PLACE, 1 - side, joined, arriving_size(market, i, 1 - side, joined, view), 0)


@part
def _join_or_leave(market: Market, i: int, view: View) -> Decision:
    side = below(market.random, 2)
    price = market.edge[i, side]["best"] + outward(side) * _offset(market)
    wanted = wanted_at(market, i, side, price, view)
    at = market.level[i, side, price]["contracts"]
    if at == 0 or uniform(market.random) * (wanted + at) < wanted:
        return Decision(PLACE, side, price, arriving_size(market, i, side, price, view), 0)
    return Decision(CANCEL, side, price, 0, 0)


@part
def decide_deep(market: Market, i: int, view: View) -> Decision:
    """Draw what happens next in a deep book."""
    random = market.random
    ask = market.edge[i, 1]["best"]
    bid = market.edge[i, 0]["best"]
    far = abs(view.gap) / view.band
    overrun = view.fair > ask if view.gap > 0 else view.fair < bid
    trades = _TRADES * (1.0 + 1.5 * min(4.0, market.instrument[i]["excited"]))
    if overrun and far > 1.0 and uniform(random) < 0.5:
        return _sweep(market, i, view)
    if ask - bid > 1 and uniform(random) < 0.85:
        return _improve(market, i, view)
    if uniform(random) < 0.8 * min(1.0, max(0.0, (far - 0.55) / 0.45)):
        return _press(market, i, view)
    if uniform(random) < trades:
        return _trade(market, i, view)
    if uniform(random) < 0.10:
        return _modify(market, i)
    return _join_or_leave(market, i, view)
