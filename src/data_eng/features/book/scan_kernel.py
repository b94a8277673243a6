"""The compiled scan of a day's records.

Books are taken as `book_rules` says. Flow is counted between two consecutive complete books with
valid quotes; snapshot records count in no flow.

Executions of an event are its trades: those with the ``ts_event`` of the record that completes it.
They explain removed volume at their price on the side that they hit, and the C and M records beside
them are fills.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...compiled import kernel, part
from .book_rules import (
    MAX_SILENCE_NS,
    completes_event,
    is_counted_trade,
    is_valid_quote,
    loses_book,
)
from .displayed_kernel import (
    close_display,
)
from .displayed_slots import most_slots_of
from .record_chunk import (
    ADD,
    ASK_PX,
    BID_PX,
    BOOK_LEVELS,
    BOOK_VALUES,
    BUY_AGGRESSOR,
    CANCEL,
    FLAG_LAST,
    FLAG_MAYBE_BAD_BOOK,
    FLAG_SNAPSHOT,
    MODIFY,
    NO_PRICE,
    SELL_AGGRESSOR,
    TRADE,
)
from .scan_book import fall_silent, forget_book, take_book
from .scan_state import (
    REALIZED_LAG_NS,
    count_unknown,
    end_event,
    integrate,
    keep_second,
    resolve,
)
from .second_sums import (
    BUY,
    EFFECTIVE,
    EFFECTIVE_VOLUME,
    FIRST,
    HIGH,
    LAST,
    LOW,
    MESSAGES,
    NOTIONAL,
    NOTIONAL_SQUARED,
    ORDERS,
    RECORDS,
    SECOND_NS,
    SELL,
    TRADES,
    VOLUME,
)

_TILE = 16  # records whose values of one column fill a cache line


@part
def take_trade(bid: int, ask: int, state: Any, waiting: Any) -> None:
    """Count a trade; ``bid`` and ``ask`` are its own record's, `NO_PRICE` where not to be used."""
    p, v, side = state.price, state.size, state.side
    state.sums[VOLUME] += v
    state.sums[TRADES] += 1
    state.sums[NOTIONAL] += v * p
    state.sums[NOTIONAL_SQUARED] += v * p * p
    if state.prices[FIRST] == NO_PRICE:
        state.prices[FIRST] = state.prices[HIGH] = state.prices[LOW] = p
    state.prices[HIGH] = max(state.prices[HIGH], p)
    state.prices[LOW] = min(state.prices[LOW], p)
    state.prices[LAST] = p
    state.has_traded = 1
    # A buyer hits asks, a seller bids; without a side, whatever the book displays there.
    first = BID_PX if side != BUY_AGGRESSOR else ASK_PX
    last = ASK_PX + BOOK_LEVELS if side != SELL_AGGRESSOR else ASK_PX
    for k in range(first, last):
        if state.book[k] == p:
            state.executed[k] += v
    if side not in (BUY_AGGRESSOR, SELL_AGGRESSOR):
        return
    sign = 1 if side == BUY_AGGRESSOR else -1
    state.sums[BUY if sign > 0 else SELL] += v
    if is_valid_quote(bid, ask):
        state.sums[EFFECTIVE] += v * sign * (2 * p - bid - ask)
        state.sums[EFFECTIVE_VOLUME] += v
    due_ns = state.now_ns + REALIZED_LAG_NS
    if state.first_waiting == state.end_waiting:
        state.due_ns = due_ns
    trade = waiting[state.end_waiting]
    trade.due_ns, trade.signed, trade.price = due_ns, sign * v, p
    state.end_waiting += 1


@part
def count_message(state: Any) -> None:
    """Count a record among the events and the orders."""
    if state.flags & FLAG_SNAPSHOT:
        return
    if state.flags & FLAG_LAST:
        state.sums[MESSAGES] += 1
    action = state.action
    if action == ADD or (action in (CANCEL, MODIFY) and not state.has_traded):
        state.sums[ORDERS] += 1


@part
def close_second(state: Any, slots: Any, rows: Any, waiting: Any, seconds: Any) -> bool:
    """End the second under way; return False where there is no room for its rows."""
    if state.rows + state.used > rows.shape[0]:
        return False
    end_ns = state.start_ns + (state.second + 1) * SECOND_NS
    if end_ns >= state.silent_ns:
        resolve(state.silent_ns - 1, state, waiting)
        fall_silent(end_ns, state, slots)
    state.now_ns = end_ns
    # A trade is resolved by the book before its fifth second, also where no record follows.
    resolve(state.now_ns - 1, state, waiting)
    integrate(state)
    count_unknown(state)
    close_display(state, slots, rows)
    keep_second(state, seconds)
    return True


@part
def transpose(book: Any, first: int, count: int, tile: Any) -> None:
    """Copy the books of a few records, which lie in 60 columns, to one row each."""
    for k in range(BOOK_VALUES):
        for r in range(count):
            tile[r, k] = book[k, first + r]


@part
def take_record(new: Any, state: Any, slots: Any, waiting: Any) -> None:
    """Take the record in the state, whose book is ``new``, into the second under way."""
    action, flags = state.action, state.flags
    state.last_ns = state.now_ns
    state.sums[RECORDS] += 1
    if state.ts_event != state.event_ns:
        state.event_ns = state.ts_event
        end_event(state)
    count_message(state)
    is_snapshot = flags & FLAG_SNAPSHOT != 0
    if action == TRADE and is_counted_trade(state.price, state.size, is_snapshot):
        # A book that may be bad gives no mid.
        ask = NO_PRICE if flags & FLAG_MAYBE_BAD_BOOK else new[ASK_PX]
        take_trade(new[BID_PX], ask, state, waiting)
    is_complete = completes_event(action, flags)
    if loses_book(action, flags):
        forget_book(state, slots)
    elif is_complete:
        take_book(not is_snapshot, new, state, slots)
    if is_complete:
        end_event(state)


@kernel
def scan_records(records: Any, first: int, scan: Any) -> int:
    """Take records until the end of the day's part, of the arrays, or of the room.

    Parameters
    ----------
    records : RecordArrays
    first : int
        First record to take; none lies before the scan's ``start_ns``.
    scan : Scan

    Returns
    -------
    int
        Number of the first record that was not taken.
    """
    state, slots, rows, waiting, seconds = scan
    now = state[0]
    most_used = most_slots_of(slots.shape[0])
    tile = np.empty((_TILE, BOOK_VALUES), np.int32)
    # Taken out of the tuple once: there its arrays have their references counted at each use.
    times, ts_event, action, side, flags, price, size, book = records
    count = times.shape[0]
    for i in range(first, count):
        t = times[i]
        if t >= now.end_ns:
            return i
        if i % _TILE == 0 or i == first:
            begin = i - i % _TILE
            transpose(book, begin, min(_TILE, count - begin), tile)
        second = (t - now.start_ns) // SECOND_NS
        while now.second < second:
            if not close_second(now, slots, rows, waiting, seconds):
                return i
        if now.used > most_used:
            return i
        if t >= now.silent_ns:
            resolve(now.silent_ns - 1, now, waiting)
            fall_silent(t, now, slots)
        now.silent_ns = t + MAX_SILENCE_NS
        now.now_ns = t
        if t >= now.due_ns:
            resolve(t, now, waiting)
        now.ts_event, now.action, now.side = ts_event[i], action[i], side[i]
        now.flags, now.price, now.size = flags[i], price[i], size[i]
        take_record(tile[i % _TILE], now, slots, waiting)
    return int(count)


@kernel
def finish_scan(scan: Any) -> bool:
    """Bring the sums up to the end; return False, to be called again, without room for rows."""
    state, slots, rows, waiting, seconds = scan
    now = state[0]
    while now.start_ns + now.second * SECOND_NS < now.end_ns:
        if not close_second(now, slots, rows, waiting, seconds):
            return False
    return True
