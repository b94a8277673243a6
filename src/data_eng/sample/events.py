"""What a decision does to the book."""

from __future__ import annotations

from ..compiled import part
from .executions import iceberg, take
from .market import CANCEL, ICEBERG, MOVE, PLACE, RESIZE, TAKE, Decision, Market
from .orders import cancel, move, place, resize, thin


@part
def carry_out(market: Market, i: int, t: int, decision: Decision) -> None:
    """Let a decision happen and write its records."""
    side = decision.side
    price = decision.price
    if decision.kind == PLACE:
        place(market, i, t, side, price, decision.size)
    elif decision.kind == CANCEL:
        cancel(market, i, t, side, price, decision.size)
    elif decision.kind == RESIZE:
        resize(market, i, t, side, price)
    elif decision.kind == MOVE:
        move(market, i, t, side, price, decision.other)
    elif decision.kind == TAKE:
        take(market, i, t, side, decision.size, decision.other)
    elif decision.kind == ICEBERG:
        iceberg(market, i, t, side, decision.size, decision.other)
    else:
        thin(market, i, t, side, decision.size, decision.other)
