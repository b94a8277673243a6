"""Books at the start of a day, the midnight snapshot and the opening auction."""

from __future__ import annotations

import math
from typing import Final

from ..compiled import part
from .book import add_order, clear_level, outward
from .fair import NANOS, view_of
from .layout import ACTION_ADD, ACTION_CANCEL, ACTION_TRADE, SIDE_NONE, TOP
from .market import Market
from .quoted import stock_quotes
from .randomness import below, exponential, geometric
from .record import mark_snapshot, write_row
from .schedule import done_at
from .stock import restock, stock_level

_CROSSED: Final = 3  # prices through the print on either side


@part
def fill_book(market: Market, i: int) -> None:
    """Fill an empty book around the fair price, off the record."""
    view = view_of(market, i)
    if market.instrument[i]["deep"] == 0:
        for side in range(2):
            stock_quotes(market, i, side, view)
        return
    for side in range(2):
        price = math.floor(view.fair) + side
        stock_level(market, i, side, price, view.wanted)
        for k in range(1, 12):
            stock_level(market, i, side, price + k * outward(side), view.wanted * 1.7)
        restock(market, i, side, view)


@part
def write_snapshot(market: Market, i: int) -> None:
    """Write the record of a book at midnight, with an event time before it."""
    item = market.instrument[i]
    start = market.state[0]["start"]
    side = below(market.random, 2)
    best = market.edge[i, side]["best"]
    size = market.order[market.level[i, side, best]["last"]]["size"]
    rate = item["target"] * market.progress[item["profile"], 60] / 60.0
    age = min(3600.0, 0.02 + exponential(market.random) / (rate + 1e-4))
    row = market.state[0]["row"]
    event = start - int(age * NANOS)
    write_row(market, i, event, ACTION_ADD, SIDE_NONE, best, size, TOP)
    mark_snapshot(market, row)


@part
def _cross(market: Market, i: int, side: int, price: int, volume: int) -> int:
    # Orders of `volume` in all at three prices through `price`; the size of the last one.
    left = volume
    size = volume
    for k in range(_CROSSED, 0, -1):
        size = left if k == 1 else max(1, left // 2)
        add_order(market, i, side, price - k * outward(side), size)
        left -= size
    return size


@part
def _auction(market: Market, i: int, t: int) -> None:
    # Orders left over the break cross the book; they print at one price and are gone.
    random = market.random
    state = market.state[0]
    price = market.edge[i, below(random, 2)]["best"]
    volume = 6 + geometric(random, 0.03)
    size = volume
    for side in range(2):
        size = _cross(market, i, side, price, volume)
    received = t + 39_000_000 + below(random, 60_000_000)
    state["last_recv"] = max(state["last_recv"], received)
    state["sequence"] += 1
    write_row(market, i, t, ACTION_TRADE, SIDE_NONE, price, volume, TOP)
    for side in range(2):
        for k in range(1, _CROSSED + 1):
            clear_level(market, i, side, price - k * outward(side))
    write_row(market, i, t, ACTION_CANCEL, SIDE_NONE, price, size, TOP)


@part
def reopen(market: Market, t: int) -> None:
    """Hold the auctions of an opening in all books deep enough to have one."""
    for i in range(market.instrument.size):
        if market.instrument[i]["deep"] == 1 and done_at(market, i, t) < 1.0:
            _auction(market, i, t)
