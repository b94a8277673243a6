"""How many contracts a deep book wants at its prices, and orders placed out of sight."""

from __future__ import annotations

from typing import Final

from ..compiled import part
from ..elementary import exp_of
from .book import add_order, clear_level, level_at, outward
from .market import Market, View
from .orders import draw_size
from .randomness import exponential, normal

_STOCKED: Final = 26  # ticks behind the best price that are stocked,
_BEHIND: Final = 16  # and behind the last price on record
_KEPT: Final = 54  # ticks behind the last price on record beyond which orders are forgotten


@part
def hump(k: int) -> float:
    """Return the size wanted `k` ticks behind the best price, relative to it."""
    if k == 0:
        return 1.0
    if k < 4:
        return 1.45 + 0.12 * k
    return max(1.25, 1.95 - 0.06 * k)


@part
def wanted_at(market: Market, i: int, side: int, price: int, view: View) -> float:
    """Return the contracts wanted at a price: fewer where the fair price threatens it."""
    k = abs(price - market.edge[i, side]["best"])
    wanted = view.wanted * hump(k) * market.level[i, side, price]["weight"]
    if k < 2:
        threat = (view.gap if side == 1 else -view.gap) / view.band
        factor = min(1.6, max(0.06, 1.0 - 1.15 * threat))
        wanted *= factor if k == 0 else 0.5 + 0.5 * factor
    return float(wanted)


@part
def arriving_size(market: Market, i: int, side: int, price: int, view: View) -> int:
    """Draw the contracts of an arrival; the scarcer events are, the more orders each brings."""
    missing = wanted_at(market, i, side, price, view)
    missing -= market.level[i, side, price]["contracts"]
    extra = exponential(market.random) * view.refill * max(0.0, missing)
    return draw_size(market.random) + int(extra)


@part
def stock_level(market: Market, i: int, side: int, price: int, wanted: float) -> None:
    """Fill an empty price with orders, off the record."""
    level = market.level[i, side, price]
    level["weight"] = exp_of(0.3 * normal(market.random) - 0.045)
    goal = 1.0 + wanted * level["weight"]
    while level["contracts"] < goal:
        add_order(market, i, side, price, draw_size(market.random))


@part
def restock(market: Market, i: int, side: int, view: View) -> None:
    """Keep prices out of sight stocked, so that a move finds a book there."""
    # Only behind the ten prices on record: what is shown never changes without an event.
    out = outward(side)
    best = market.edge[i, side]["best"]
    shown = abs(level_at(market, i, side, 9) - best)
    for k in range(shown + 1, max(shown + _BEHIND, _STOCKED)):
        price = best + k * out
        if market.level[i, side, price]["orders"] == 0:
            stock_level(market, i, side, price, view.wanted * hump(k))
    limit = best + out * (shown + _KEPT)
    while (market.edge[i, side]["far"] - limit) * out > 0:
        clear_level(market, i, side, market.edge[i, side]["far"])
        market.edge[i, side]["far"] -= out
