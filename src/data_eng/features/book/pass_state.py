"""Compiled steps of the pass that only time brings: intervals end, trades age, seconds close."""

from __future__ import annotations

from typing import Any, Final

from ...compiled import kernel, part
from .record_chunk import ASK_PX, BID_PX
from .second_sums import (
    FULL_NS,
    KNOWN,
    REALIZED,
    REALIZED_VOLUME,
    SECOND_NS,
    SPREAD_NS,
    UNKNOWN,
    VALID_NS,
)

REALIZED_LAG_NS: Final = 5 * SECOND_NS

# What the pass remembers between records, in one int64 array.
S_SECOND: Final = 0  # second of the last record, -1 before the first
S_SINCE: Final = 1  # ns: valid, full and spread hold since then
S_KNOWN: Final = 2
S_VALID: Final = 3
S_FULL: Final = 4
S_SPREAD: Final = 5  # ticks, 0 without a valid quote
S_DIRTY: Final = 6  # the book changed in this second
S_EVENT: Final = 7  # ts_event of the event under way
S_TRADED: Final = 8  # it has a T record
S_HEAD: Final = 9  # trades that wait for the mid five seconds later: queue[head:tail]
S_TAIL: Final = 10
S_DUE: Final = 11  # ns: when the first of them has waited long enough
STATE_VALUES: Final = 12

_NEVER = 2**63 - 1


@kernel
def integrate(t: int, start_ns: int, state: Any, sums: Any) -> None:
    """Add the time since the last change of spread and validity to the seconds it lies in."""
    begin = state[S_SINCE]
    state[S_SINCE] = t
    if not state[S_VALID]:
        return
    while begin < t:
        second = (begin - start_ns) // SECOND_NS
        span = min(t, start_ns + (second + 1) * SECOND_NS) - begin
        sums[second, VALID_NS] += span
        sums[second, SPREAD_NS] += span * state[S_SPREAD]
        if state[S_FULL]:
            sums[second, FULL_NS] += span
        begin += span


@kernel
def resolve(t: int, start_ns: int, state: Any, book: Any, queue: Any, sums: Any) -> None:
    """Give the trades that are five seconds old at ``t`` the mid of the book as it stands."""
    while state[S_HEAD] < state[S_TAIL]:
        row = state[S_HEAD]
        state[S_DUE] = queue[row, 0] + REALIZED_LAG_NS
        if state[S_DUE] > t:
            return
        state[S_HEAD] += 1
        if state[S_VALID]:
            second = (queue[row, 0] - start_ns) // SECOND_NS
            signed = queue[row, 1]
            move = 2 * queue[row, 2] - book[BID_PX] - book[ASK_PX]
            sums[second, REALIZED] += signed * move
            sums[second, REALIZED_VOLUME] += abs(signed)
    state[S_DUE] = _NEVER


@kernel
def keep_book(state: Any, book: Any, books: Any, status: Any) -> None:
    """Keep the book at the end of the last record's second, if it changed in it."""
    if state[S_DIRTY]:
        state[S_DIRTY] = 0
        books[state[S_SECOND]] = book
        status[state[S_SECOND]] = KNOWN if state[S_KNOWN] else UNKNOWN


@part
def forget_book(t: int, start_ns: int, state: Any, sums: Any) -> None:
    """Take the book for unknown from now on."""
    integrate(t, start_ns, state, sums)
    state[S_KNOWN] = state[S_VALID] = state[S_FULL] = state[S_SPREAD] = 0
    state[S_DIRTY] = 1


@part
def end_event(state: Any, executed: Any) -> None:
    """Forget the executions of an event."""
    if state[S_TRADED]:
        state[S_TRADED] = 0
        executed[:] = 0
