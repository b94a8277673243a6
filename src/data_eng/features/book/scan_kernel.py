"""The compiled scan of a day's records.

Books are taken as `book_rules` says. Flow is counted between two consecutive complete books with
valid quotes; snapshot records count in no flow.

Executions of an event are its trades: those with the ``ts_event`` of the record that completes it.
They explain removed volume at their price, and the C and M records beside them are fills.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...compiled import kernel, part
from .book_flow import side_flow
from .book_rules import (
    completes_event,
    is_counted_trade,
    is_two_sided,
    is_valid_quote,
    loses_book,
)
from .displayed_kernel import (
    close_display,
    enter_window,
    hide_all,
    leave_window,
    outermost,
    show_all,
)
from .displayed_slots import UNBOUNDED, most_slots_of
from .record_chunk import (
    ADD,
    ASK_PX,
    ASK_SZ,
    BID_PX,
    BID_SZ,
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
from .scan_state import REALIZED_LAG_NS, end_event, integrate, keep_second, resolve
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
    LAST,
    LOW,
    MESSAGES,
    MID_HIGH,
    MID_LOW,
    NOTIONAL,
    NOTIONAL_SQUARED,
    OFI_L1,
    OFI_L10,
    ORDERS,
    RECORDS,
    SECOND_NS,
    SELL,
    TRADES,
    VOLUME,
)

_TILE = 16  # records whose values of one column fill a cache line


@part
def take_trade(i: int, records: Any, bid: int, ask: int, state: Any, waiting: Any) -> None:
    """Count a trade; ``bid`` and ``ask`` are its own record's, `NO_PRICE` where not to be used."""
    price, side = records.price[i], records.side[i]
    p, v = np.int64(price), np.int64(records.size[i])
    state.sums[VOLUME] += v
    state.sums[TRADES] += 1
    state.sums[NOTIONAL] += v * p
    state.sums[NOTIONAL_SQUARED] += v * p * p
    if state.prices[FIRST] == NO_PRICE:
        state.prices[FIRST] = state.prices[HIGH] = state.prices[LOW] = price
    state.prices[HIGH] = max(state.prices[HIGH], price)
    state.prices[LOW] = min(state.prices[LOW], price)
    state.prices[LAST] = price
    state.has_traded = 1
    for k in range(2 * BOOK_LEVELS):
        if state.book[k] == price:
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
def count_flow(new: Any, state: Any, slots: Any) -> None:
    """Count the change from one valid complete book to the next."""
    lowest, highest = outermost(new)
    has_slid = lowest != state.lowest or highest != state.highest
    state.seen_lowest = max(lowest, state.lowest)
    state.seen_highest = min(highest, state.highest)
    if has_slid:
        leave_window(lowest, highest, state, slots)
    bid, bids, added, cancelled = side_flow(new, BID_PX, BID_SZ, 1, state, slots)
    state.sums[ADD_BID] += added
    state.sums[CANCEL_BID] += cancelled
    ask, asks, added, cancelled = side_flow(new, ASK_PX, ASK_SZ, -1, state, slots)
    state.sums[ADD_ASK] += added
    state.sums[CANCEL_ASK] += cancelled
    depth = 0
    for k in range(BID_SZ, BID_SZ + 2 * BOOK_LEVELS):
        depth += new[k]
    state.sums[OFI_L1] += bid - ask
    state.sums[OFI_L10] += bids - asks
    state.sums[CHANGES] += 1
    state.sums[DEPTH_L1] += new[BID_SZ] + new[ASK_SZ]
    state.sums[DEPTH_L10] += depth
    state.changes += 1
    if has_slid:
        enter_window(lowest, highest, state, slots)


@part
def redisplay(new: Any, is_valid: bool, state: Any, slots: Any) -> None:
    """Let another book be displayed without a change that counts: what stood ends, it begins."""
    lowest, highest = outermost(new)
    if not is_valid:
        lowest, highest = UNBOUNDED, -UNBOUNDED
    leave_window(lowest, highest, state, slots)
    if state.is_valid:
        hide_all(state, slots)
    if is_valid:
        show_all(new, state, slots)
    enter_window(lowest, highest, state, slots)


@part
def keep_mid(bid: int, ask: int, state: Any) -> None:
    """Take the mid of a valid quote into the second's range."""
    mid = np.int64(bid) + ask
    if state.mids[MID_HIGH] == NO_PRICE:
        state.mids[MID_HIGH] = state.mids[MID_LOW] = mid
    state.mids[MID_HIGH] = max(state.mids[MID_HIGH], mid)
    state.mids[MID_LOW] = min(state.mids[MID_LOW], mid)


@part
def take_book(is_flow: bool, new: Any, state: Any, slots: Any) -> None:
    """Take a complete book."""
    bid, ask = new[BID_PX], new[ASK_PX]
    if not state.is_known and not is_two_sided(bid, ask):
        return
    is_valid = is_valid_quote(bid, ask)
    is_full = is_valid and new[BID_PX + BOOK_LEVELS - 1] != NO_PRICE
    is_full = is_full and new[ASK_PX + BOOK_LEVELS - 1] != NO_PRICE
    if is_flow and is_valid and state.is_valid:
        count_flow(new, state, slots)
    elif is_valid or state.is_valid:
        redisplay(new, is_valid, state, slots)
    if is_valid:
        keep_mid(bid, ask, state)
    spread = ask - bid if is_valid else 0
    if is_valid != state.is_valid or is_full != state.is_full or spread != state.spread:
        integrate(state)
        state.is_valid, state.is_full, state.spread = is_valid, is_full, spread
    state.is_known = 1
    state.has_book = 1
    for k in range(BOOK_VALUES):
        state.book[k] = new[k]


@part
def forget_book(state: Any, slots: Any) -> None:
    """Take the book for unknown from now on."""
    if state.is_valid:
        redisplay(state.book, False, state, slots)
    integrate(state)
    state.is_known = state.is_valid = state.is_full = state.spread = 0
    state.has_book = 1


@part
def count_message(action: int, flags: int, state: Any) -> None:
    """Count a record among the events and the orders."""
    if flags & FLAG_SNAPSHOT:
        return
    if flags & FLAG_LAST:
        state.sums[MESSAGES] += 1
    if action == ADD or (action in (CANCEL, MODIFY) and not state.has_traded):
        state.sums[ORDERS] += 1


@part
def close_second(state: Any, slots: Any, rows: Any, waiting: Any, seconds: Any) -> bool:
    """End the second under way; return False where there is no room for its rows."""
    if state.rows + state.used > rows.shape[0]:
        return False
    state.now_ns = state.start_ns + (state.second + 1) * SECOND_NS
    # A trade is resolved by the book before its fifth second, also where no record follows.
    resolve(state.now_ns - 1, state, waiting)
    integrate(state)
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
def take_record(i: int, records: Any, new: Any, state: Any, slots: Any, waiting: Any) -> None:
    """Take a record of the second under way."""
    action, flags = records.action[i], records.flags[i]
    state.last_ns = state.now_ns
    state.sums[RECORDS] += 1
    if records.ts_event[i] != state.event_ns:
        state.event_ns = records.ts_event[i]
        end_event(state)
    count_message(action, flags, state)
    is_snapshot = flags & FLAG_SNAPSHOT != 0
    if action == TRADE and is_counted_trade(records.price[i], records.size[i], is_snapshot):
        # A book that may be bad gives no mid.
        ask = NO_PRICE if flags & FLAG_MAYBE_BAD_BOOK else new[ASK_PX]
        take_trade(i, records, new[BID_PX], ask, state, waiting)
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
    count = records.times.shape[0]
    for i in range(first, count):
        t = records.times[i]
        if t >= now.end_ns:
            return i
        if i % _TILE == 0 or i == first:
            begin = i - i % _TILE
            transpose(records.book, begin, min(_TILE, count - begin), tile)
        second = (t - now.start_ns) // SECOND_NS
        while now.second < second:
            if not close_second(now, slots, rows, waiting, seconds):
                return i
        if now.used > most_used:
            return i
        now.now_ns = t
        if t >= now.due_ns:
            resolve(t, now, waiting)
        take_record(i, records, tile[i % _TILE], now, slots, waiting)
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
