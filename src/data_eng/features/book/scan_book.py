"""Compiled steps of the scan that take a book: its flow, its display, its spread and mid."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...compiled import part
from .book_flow import side_flow
from .book_rules import (
    NEVER,
    is_two_sided,
    is_valid_quote,
)
from .displayed_kernel import (
    enter_window,
    hide_all,
    leave_window,
    outermost,
    show_all,
)
from .displayed_slots import UNBOUNDED
from .record_chunk import (
    ASK_PX,
    ASK_SZ,
    BID_PX,
    BID_SZ,
    BOOK_LEVELS,
    BOOK_VALUES,
    NO_PRICE,
)
from .scan_state import count_unknown, integrate
from .second_sums import (
    ADD_ASK,
    ADD_BID,
    CANCEL_ASK,
    CANCEL_BID,
    CHANGES,
    DEPTH_L1,
    DEPTH_L10,
    FULL_BOOKS,
    FULL_DEPTH,
    MID_HIGH,
    MID_LOW,
    OFI_L1,
    OFI_L10,
)


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
    state.sums[OFI_L1] += bid - ask
    state.sums[OFI_L10] += bids - asks
    state.sums[CHANGES] += 1
    state.sums[DEPTH_L1] += new[BID_SZ] + new[ASK_SZ]
    state.sums[DEPTH_L10] += state.depth
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
    if is_valid:
        depth = np.int64(0)
        for k in range(BID_SZ, BID_SZ + 2 * BOOK_LEVELS):
            depth += new[k]
        state.depth = depth
        state.sums[FULL_BOOKS] += is_full
        state.sums[FULL_DEPTH] += depth * is_full
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
    if state.is_unknown:
        count_unknown(state)
        state.is_unknown = 0
    state.is_known = 1
    state.has_book = 1
    for k in range(BOOK_VALUES):
        state.book[k] = new[k]


@part
def forget_book(state: Any, slots: Any) -> None:
    """Take the book for lost from now on."""
    if state.is_valid:
        redisplay(state.book, False, state, slots)
    integrate(state)
    state.is_known = state.is_valid = state.is_full = state.spread = 0
    state.has_book = 1


@part
def fall_silent(until_ns: int, state: Any, slots: Any) -> None:
    """Lose the book where no record has come for so long by then."""
    if state.silent_ns > until_ns:
        return
    state.now_ns = state.silent_ns
    state.silent_ns = NEVER
    forget_book(state, slots)
    count_unknown(state)
    state.is_unknown = 1
