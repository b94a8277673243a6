"""The event loop of a day.

1. `open_books` fills the books before the day (`opening.fill_book`) and writes the
   snapshot (`opening.write_snapshot`).
2. `advance` takes the instrument whose event is due first, draws the fair price there
   (`fair.draw_latent`), lets one event happen (`deep.decide_deep`,
   `quoted.decide_quoted`, `events.carry_out`) and plans the next
   (`schedule.plan`) until the chunk is full or the day over.
3. An opening (18:00 New York) begins with auctions (`opening.reopen`); faults of the feed
   and of the book come at their times (`faults.apply_fault`).
"""

from __future__ import annotations

from typing import Final

from ..compiled import kernel, part
from .deep import decide_deep
from .events import carry_out
from .fair import NANOS, draw_latent, view_of
from .faults import apply_fault
from .market import Market
from .opening import fill_book, reopen, write_snapshot
from .quoted import decide_quoted
from .schedule import CLOSING_NS, done_at, plan, time_of
from .stock import restock

ROOM: Final = 256  # rows that one step may need: a snapshot or an auction of all instruments


@kernel
def open_books(market: Market, snapshot: bool) -> None:
    """Fill all books as of the day's start and, if wanted, write the snapshot records."""
    state = market.state[0]
    state["second"] = -1
    state["last_recv"] = state["start"]
    for i in range(market.instrument.size):
        first = time_of(market, i, done_at(market, i, state["start"]))
        draw_latent(market, first)
        fill_book(market, i)
        if snapshot:
            write_snapshot(market, i)
        plan(market, i, first)


@part
def _next_due(market: Market) -> int:
    found = 0
    for i in range(1, market.instrument.size):
        if market.instrument[i]["due"] < market.instrument[found]["due"]:
            found = i
    return found


@part
def _event(market: Market, i: int, t: int) -> None:
    draw_latent(market, t)
    market.instrument[i]["events"] += 1
    view = view_of(market, i)
    deep = market.instrument[i]["deep"] == 1
    decision = decide_deep(market, i, view) if deep else decide_quoted(market, i, view)
    bid = market.edge[i, 0]["best"]
    ask = market.edge[i, 1]["best"]
    carry_out(market, i, t, decision)
    if deep and (market.edge[i, 0]["best"] != bid or market.edge[i, 1]["best"] != ask):
        for side in range(2):
            restock(market, i, side, view)


@part
def _fault(market: Market) -> None:
    number = market.state[0]["fault"]
    fault = market.fault[number]
    until = fault["at"]
    if number + 1 < market.fault.size:
        until = market.fault[number + 1]["at"]
    market.state[0]["fault"] = number + 1
    apply_fault(market, fault["at"], fault["kind"], fault["side"], until)


@kernel
def advance(market: Market) -> int:
    """Let events happen until the chunk is full or the day is over; return the rows."""
    state = market.state[0]
    end = state["start"] + 86_400 * NANOS - CLOSING_NS
    full = market.wide.shape[0] - ROOM
    while state["row"] < full:
        i = _next_due(market)
        t = market.instrument[i]["due"]
        if state["reopened"] < market.opens.size and t >= market.opens[state["reopened"]]:
            reopen(market, market.opens[state["reopened"]])
            state["reopened"] += 1
            continue
        if state["fault"] < market.fault.size and t >= market.fault[state["fault"]]["at"]:
            _fault(market)
            continue
        if t >= end:
            state["ended"] = 1
            break
        _event(market, i, t)
        plan(market, i, t)
    rows = state["row"]
    state["row"] = 0
    return int(rows)
