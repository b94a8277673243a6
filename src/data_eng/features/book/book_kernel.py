"""The compiled pass over a day's records.

The book is sampled at records that complete an event (F_LAST; a trade record shows the book before
it). After a clear (R) or MAYBE_BAD_BOOK it is unknown until the next complete two-sided book. A
quote is *valid* where the book is known, two-sided, and the ask above the bid. Flow is counted
between two consecutive complete books with valid quotes; snapshot records count in no flow.

Executions of an event are its T records: those with the ``ts_event`` of the record that completes
it. They explain removed volume at their price, and the C and M records beside them are fills.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...compiled import kernel, part
from .book_flow import side_flow
from .pass_state import (
    REALIZED_LAG_NS,
    S_DIRTY,
    S_DUE,
    S_EVENT,
    S_FULL,
    S_HEAD,
    S_KNOWN,
    S_SECOND,
    S_SPREAD,
    S_TAIL,
    S_TRADED,
    S_VALID,
    end_event,
    forget_book,
    integrate,
    keep_book,
    resolve,
)
from .record_chunk import (
    ADD,
    ASK_PX,
    ASK_SZ,
    BID_PX,
    BID_SZ,
    BOOK_VALUES,
    BUY_AGGRESSOR,
    CANCEL,
    CLEAR,
    F_LAST,
    F_MAYBE_BAD_BOOK,
    F_SNAPSHOT,
    LEVELS,
    MODIFY,
    NO_PRICE,
    SELL_AGGRESSOR,
    TRADE,
)
from .second_sums import (
    ADD_ASK,
    ADD_BID,
    BUY,
    CANCEL_ASK,
    CANCEL_BID,
    CHANGES,
    DEPTH_L1,
    DEPTH_L10,
    EFFECTIVE,
    EFFECTIVE_VOLUME,
    FIRST,
    HIGH,
    LOW,
    MESSAGES,
    NOTIONAL,
    NOTIONAL_SQUARED,
    OFI_L1,
    OFI_L10,
    ORDERS,
    SECOND_NS,
    SELL,
    TRADES,
    VOLUME,
)

_TILE = 16  # records whose values of one column fill a cache line


@part
def on_trade(
    t: int,
    second: int,
    side: int,
    price: int,
    size: int,
    bid: int,
    ask: int,
    state: Any,
    book: Any,
    executed: Any,
    queue: Any,
    sums: Any,
    prices: Any,
) -> None:
    """Count a trade; ``bid`` and ``ask`` are its own record's, `NO_PRICE` where not to be used."""
    p, v = np.int64(price), np.int64(size)
    row = sums[second]
    row[VOLUME] += v
    row[TRADES] += 1
    row[NOTIONAL] += v * p
    row[NOTIONAL_SQUARED] += v * p * p
    if prices[second, FIRST] == NO_PRICE:
        prices[second, :] = price
    prices[second, HIGH] = max(prices[second, HIGH], price)
    prices[second, LOW] = min(prices[second, LOW], price)
    state[S_TRADED] = 1
    for k in range(2 * LEVELS):
        if book[k] == price:
            executed[k] += v
    if side not in (BUY_AGGRESSOR, SELL_AGGRESSOR):
        return
    sign = 1 if side == BUY_AGGRESSOR else -1
    row[BUY if sign > 0 else SELL] += v
    if min(bid, ask) > NO_PRICE and ask > bid:
        row[EFFECTIVE] += v * sign * (2 * p - bid - ask)
        row[EFFECTIVE_VOLUME] += v
    tail = state[S_TAIL]
    if tail == state[S_HEAD]:
        state[S_DUE] = t + REALIZED_LAG_NS
    queue[tail, 0], queue[tail, 1], queue[tail, 2] = t, sign * v, p
    state[S_TAIL] += 1


@part
def count_flow(second: int, old: Any, new: Any, executed: Any, sums: Any) -> None:
    """Count the change from one valid complete book to the next."""
    row = sums[second]
    bid, bids, added, cancelled = side_flow(old, new, BID_PX, BID_SZ, 1, executed)
    row[ADD_BID] += added
    row[CANCEL_BID] += cancelled
    ask, asks, added, cancelled = side_flow(old, new, ASK_PX, ASK_SZ, -1, executed)
    row[ADD_ASK] += added
    row[CANCEL_ASK] += cancelled
    depth = 0
    for k in range(BID_SZ, BID_SZ + 2 * LEVELS):
        depth += new[k]
    row[OFI_L1] += bid - ask
    row[OFI_L10] += bids - asks
    row[CHANGES] += 1
    row[DEPTH_L1] += new[BID_SZ] + new[ASK_SZ]
    row[DEPTH_L10] += depth


@part
def on_book(
    t: int,
    start_ns: int,
    second: int,
    new: Any,
    is_flow: bool,
    state: Any,
    book: Any,
    executed: Any,
    sums: Any,
) -> None:
    """Take a complete book."""
    bid, ask = new[BID_PX], new[ASK_PX]
    is_two_sided = min(bid, ask) > NO_PRICE
    if not state[S_KNOWN] and not is_two_sided:
        return
    is_valid = is_two_sided and ask > bid
    is_full = is_valid and new[BID_PX + LEVELS - 1] != NO_PRICE
    is_full = is_full and new[ASK_PX + LEVELS - 1] != NO_PRICE
    if is_flow and is_valid and state[S_VALID]:
        count_flow(second, book, new, executed, sums)
    spread = ask - bid if is_valid else 0
    if is_valid != state[S_VALID] or is_full != state[S_FULL] or spread != state[S_SPREAD]:
        integrate(t, start_ns, state, sums)
        state[S_VALID], state[S_FULL], state[S_SPREAD] = is_valid, is_full, spread
    state[S_KNOWN] = 1
    state[S_DIRTY] = 1
    book[:] = new


@part
def count_message(second: int, act: int, flag: int, state: Any, sums: Any) -> None:
    """Count a record among the events and the orders."""
    if flag & F_SNAPSHOT:
        return
    if flag & F_LAST:
        sums[second, MESSAGES] += 1
    if act == ADD or (act in (CANCEL, MODIFY) and not state[S_TRADED]):
        sums[second, ORDERS] += 1


@part
def take_book(
    t: int,
    start_ns: int,
    second: int,
    act: int,
    flag: int,
    new: Any,
    state: Any,
    book: Any,
    executed: Any,
    sums: Any,
) -> None:
    """Take the book of a record where it completes an event, or learn that it is unknown."""
    is_complete = flag & F_LAST != 0 and act != TRADE
    if flag & F_MAYBE_BAD_BOOK or act == CLEAR:
        forget_book(t, start_ns, state, sums)
    elif is_complete:
        is_flow = flag & F_SNAPSHOT == 0
        on_book(t, start_ns, second, new, is_flow, state, book, executed, sums)
    if is_complete:
        end_event(state, executed)


@part
def transpose(levels: Any, first: int, count: int, tile: Any) -> None:
    """Copy the books of a few records, which lie in 60 columns, to one row each."""
    for k in range(BOOK_VALUES):
        for r in range(count):
            tile[r, k] = levels[k, first + r]


@kernel
def advance(
    times: Any,
    ts_event: Any,
    action: Any,
    side: Any,
    flags: Any,
    price: Any,
    size: Any,
    levels: Any,
    start_ns: int,
    end_ns: int,
    state: Any,
    book: Any,
    executed: Any,
    queue: Any,
    sums: Any,
    books: Any,
    status: Any,
    prices: Any,
) -> int:
    """Take records until the end of the day's part, or of the arrays.

    Parameters
    ----------
    times, ts_event, action, side, flags, price, size, levels
        The arrays of a `RecordChunk`.
    start_ns, end_ns : int, ns since epoch UTC
        Bounds of the sums; no record lies before ``start_ns``, one from ``end_ns`` on ends it.
    state : int64 array, shape (STATE_VALUES,)
    book : int32 array, shape (60,)
        The last complete book.
    executed : int64 array, shape (20,)
        Contracts executed in the event under way, by level of ``book``.
    queue : int64 array, shape (m, 3)
        Trades that wait: time, signed size, price in ticks. Room for those of these records.
    sums, books, status, prices
        The arrays of `SecondSums`.

    Returns
    -------
    int
        Number of records taken.
    """
    tile = np.empty((_TILE, BOOK_VALUES), np.int32)
    for i in range(times.shape[0]):
        t = times[i]
        if t >= end_ns:
            return i
        if i % _TILE == 0:
            transpose(levels, i, min(_TILE, times.shape[0] - i), tile)
        new = tile[i % _TILE]
        second = (t - start_ns) // SECOND_NS
        if second != state[S_SECOND]:
            keep_book(state, book, books, status)
            state[S_SECOND] = second
        if t >= state[S_DUE]:
            resolve(t, start_ns, state, book, queue, sums)
        if ts_event[i] != state[S_EVENT]:
            state[S_EVENT] = ts_event[i]
            end_event(state, executed)
        act, flag = action[i], flags[i]
        count_message(second, act, flag, state, sums)
        is_trade = act == TRADE and flag & F_SNAPSHOT == 0
        if is_trade and price[i] != NO_PRICE and size[i] >= 0:
            # A book that may be bad gives no mid.
            ask = NO_PRICE if flag & F_MAYBE_BAD_BOOK else new[ASK_PX]
            on_trade(
                t, second, side[i], price[i], size[i], new[BID_PX], ask,
                state, book, executed, queue, sums, prices,
            )  # fmt: skip
        take_book(t, start_ns, second, act, flag, new, state, book, executed, sums)
    return len(times)
