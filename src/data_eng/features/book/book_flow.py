"""Compiled steps of the scan: order flow on one side of the book between two valid books."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...compiled import kernel, part
from .displayed_kernel import change_size, count_change
from .displayed_slots import UNBOUNDED
from .record_chunk import BOOK_LEVELS, NO_PRICE


@part
def side_flow(new: Any, px: int, sz: int, sign: int, state: Any, slots: Any) -> Any:
    """Return order flow, adds and cancels of one side, contracts; display the new sizes.

    Parameters
    ----------
    new : int32 array, shape (60,)
        The book after the state's.
    px, sz : int
        Where the side's prices and sizes begin in a book.
    sign : int
        1 for bids, -1 for asks.
    state : SCAN record
    slots : SLOT array

    Returns
    -------
    tuple of int
        Flow at the best level and over ten levels (`level_flows`), added and cancelled volume
        (`add_and_cancel`).
    """
    old, executed = state.book, state.executed
    moved = np.int32(0)
    for k in range(BOOK_LEVELS):
        moved |= new[px + k] ^ old[px + k]
    if moved != 0:
        best, total = level_flows(old, new, px, sz, sign)
        added, cancelled = add_and_cancel(new, px, sz, sign, state, slots)
        return best, total, added, cancelled
    # Most events change sizes alone: then every definition is the change of a level's size.
    total = added = cancelled = 0
    for k in range(BOOK_LEVELS):
        by = np.int64(new[sz + k] - old[sz + k])
        if by == 0 and executed[px + k] == 0:
            continue
        total += by
        gained, lost = split_change(by, executed[px + k])
        added += gained
        cancelled += lost
        if new[px + k] != NO_PRICE:
            slot = change_size(new[px + k], by, state, slots)
            count_change(slot, sign, gained, lost, True)
    return np.int64(new[sz] - old[sz]), total, added, cancelled


@kernel
def level_flows(old: Any, new: Any, px: int, sz: int, sign: int) -> Any:
    """Return one side's part of ``e_n``, at the best level and summed over the levels.

    Bids ``1{P >= P'} Q - 1{P <= P'} Q'``, asks ``1{P <= P'} Q - 1{P >= P'} Q'`` with primes for the
    book before; ``e_n`` is the bids' part less the asks' (Cont, Kukanov & Stoikov 2014). A level
    that is empty in either book counts nothing.
    """
    best = total = 0
    for k in range(BOOK_LEVELS):
        before, after = old[px + k], new[px + k]
        flow = 0
        if min(before, after) > NO_PRICE:
            if sign * after >= sign * before:
                flow += new[sz + k]
            if sign * after <= sign * before:
                flow -= old[sz + k]
        total += flow
        if k == 0:
            best = flow
    return best, total


@part
def split_change(by: Any, executed: Any) -> Any:
    """Return what of a change of size was added, what was cancelled, beside what was executed.

    ``by`` = added - cancelled - executed; of added and cancelled one is 0. What is refilled while
    it is executed, as by an iceberg order, is added.
    """
    return max(by + executed, 0), max(-by - executed, 0)


@part
def behind(tenth: Any, sign: int) -> Any:
    """Return the key of a side's tenth price, behind which nothing is displayed."""
    return sign * np.int64(tenth) if tenth != NO_PRICE else -UNBOUNDED


@part
def add_and_cancel(new: Any, px: int, sz: int, sign: int, state: Any, slots: Any) -> Any:
    """Return what was added to and cancelled from one side of the book; display the new sizes.

    At every price displayed in both books ``dQ = Q_new - Q_old``, with 0 at a price without orders.
    A price is displayed unless it lies behind the tenth level: one that enters or leaves because
    the window slides is not. With ``e`` executed at the price on this side, added is the sum of
    ``max(0, dQ + e)`` and cancelled that of ``max(0, -dQ - e)``.
    """
    old, executed = state.book, state.executed
    added = cancelled = 0
    last = BOOK_LEVELS - 1
    # Keys fall from the best price outwards on both sides.
    bound = max(behind(old[px + last], sign), behind(new[px + last], sign))
    i = j = 0
    while True:
        has_old = i < BOOK_LEVELS and old[px + i] != NO_PRICE
        has_new = j < BOOK_LEVELS and new[px + j] != NO_PRICE
        if not has_old and not has_new:
            return added, cancelled
        old_key = sign * np.int64(old[px + i]) if has_old else -2 * UNBOUNDED
        new_key = sign * np.int64(new[px + j]) if has_new else -2 * UNBOUNDED
        key = max(old_key, new_key)
        by = traded = 0
        if new_key == key:
            by += new[sz + j]
            j += 1
        if old_key == key:
            by -= old[sz + i]
            traded = executed[px + i]
            i += 1
        if by == 0 and traded == 0:
            continue
        gained, lost = split_change(by, traded)
        slot = change_size(sign * key, by, state, slots)
        is_seen = state.seen_lowest <= slot.price <= state.seen_highest
        count_change(slot, sign, gained, lost, is_seen)
        if key >= bound:
            added += gained
            cancelled += lost
