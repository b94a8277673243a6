"""Writing MBP-1 records and the statistics that follow from them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ...compiled import part
from ...elementary import exp_of
from ..layout import (
    ACTION_TRADE,
    FLAG_EVENT_END,
    FLAG_SNAPSHOT_ROW,
    FLAG_TRADE,
    PUBLISHER_ID,
    UNDEFINED_PRICE,
)
from ..randomness import normal, uniform
from ..record import MAX_LATENCY_NS, MIN_LATENCY_NS
from .layout import MBP1_BYTES, NICKEL_NANOS, RTYPE_MBP1
from .market import NO_QUOTE, OptionMarket

_HEAD: Final = (MBP1_BYTES // 4) | (RTYPE_MBP1 << 8) | (PUBLISHER_ID << 16)
_FLAG_LAST: Final = 128  # most rows of options carry nothing else

# Not ints: Numba compiles a function anew for every literal int it is called with.
OPENING_PRICE: Final[Any] = np.int64(1)
SESSION_LOW: Final[Any] = np.int64(4)
SESSION_HIGH: Final[Any] = np.int64(5)
LOWEST_OFFER: Final[Any] = np.int64(7)
HIGHEST_BID: Final[Any] = np.int64(8)


@part
def stamp_packet(market: OptionMarket, ts_event: int) -> None:
    """Give an event a receive time and a sequence."""
    clock = market.state[0]
    queueing = exp_of(1.35 * normal(market.random)) * 22_500.0
    recv = ts_event + MIN_LATENCY_NS + min(int(queueing), MAX_LATENCY_NS)
    behind = clock["last_recv"] + 150 + int(1_500 * uniform(market.random))
    clock["last_recv"] = max(recv, behind)
    clock["last_event"] = ts_event
    clock["sequence"] += 1 + int(1.6 * uniform(market.random))


@part
def _write_side(market: OptionMarket, row: int, side: int, price: int, size: int, n: int) -> None:
    if price == NO_QUOTE:
        market.wide[row, 6 + side] = UNDEFINED_PRICE
        market.narrow[row, 16 + side] = 0
        market.narrow[row, 18 + side] = 0
        return
    market.wide[row, 6 + side] = price * NICKEL_NANOS
    market.narrow[row, 16 + side] = size
    market.narrow[row, 18 + side] = n


@part
def write_quote(
    market: OptionMarket, i: int, action: int, side: int, price: int, size: int
) -> None:
    """Write one record with the instrument's quotes as they stand.

    `action` and `side` are the vendor's letters; time and sequence are the packet's.
    """
    clock = market.state[0]
    row = clock["row"]
    clock["row"] = row + 1
    clock["emitted"] += 1
    flags = FLAG_TRADE
    if action != ACTION_TRADE:
        flags = FLAG_EVENT_END if uniform(market.random) < 0.1 else _FLAG_LAST
    delay = 11_400 + int(3_000 * uniform(market.random) ** 2)
    item = market.instrument[i]
    wide = market.wide
    narrow = market.narrow
    narrow[row, 0] = _HEAD
    narrow[row, 1] = item["id"]
    wide[row, 1] = clock["last_event"]
    wide[row, 2] = price * NICKEL_NANOS
    narrow[row, 6] = size
    narrow[row, 7] = action | (side << 8) | (flags << 16)
    wide[row, 4] = clock["last_recv"]
    narrow[row, 10] = delay
    narrow[row, 11] = clock["sequence"]
    _write_side(market, row, 0, item["bid"], item["bid_size"], item["bid_count"])
    _write_side(market, row, 1, item["ask"], item["ask_size"], item["ask_count"])


@part
def mark_snapshot(market: OptionMarket, row: int, ts_event: int) -> None:
    """Turn a record into a snapshot record: received at midnight, no gateway delay."""
    market.wide[row, 1] = ts_event
    market.wide[row, 4] = market.state[0]["start"]
    market.narrow[row, 10] = 0
    market.narrow[row, 7] = (market.narrow[row, 7] & 0xFF00FFFF) | (FLAG_SNAPSHOT_ROW << 16)


@part
def _publish(market: OptionMarket, i: int, stat_type: int, price: int) -> None:
    clock = market.state[0]
    event = market.statistic[clock["statistics"]]
    clock["statistics"] += 1
    event["ts_event"] = clock["last_event"]
    event["ts_recv"] = clock["last_recv"]
    event["id"] = market.instrument[i]["id"]
    event["price"] = price
    event["sequence"] = clock["sequence"]
    event["stat_type"] = stat_type


@part
def publish_quote_extremes(market: OptionMarket, i: int) -> None:
    """Publish a bid above, or an offer below, all others of the session."""
    item = market.instrument[i]
    if item["bid"] != NO_QUOTE and (
        item["highest_bid"] == NO_QUOTE or item["bid"] > item["highest_bid"]
    ):
        item["highest_bid"] = item["bid"]
        _publish(market, i, HIGHEST_BID, item["bid"])
    if item["ask"] != NO_QUOTE and (
        item["lowest_ask"] == NO_QUOTE or item["ask"] < item["lowest_ask"]
    ):
        item["lowest_ask"] = item["ask"]
        _publish(market, i, LOWEST_OFFER, item["ask"])


@part
def publish_trade_extremes(market: OptionMarket, i: int, price: int) -> None:
    """Publish the session's opening price and a new high or low."""
    item = market.instrument[i]
    first = item["traded"] == 0
    if first:
        item["traded"] = 1
        _publish(market, i, OPENING_PRICE, price)
    if first or price > item["high"]:
        item["high"] = price
        _publish(market, i, SESSION_HIGH, price)
    if first or price < item["low"]:
        item["low"] = price
        _publish(market, i, SESSION_LOW, price)
