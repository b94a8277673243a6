"""What happens next in a deep book: queues at every tick, a spread of one tick.

A quote goes when the fair price has come near enough to it, and for no other reason: the
quotes in its way are cancelled or taken, down to a few contracts, and an aggressor takes
those. In the martingale mode what is left of its order becomes the new quote at once, and
the mid is, on the average, the fair price at which it moved. In the reverting mode the
quote goes earlier, a book with a spread of two ticks is often left behind, and either side
fills it: most moves of the mid are half a tick, and the next one often takes it back
(ESH4 at night: 92 % half ticks, lag-1 correlation -0.20).
"""

from __future__ import annotations

import math
from typing import Any, Final

from ..compiled import part
from ..elementary import exp_of, log_of
from .book import outward
from .executions import draw_trade, take_some
from .market import CANCEL, MOVE, PLACE, RESIZE, TAKE, THIN, Decision, Market, View
from .randomness import below, uniform
from .stock import arriving_size, wanted_at

MAX_SWEEP: Final = 8  # prices one aggressor takes at most
_TRADES: Final = 0.05  # share of T records that events are steered to,
_MODIFIES: Final = 0.22  # and of M records
_STEER: Final = 40.0  # records of deficit at which an event's probability is doubled
_OPENS: Final = 0.75  # of the moves of the reverting mode that leave the spread open
_SLOPE: Final = 0.15  # how much the fair price, ticks from the mid, decides who closes it


@part
def _offset(market: Market) -> int:
    # Most of a future's events are at the best price (measured on ESH4: 70 %).
    u = uniform(market.random)
    if u < 0.62:
        return 0
    if u < 0.75:
        return 1
    if u < 0.82:
        return 2
    return 3 + int(7 * exp_of(1.3 * log_of((u - 0.82) / 0.18)))


@part
def _steered(share: float, done: int, emitted: int) -> float:
    # An event's probability: its share, more where records of the kind are missing.
    missing = share * emitted - done
    return share * min(3.0, max(0.0, 1.0 + missing / _STEER))


@part
def _move(market: Market, i: int, view: View) -> Decision:
    # The quote on the fair price's side goes, by as many prices as the mid is off.
    item = market.instrument[i]
    side = 1 if view.gap > 0 else 0
    out = outward(side)
    best = market.edge[i, side]["best"]
    prices = min(MAX_SWEEP, max(1, int(abs(view.gap) + 0.5)))
    opens = market.state[0]["reverting"] == 1 and prices == 1
    opens = opens and uniform(market.random) < _OPENS
    if item["thinned"] == 0:
        item["thinned"] = 1
        left = draw_trade(market.random)
        if opens and uniform(market.random) < 0.5:
            left = 0
            item["thinned"] = 0
        return Decision(THIN, side, best, prices, left)
    item["thinned"] = 0
    item["last_buy"] = side
    item["excited"] += 1.0
    contracts = 0
    for k in range(prices):
        contracts += market.level[i, side, best + k * out]["contracts"]
    rests = 0
    if not opens:
        rests = arriving_size(market, i, 1 - side, best + (prices - 1) * out, view)
    return Decision(TAKE, side, best, contracts, rests)


@part
def _improve(market: Market, i: int, view: View) -> Decision:
    # The spread is open: someone quotes inside it, near the fair price.
    bid = market.edge[i, 0]["best"]
    ask = market.edge[i, 1]["best"]
    # With one price free either side takes it, by where the fair price is; the side that
    # had it, which is the one farther from the fair price, nearly as often as the other.
    buys = uniform(market.random) < min(0.95, max(0.05, 0.5 + _SLOPE * view.gap))
    if buys:
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
        pull = view.gap / view.band
        buys = uniform(random) < 0.5 + 0.4 * pull / (1.0 + abs(pull))
    item["last_buy"] = 1 if buys else 0
    item["excited"] += 1.0
    return take_some(market, i, 1 if buys else 0, draw_trade(random))


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
    if u < 0.5 or market.level[i, side, price]["orders"] < 2:
        return Decision(RESIZE, side, price, 0, 0)
    behind = 10 + below(random, 12) if u < 0.56 else _offset(market)
    return Decision(MOVE, side, price, 0, best + out * behind)


@part
def _press(market: Market, i: int, view: View) -> Decision:
    # Quotes about to be overrun are cancelled, and the other side is joined.
    side = 1 if view.gap > 0 else 0
    if uniform(market.random) < 0.7:
        best = market.edge[i, side]["best"]
        return Decision(CANCEL, side, best, _leaving(market, i, side, best, view), 0)
    joined = market.edge[i, 1 - side]["best"]
    return Decision(PLACE, 1 - side, joined, arriving_size(market, i, 1 - side, joined, view), 0)


@part
def _leaving(market: Market, i: int, side: int, price: int, view: View) -> int:
    surplus = market.level[i, side, price]["contracts"] - wanted_at(market, i, side, price, view)
    return int(view.refill * max(0.0, surplus))


@part
def _join_or_leave(market: Market, i: int, view: View) -> Decision:
    side = below(market.random, 2)
    price = market.edge[i, side]["best"] + outward(side) * _offset(market)
    wanted = wanted_at(market, i, side, price, view)
    at = market.level[i, side, price]["contracts"]
    if at == 0 or uniform(market.random) * (wanted + at) < wanted:
        return Decision(PLACE, side, price, arriving_size(market, i, side, price, view), 0)
    return Decision(CANCEL, side, price, _leaving(market, i, side, price, view), 0)


@part
def _quietly(market: Market, i: int, view: View, far: float) -> Decision:
    # What happens while the mid stays.
    random = market.random
    item: Any = market.instrument[i]
    item["thinned"] = 0
    if uniform(random) < 0.5 * max(0.0, (far - 0.6) / 0.4):
        return _press(market, i, view)
    excited = 0.5 + 0.5 * min(4.0, item["excited"])
    if uniform(random) < excited * _steered(_TRADES, item["trades"], item["emitted"]):
        return _trade(market, i, view)
    if uniform(random) < _steered(_MODIFIES, item["modifies"], item["emitted"]):
        return _modify(market, i)
    return _join_or_leave(market, i, view)


@part
def decide_deep(market: Market, i: int, view: View) -> Decision:
    """Draw what happens next in a deep book."""
    if market.edge[i, 1]["best"] - market.edge[i, 0]["best"] > 1:
        return _improve(market, i, view)
    for side in range(2):
        # A move over several prices leaves some without orders: a gap in the next one's way.
        behind = market.edge[i, side]["best"] + outward(side)
        if market.level[i, side, behind]["orders"] == 0:
            size = arriving_size(market, i, side, behind, view)
            return Decision(PLACE, side, behind, size, 0)
    far = abs(view.gap) / view.band
    return _move(market, i, view) if far >= 1.0 else _quietly(market, i, view, far)
