"""Writing MBP-10 records from a book."""

from __future__ import annotations

from typing import Final

from ..compiled import part
from ..elementary import exp_of
from .book import better_levels, outward
from .layout import (
    ACTION_CLEAR,
    ACTION_MODIFY,
    ACTION_TRADE,
    FLAG_EVENT_END,
    FLAG_SNAPSHOT_ROW,
    FLAG_TRADE,
    PUBLISHER_ID,
    RECORD_BYTES,
    SIDE_ASK,
    SIDE_BID,
    SIDE_NONE,
    TOP,
    UNDEFINED_PRICE,
)
from .market import Market
from .randomness import normal, uniform

_RTYPE_MBP10: Final = 10
_HEAD: Final = (RECORD_BYTES // 4) | (_RTYPE_MBP10 << 8) | (PUBLISHER_ID << 16)
_WORDS: Final = RECORD_BYTES // 8
MIN_LATENCY_NS: Final = 77_000
MAX_LATENCY_NS: Final = 12_000_000


@part
def side_code(side: int) -> int:
    """Return the vendor's letter of a side of the book."""
    code: int = SIDE_ASK if side == 1 else SIDE_BID
    return code


@part
def stamp_packet(market: Market, ts_event: int) -> None:
    """Give the event a packet: a receive time and a sequence, sometimes the previous one's."""
    clock = market.state[0]
    state = market.random
    fresh = ts_event + MIN_LATENCY_NS
    if clock["last_recv"] >= fresh and uniform(state) < 0.3:
        return
    queueing = exp_of(1.35 * normal(state)) * 22_500.0
    recv = fresh + min(int(queueing), MAX_LATENCY_NS)
    behind = clock["last_recv"] + 150 + int(1_500 * uniform(state))
    clock["last_recv"] = max(recv, behind)
    clock["sequence"] += 1 + int(1.6 * uniform(state))


@part
def _write_levels(market: Market, i: int, row: int) -> None:
    wide = market.wide
    narrow = market.narrow
    tick = market.instrument[i]["tick_nanos"]
    base = market.instrument[i]["base"]
    for side in range(2):
        out = outward(side)
        price = market.edge[i, side]["best"]
        shown = min(10, market.edge[i, side]["levels"])
        if market.instrument[i]["shown"] & (1 << side) == 0:
            shown = 0
        k = 0
        while k < shown:
            level = market.level[i, side, price]
            count = level["orders"]
            if count > 0:
                wide[row, 6 + 4 * k + side] = (base + price) * tick
                narrow[row, 16 + 8 * k + side] = level["contracts"]
                narrow[row, 18 + 8 * k + side] = count
                k += 1
            price += out
        while k < 10:
            wide[row, 6 + 4 * k + side] = UNDEFINED_PRICE
            narrow[row, 16 + 8 * k + side] = 0
            narrow[row, 18 + 8 * k + side] = 0
            k += 1


@part
def write_row(
    market: Market, i: int, ts_event: int, action: int, side: int, price: int, size: int, depth: int
) -> None:
    """Write one record with the book as it stands.

    `side` is the vendor's letter; `price` is in ticks of the book's index.
    """
    clock = market.state[0]
    row = clock["row"]
    clock["row"] = row + 1
    item = market.instrument[i]
    item["emitted"] += 1
    wide = market.wide
    narrow = market.narrow
    flags = FLAG_EVENT_END
    if action == ACTION_TRADE:
        flags = FLAG_TRADE
        item["trades"] += 1
    elif action == ACTION_MODIFY:
        item["modifies"] += 1
    flags |= clock["doubt"]
    delay = 11_400 + int(3_000 * uniform(market.random) ** 2)
    if uniform(market.random) < 0.12:
        delay += int(9_000 * uniform(market.random))
    narrow[row, 0] = _HEAD
    narrow[row, 1] = market.instrument[i]["id"]
    wide[row, 1] = ts_event
    wide[row, 2] = (market.instrument[i]["base"] + price) * market.instrument[i]["tick_nanos"]
    narrow[row, 6] = size
    narrow[row, 7] = action | (side << 8) | (flags << 16) | (depth << 24)
    wide[row, 4] = clock["last_recv"]
    narrow[row, 10] = delay
    narrow[row, 11] = clock["sequence"]
    _write_levels(market, i, row)


@part
def write_clear(market: Market, i: int, ts_event: int) -> None:
    """Write the record that clears an instrument's book; its sides are hidden already."""
    row = market.state[0]["row"]
    write_row(market, i, ts_event, ACTION_CLEAR, SIDE_NONE, 0, 0, TOP)
    market.wide[row, 2] = UNDEFINED_PRICE


@part
def write_change(
    market: Market, i: int, ts_event: int, action: int, side: int, price: int, size: int
) -> None:
    """Write the record of an order's change on one side, after the change."""
    depth = min(9, better_levels(market, i, side, price))
    write_row(market, i, ts_event, action, side_code(side), price, size, depth)


@part
def repeat_row(market: Market, i: int, price: int, size: int, depth: int) -> None:
    """Write the previous record, a trade, again with another price, size and depth."""
    row = market.state[0]["row"]
    market.state[0]["row"] = row + 1
    market.instrument[i]["emitted"] += 1
    market.instrument[i]["trades"] += 1
    wide = market.wide
    narrow = market.narrow
    for k in range(_WORDS):
        wide[row, k] = wide[row - 1, k]
    wide[row, 2] = (market.instrument[i]["base"] + price) * market.instrument[i]["tick_nanos"]
    narrow[row, 6] = size
    narrow[row, 7] = (narrow[row, 7] & 0x00FFFFFF) | (depth << 24)


@part
def set_flags(market: Market, row: int, flags: int) -> None:
    """Give a record other flags."""
    narrow = market.narrow
    narrow[row, 7] = (narrow[row, 7] & 0xFF00FFFF) | (flags << 16)


@part
def mark_snapshot(market: Market, row: int) -> None:
    """Turn a record into a snapshot record: received at midnight, no gateway delay."""
    market.wide[row, 4] = market.state[0]["start"]
    market.narrow[row, 10] = 0
    set_flags(market, row, FLAG_SNAPSHOT_ROW)
