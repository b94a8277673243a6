"""Compiled steps of the pass: order flow on one side of the book between two complete books."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...compiled import kernel
from .record_chunk import LEVELS, NO_PRICE


@kernel
def side_flow(old: Any, new: Any, px: int, sz: int, sign: int, executed: Any) -> Any:
    """Return order flow, adds and cancels of one side, contracts.

    Parameters
    ----------
    old, new : int32 array, shape (60,)
        Consecutive complete books.
    px, sz : int
        Where the side's prices and sizes begin in a book.
    sign : int
        1 for bids, -1 for asks.
    executed : int64 array, shape (20,)
        Contracts executed in this event by level of the old book, in the order of its prices.

    Returns
    -------
    tuple of int
        Flow at the best level and over ten levels (`level_flows`), added and cancelled volume
        (`add_and_cancel`).
    """
    moved = np.int32(0)
    for k in range(LEVELS):
        moved |= new[px + k] ^ old[px + k]
    if moved != 0:
        best, total = level_flows(old, new, px, sz, sign)
        added, cancelled = add_and_cancel(old, new, px, sz, sign, executed)
        return best, total, added, cancelled
    # Most events change sizes alone: then every definition is the change of a level's size.
    total = added = cancelled = 0
    for k in range(LEVELS):
        change = np.int64(new[sz + k] - old[sz + k])
        removed = -change - executed[px + k]
        total += change
        added += change if change > 0 else 0
        cancelled += removed if removed > 0 else 0
    return np.int64(new[sz] - old[sz]), total, added, cancelled


@kernel
def level_flows(old: Any, new: Any, px: int, sz: int, sign: int) -> Any:
    """Return one side's part of ``e_n``, at the best level and summed over the levels.

    Bids ``1{P >= P'} Q - 1{P <= P'} Q'``, asks ``1{P <= P'} Q - 1{P >= P'} Q'`` with primes for the
    book before; ``e_n`` is the bids' part less the asks' (Cont, Kukanov & Stoikov 2014). A level
    that is empty in either book counts nothing.
    """
    best = total = 0
    for k in range(LEVELS):
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


@kernel
def add_and_cancel(old: Any, new: Any, px: int, sz: int, sign: int, executed: Any) -> Any:
    """Return what was added to and cancelled from one side of the book.

    At every price visible in both books ``dQ = Q_new - Q_old``, with 0 at a price without orders. A
    price is visible unless it lies behind the tenth level: one that enters or leaves because the
    window slides is not. Added is the sum of positive ``dQ``; cancelled the sum of ``-dQ`` less
    what was executed at the price, where that is positive.
    """
    added = cancelled = 0
    # Keys fall from the best price outwards on both sides.
    bound = -(1 << 40)
    for book in (old, new):
        if book[px + LEVELS - 1] != NO_PRICE:
            bound = max(bound, sign * book[px + LEVELS - 1])
    i = j = 0
    while True:
        has_old = i < LEVELS and old[px + i] != NO_PRICE
        has_new = j < LEVELS and new[px + j] != NO_PRICE
        old_key = sign * old[px + i] if has_old else bound - 1
        new_key = sign * new[px + j] if has_new else bound - 1
        key = max(old_key, new_key)
        if key < bound:
            return added, cancelled
        change = traded = 0
        if new_key == key:
            change += new[sz + j]
            j += 1
        if old_key == key:
            change -= old[sz + i]
            traded = executed[px + i]
            i += 1
        if change > 0:
            added += change
        elif -change > traded:
            cancelled += -change - traded
