"""Compiled steps of the sums by price: what was added, cancelled and displayed at each.

Only prices at which something changes are touched. What stands is integrated over time when it
changes or the second ends. A price, or a band, that comes to be displayed begins its sums of the
second anew: a window over whole seconds that reaches back to when it came needs what followed, and
no window needs what came before. A band is displayed while all its prices are, so its sums are
differences from when it came.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...compiled import part
from ..definitions import BAND_TICKS
from .displayed_slots import FREE, UNBOUNDED
from .record_chunk import ASK_PX, ASK_SZ, BID_PX, BID_SZ, BOOK_LEVELS, NO_PRICE


@part
def find_slot(price: Any, slots: Any) -> Any:
    """Return the place of a price's slot, -1 where it has none."""
    mask = slots.shape[0] - 1
    at = price & mask
    while slots[at].price != price:
        if slots[at].price == FREE:
            return -1
        at = (at + 1) & mask
    return at


@part
def open_slot(price: Any, state: Any, slots: Any) -> Any:
    """Return the place of a price's slot, opened where it has none."""
    mask = slots.shape[0] - 1
    at = price & mask
    while slots[at].price != price:
        slot = slots[at]
        if slot.price == FREE:
            slot.price = price
            slot.size = slot.size_ns = slot.flow = 0
            slot.added = slot.cancelled = slot.band_flow = slot.band_size_ns = 0
            slot.flow_before = slot.size_ns_before = 0
            slot.since_ns = state.now_ns
            slots[state.used].used = at
            state.used += 1
            return at
        at = (at + 1) & mask
    return at


@part
def integrate_slot(slot: Any, state: Any) -> None:
    """Bring a slot's size over time up to date."""
    slot.size_ns += slot.size * (state.now_ns - slot.since_ns)
    slot.since_ns = state.now_ns


@part
def change_size(price: Any, by: Any, state: Any, slots: Any) -> Any:
    """Change the size displayed at a price; return its slot."""
    slot = slots[open_slot(price, state, slots)]
    integrate_slot(slot, state)
    if slot.size == 0:
        # So that every band with a displayed price in it has a slot.
        for near in range(price - BAND_TICKS, price + BAND_TICKS + 1):
            open_slot(near, state, slots)
    slot.size += by
    return slot


@part
def count_change(slot: Any, sign: int, added: Any, cancelled: Any, is_displayed: Any) -> None:
    """Count a change of the size at a price; for itself where it is displayed before and after."""
    slot.flow += sign * (added - cancelled)
    if is_displayed:
        slot.added += added
        slot.cancelled += cancelled


@part
def band_sums(price: int, state: Any, slots: Any) -> Any:
    """Return flow and size over time of the prices of a band, up to date."""
    flow = size_ns = 0
    for near in range(price - BAND_TICKS, price + BAND_TICKS + 1):
        at = find_slot(near, slots)
        if at >= 0:
            slot = slots[at]
            flow += slot.flow
            size_ns += slot.size_ns + slot.size * (state.now_ns - slot.since_ns)
    return flow, size_ns


@part
def shows_band(price: int, lowest: int, highest: int) -> bool:
    """Return whether all of a band is displayed between two prices."""
    return lowest <= price - BAND_TICKS and price + BAND_TICKS <= highest


@part
def end_band(slot: Any, state: Any, slots: Any) -> None:
    """Take the band's sums since it came to be displayed, or since the second began."""
    flow, size_ns = band_sums(slot.price, state, slots)
    slot.band_flow = flow - slot.flow_before
    slot.band_size_ns = size_ns - slot.size_ns_before


@part
def leave_window(lowest: int, highest: int, state: Any, slots: Any) -> None:
    """Before a change: end the bands that the new window does not show whole."""
    for k in range(state.used):
        slot = slots[slots[k].used]
        was_shown = shows_band(slot.price, state.lowest, state.highest)
        if was_shown and not shows_band(slot.price, lowest, highest):
            end_band(slot, state, slots)


@part
def enter_window(lowest: int, highest: int, state: Any, slots: Any) -> None:
    """After a change: begin the prices, then the bands, that the old window did not show."""
    for k in range(state.used):
        slot = slots[slots[k].used]
        was_displayed = state.lowest <= slot.price <= state.highest
        if not was_displayed and lowest <= slot.price <= highest:
            slot.since_ns = state.now_ns
            slot.size_ns = slot.added = slot.cancelled = 0
    for k in range(state.used):
        slot = slots[slots[k].used]
        was_shown = shows_band(slot.price, state.lowest, state.highest)
        if not was_shown and shows_band(slot.price, lowest, highest):
            slot.flow_before, slot.size_ns_before = band_sums(slot.price, state, slots)
    state.lowest, state.highest = lowest, highest


@part
def hide_all(state: Any, slots: Any) -> None:
    """Let nothing be displayed from now on."""
    for k in range(state.used):
        slot = slots[slots[k].used]
        integrate_slot(slot, state)
        slot.size = 0


@part
def show_all(book: Any, state: Any, slots: Any) -> None:
    """Let a book be displayed from now on, where nothing is."""
    for px, sz in ((BID_PX, BID_SZ), (ASK_PX, ASK_SZ)):
        for k in range(BOOK_LEVELS):
            if book[px + k] != NO_PRICE and book[sz + k] != 0:
                change_size(book[px + k], book[sz + k], state, slots)


@part
def outermost(book: Any) -> Any:
    """Return the outermost displayed prices; a side with fewer than ten levels hides nothing."""
    lowest = np.int64(book[BID_PX + BOOK_LEVELS - 1])
    highest = np.int64(book[ASK_PX + BOOK_LEVELS - 1])
    return (
        lowest if lowest != NO_PRICE else -UNBOUNDED,
        highest if highest != NO_PRICE else UNBOUNDED,
    )


@part
def sort_used(state: Any, slots: Any) -> None:
    """Put the slots in use in order of price: they nearly are."""
    for k in range(1, state.used):
        at = slots[k].used
        price, j = slots[at].price, k
        while j > 0 and slots[slots[j - 1].used].price > price:
            slots[j].used = slots[j - 1].used
            j -= 1
        slots[j].used = at


@part
def write_row(slot: Any, state: Any, rows: Any) -> None:
    """Finish a price's row, where there is something to tell."""
    told = slot.added | slot.cancelled | slot.size_ns | slot.band_flow | slot.band_size_ns
    if told == 0:
        return
    row = rows[state.rows]
    row.second, row.price = state.second, slot.price
    row.added, row.cancelled, row.size_ns = slot.added, slot.cancelled, slot.size_ns
    row.band_flow, row.band_size_ns = slot.band_flow, slot.band_size_ns
    state.rows += 1


@part
def reopen_slots(state: Any, slots: Any) -> None:
    """Begin a second: only displayed prices and their bands keep slots, with sums of 0."""
    found = 0
    for k in range(state.used):
        slot = slots[slots[k].used]
        if slot.size != 0:
            slots[found].kept_price, slots[found].kept_size = slot.price, slot.size
            found += 1
        slot.price = FREE
    state.used = 0
    for k in range(found):
        change_size(slots[k].kept_price, slots[k].kept_size, state, slots)


@part
def close_display(state: Any, slots: Any, rows: Any) -> None:
    """End the second under way at `now_ns` and write its rows, for which there is room."""
    sort_used(state, slots)
    for k in range(state.used):
        integrate_slot(slots[slots[k].used], state)
    for k in range(state.used):
        slot = slots[slots[k].used]
        if shows_band(slot.price, state.lowest, state.highest):
            end_band(slot, state, slots)
        write_row(slot, state, rows)
    reopen_slots(state, slots)
