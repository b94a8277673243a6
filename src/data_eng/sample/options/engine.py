"""The event loop of a day of options.

1. `advance` first writes the snapshot at midnight UTC: the quotes of every instrument that
   traded before.
2. Then events follow the day's activity. Of the outrights that their future has left behind
   by half their spread one of those furthest behind comes first, else an instrument is picked
   by its part of the flow; its quotes follow the future (`quoting.update_quotes`), or it
   trades. The other option of its strike and those of the next strikes, after a move those
   that it left behind, are re-quoted in the same packet: call and put tell one forward.
3. A session's opening (18:00 New York) begins with empty books and new extremes. A session
   that is under way at midnight counts its extremes and opening price from there.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...compiled import kernel, part
from ..layout import (
    ACTION_ADD,
    ACTION_CANCEL,
    ACTION_MODIFY,
    ACTION_TRADE,
    SIDE_ASK,
    SIDE_BID,
    SIDE_NONE,
)
from ..randomness import below, geometric, uniform
from .market import NO_QUOTE, OptionMarket
from .quoting import (
    ASK,
    BID,
    deplete,
    future_of,
    is_left_behind,
    left_behind,
    set_side,
    set_size,
    update_quotes,
    wanted_quotes,
)
from .record import mark_snapshot, publish_trade_extremes, stamp_packet, write_quote

ROOM: Final = 256  # rows that one event may need
STATISTICS_PER_ROW: Final = 4
CLOSING_NS: Final = 30_000_000  # no event this near to a close: it would be received after
_NANOS: Final = 1_000_000_000
_DAY_SECONDS: Final = 86_400
_TRADES: Final = 0.05  # of the events
_QUOTED_SPREADS: Final = 0.3  # of the spreads listed before the day
_TRIES: Final = 100
_LOOKS: Final = 16  # outrights looked at for the one that its future has left furthest behind
_STRIKES: Final = 20  # above an option that may be re-quoted with it
_LAST_STRIKE: Final = 0.3  # probability that a strike is the last of them


@part
def _is_live(market: OptionMarket, i: int, t: int) -> bool:
    item = market.instrument[i]
    return bool(item["listed"] <= t < item["expiration"] - CLOSING_NS)


@part
def _is_quoted(market: OptionMarket, i: int, t: int) -> bool:
    current = market.instrument[i]["session"] == market.state[0]["session"]
    return bool(current and _is_live(market, i, t))


@part
def _snapshot_one(market: OptionMarket, i: int) -> None:
    state = market.state[0]
    start = state["start"]
    if not _is_live(market, i, start):
        return
    if market.instrument[i]["legs"] > 0 and uniform(market.random) > _QUOTED_SPREADS:
        return
    bid, ask = wanted_quotes(market, i, start)
    market.instrument[i]["quoted_at"] = future_of(market, i, start)
    set_side(market, i, BID, bid)
    set_side(market, i, ASK, ask)
    state["sequence"] += 1
    # The last change of the book, since the session's opening.
    ts_event = start - int(3_000e9 * uniform(market.random)) - 1_000_000
    row = state["row"]
    write_quote(market, i, ACTION_ADD, SIDE_NONE, ask, market.instrument[i]["ask_size"])
    mark_snapshot(market, row, ts_event)
    state["snapshot"] += 1


@part
def _next_time(market: OptionMarket) -> int:
    # The fraction of records written is the fraction of the day's activity that is past.
    state = market.state[0]
    left = max(1.0, state["target"] - state["snapshot"])
    done = (state["emitted"] - state["snapshot"] + uniform(market.random)) / left
    progress = market.progress
    second = state["second"]
    while second < _DAY_SECONDS and progress[second + 1] <= done:
        second += 1
    state["second"] = second
    if second >= _DAY_SECONDS:
        return int(state["start"] + _DAY_SECONDS * _NANOS)
    share = max(0.0, done - progress[second]) / (progress[second + 1] - progress[second])
    due = state["start"] + second * _NANOS + int(share * _NANOS)
    due = max(due, state["last_event"] + 900)
    for close in market.closes:
        if close - CLOSING_NS <= due < close:
            due = close
    return int(due)


@part
def _first_above(values: NDArray[np.float64], bound: float) -> int:
    low = 0
    high = values.size - 1
    while low < high:
        middle = (low + high) // 2
        if values[middle] > bound:
            high = middle
        else:
            low = middle + 1
    return low


@part
def _pick(market: OptionMarket, t: int) -> int:
    # Spreads get their share of the records, not of the events.
    state = market.state[0]
    share = state["spread_share"]
    missing = share * (state["emitted"] - state["snapshot"]) - state["spread_rows"]
    is_spread = share > 0.0 and uniform(market.random) < share + 0.05 * missing
    shift = 1.0 if is_spread else 0.0
    for _ in range(_TRIES):
        i = _first_above(market.weight, shift + uniform(market.random))
        if _is_live(market, i, t):
            return i
    # Nearly everything expired or is not listed yet: the last outright lives longest.
    i = market.instrument.size - 1
    while market.instrument[i]["legs"] > 0:
        i -= 1
    return i


@part
def _pick_left_behind(market: OptionMarket, t: int) -> int:
    # The outright that its future has left furthest behind, of some that are looked at; -1 if none.
    found = -1
    furthest = 1.0
    for _ in range(_LOOKS):
        i = _first_above(market.weight, uniform(market.random))
        behind = left_behind(market, i, t) if _is_quoted(market, i, t) else 0.0
        if behind > furthest:
            found, furthest = i, behind
    return int(found)


@part
def _enter_session(market: OptionMarket, i: int) -> None:
    # Day orders ended with the last session, and its extremes are history.
    item = market.instrument[i]
    if item["session"] == market.state[0]["session"]:
        return
    item["session"] = market.state[0]["session"]
    item["traded"] = 0
    item["highest_bid"] = NO_QUOTE
    item["lowest_ask"] = NO_QUOTE
    set_side(market, i, BID, NO_QUOTE)
    set_side(market, i, ASK, NO_QUOTE)


@part
def _after_fill(market: OptionMarket, i: int, side: int, size: int) -> None:
    # The row after a trade: the resting side without what was executed.
    item = market.instrument[i]
    letter = SIDE_BID if side == 0 else SIDE_ASK
    price = item["bid"] if side == 0 else item["ask"]
    shown = item["bid_size"] if side == 0 else item["ask_size"]
    count = item["bid_count"] if side == 0 else item["ask_count"]
    if size == shown:
        deplete(market, i, side)
        write_quote(market, i, ACTION_CANCEL, letter, price, size)
        return
    left = shown - size
    if count > 1 and uniform(market.random) < 0.5:
        set_size(market, i, side, left, max(1, min(count - 1, left)))
        write_quote(market, i, ACTION_CANCEL, letter, price, size)
        return
    count = min(count, left)
    set_size(market, i, side, left, count)
    # Partly filled: the row carries what is left of that one order.
    write_quote(market, i, ACTION_MODIFY, letter, price, max(1, left - count + 1))


@part
def _trade(market: OptionMarket, i: int) -> None:
    item = market.instrument[i]
    side: Any = ASK if item["bid"] == NO_QUOTE else np.int64(below(market.random, 2))
    price = item["bid"] if side == 0 else item["ask"]
    shown = item["bid_size"] if side == 0 else item["ask_size"]
    size = min(shown, 1 + geometric(market.random, 0.15))
    if uniform(market.random) < 0.06:
        size = shown
    aggressor = SIDE_ASK if side == 0 else SIDE_BID
    write_quote(market, i, ACTION_TRADE, aggressor, price, size)
    publish_trade_extremes(market, i, price)
    _after_fill(market, i, side, size)


@part
def _requote_beside(market: OptionMarket, i: int, t: int, moved: bool) -> None:
    # A maker's mass quote of this strike and of the next ones; after a move, of those left behind.
    first = i - i % 2
    last = min(
        market.instrument[i]["last_of_group"],
        first + 1 + 2 * min(_STRIKES, geometric(market.random, _LAST_STRIKE)),
    )
    for j in range(first, last + 1):
        if j != i and _is_quoted(market, j, t) and (not moved or is_left_behind(market, j, t)):
            update_quotes(market, j, t, False)


@part
def _event(market: OptionMarket, t: int) -> None:
    i = _pick(market, t)
    behind = _pick_left_behind(market, t) if market.instrument[i]["legs"] == 0 else -1
    if behind >= 0:
        i = behind
    item = market.instrument[i]
    emitted = market.state[0]["emitted"]
    stamp_packet(market, t)
    _enter_session(market, i)
    trades = uniform(market.random) < _TRADES
    update_quotes(market, i, t, not trades)
    if trades:
        _trade(market, i)
    if item["legs"] > 0:
        market.state[0]["spread_rows"] += market.state[0]["emitted"] - emitted
        return
    if not trades:
        _requote_beside(market, i, t, behind >= 0)


@part
def _open_sessions(market: OptionMarket, t: int) -> None:
    opened = 0
    for opening in market.opens:
        if t >= opening:
            opened += 1
    market.state[0]["session"] = opened


@kernel
def advance(market: OptionMarket) -> tuple[int, int]:
    """Let events happen until the chunk is full or the day is over.

    Returns
    -------
    rows, statistics : int
        Entries written to `wide` and `narrow`, and to `statistic`.
    """
    state: Any = market.state[0]
    full = market.wide.shape[0] - ROOM
    while state["snapshot_next"] < market.instrument.size and state["row"] < full:
        _snapshot_one(market, state["snapshot_next"])
        state["snapshot_next"] += 1
    end = state["start"] + _DAY_SECONDS * _NANOS - CLOSING_NS
    while state["row"] < full:
        t = _next_time(market)
        if state["emitted"] >= state["target"] or t >= end:
            state["ended"] = 1
            break
        _open_sessions(market, t)
        _event(market, t)
    rows = state["row"]
    statistics = state["statistics"]
    state["row"] = 0
    state["statistics"] = 0
    return int(rows), int(statistics)
