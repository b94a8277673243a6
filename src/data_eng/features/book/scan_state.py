"""What the scan remembers between records, and what time alone brings: seconds end, trades age."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ...compiled import part
from .book_rules import NEVER
from .displayed_slots import ROW, UNBOUNDED, new_slots
from .record_chunk import ASK_PX, BID_PX, BOOK_LEVELS, BOOK_VALUES, NO_PRICE
from .second_sums import (
    FIELDS,
    FULL_NS,
    KNOWN,
    LOST,
    REALIZED,
    REALIZED_VOLUME,
    SECOND_NS,
    SPREAD_NS,
    UNKNOWN,
    UNKNOWN_NS,
    VALID_NS,
    SecondArrays,
    SecondSums,
)

REALIZED_LAG_NS: Final = 5 * SECOND_NS

_FIRST_SLOTS: Final = 1024

SCAN: Final = np.dtype(
    [
        ("start_ns", "i8"),
        ("end_ns", "i8"),
        ("now_ns", "i8"),  # time of the record, or of the end of the second
        ("ts_event", "i8"),  # of the record that is being taken
        ("action", "i8"),
        ("side", "i8"),
        ("flags", "i8"),
        ("price", "i8"),
        ("size", "i8"),
        ("second", "i8"),  # under way
        ("since_ns", "i8"),  # valid, full and spread hold since then
        ("is_known", "i8"),
        ("is_valid", "i8"),
        ("is_full", "i8"),  # ten levels on both sides
        ("spread", "i8"),  # ticks, 0 without a valid quote
        ("has_book", "i8"),  # the book changed in this second
        ("silent_ns", "i8"),  # when the book is lost by silence, `NEVER` once it is
        ("is_unknown", "i8"),  # nothing is known of the book
        ("unknown_since_ns", "i8"),
        ("event_ns", "i8"),  # ts_event of the event under way
        ("has_traded", "i8"),  # it has a trade
        ("first_waiting", "i8"),  # trades that wait for the mid five seconds later
        ("end_waiting", "i8"),
        ("due_ns", "i8"),  # when the first of them has waited long enough
        ("lowest", "i8"),  # outermost displayed prices; lowest > highest without a valid quote
        ("highest", "i8"),
        ("seen_lowest", "i8"),  # the outermost that the books before and after a change show
        ("seen_highest", "i8"),
        ("used", "i8"),  # slots in use
        ("rows", "i8"),  # rows of displayed sizes that wait to be taken
        ("last_ns", "i8"),  # of the second under way, as in `SecondSums`
        ("depth", "i8"),  # of the complete book that is being taken
        ("sums", "i8", (FIELDS,)),
        ("mids", "i8", (2,)),
        ("prices", "i4", (4,)),
        # In the event under way, by level of the book: trades that hit its side of the book.
        ("executed", "i8", (2 * BOOK_LEVELS,)),
        ("book", "i4", (BOOK_VALUES,)),  # the last complete one
    ]
)
WAITING: Final = np.dtype([("due_ns", "i8"), ("signed", "i8"), ("price", "i8")])


class Scan(NamedTuple):
    """Everything that a record needs.

    Compiled functions pass the one record of ``state`` on, which is a pointer: every array in a
    call, alone or in a tuple, has its references counted.

    Attributes
    ----------
    state : SCAN array, shape (1,)
    slots : SLOT array, shape (n,), n a power of 2
    rows : ROW array, shape (m,)
        Receives finished rows of displayed sizes.
    waiting : WAITING array, shape (k,)
        Trades that wait, with room for those of a chunk.
    seconds : SecondArrays
    """

    state: npt.NDArray[Any]
    slots: npt.NDArray[Any]
    rows: npt.NDArray[Any]
    waiting: npt.NDArray[Any]
    seconds: SecondArrays


def new_scan(seconds: SecondSums, rows: int) -> Scan:
    """Return the state before the first record, with room for so many rows."""
    state = np.zeros(1, SCAN)
    state["start_ns"], state["end_ns"] = seconds.start_ns, seconds.end_ns
    state["now_ns"] = state["since_ns"] = seconds.start_ns
    state["lowest"], state["highest"] = UNBOUNDED, -UNBOUNDED
    state["due_ns"] = state["silent_ns"] = NEVER
    state["is_unknown"] = 1
    state["unknown_since_ns"] = seconds.start_ns
    state["prices"] = state["mids"] = state["book"] = NO_PRICE
    return Scan(
        state, new_slots(_FIRST_SLOTS), np.zeros(rows, ROW), np.zeros(0, WAITING), seconds.arrays
    )


@part
def integrate(state: Any) -> None:
    """Add the time since the last change of spread and validity to the second under way."""
    span = state.now_ns - state.since_ns
    state.since_ns = state.now_ns
    if state.is_valid:
        state.sums[VALID_NS] += span
        state.sums[SPREAD_NS] += span * state.spread
        if state.is_full:
            state.sums[FULL_NS] += span


@part
def count_unknown(state: Any) -> None:
    """Add the time in which nothing is known of the book to the second under way."""
    if state.is_unknown:
        state.sums[UNKNOWN_NS] += state.now_ns - state.unknown_since_ns
    state.unknown_since_ns = state.now_ns


@part
def resolve(until_ns: int, state: Any, waiting: Any) -> None:
    """Give the trades that are five seconds old by then the mid of the book as it stands."""
    while state.first_waiting < state.end_waiting:
        trade = waiting[state.first_waiting]
        state.due_ns = trade.due_ns
        if state.due_ns > until_ns:
            return
        state.first_waiting += 1
        if state.is_valid:
            move = 2 * trade.price - state.book[BID_PX] - state.book[ASK_PX]
            state.sums[REALIZED] += trade.signed * move
            state.sums[REALIZED_VOLUME] += abs(trade.signed)
    state.due_ns = NEVER


@part
def keep_second(state: Any, seconds: Any) -> None:
    """Write down what the second under way was, and begin the next."""
    second = state.second
    for k in range(FIELDS):
        seconds.sums[second, k] = state.sums[k]
        state.sums[k] = 0
    for k in range(4):
        seconds.prices[second, k] = state.prices[k]
        state.prices[k] = NO_PRICE
    for k in range(2):
        seconds.mids[second, k] = state.mids[k]
        state.mids[k] = NO_PRICE
    seconds.last_ns[second] = state.last_ns
    state.last_ns = 0
    if state.has_book:
        state.has_book = 0
        missing = UNKNOWN if state.is_unknown else LOST
        seconds.status[second] = KNOWN if state.is_known else missing
        for k in range(BOOK_VALUES):
            seconds.books[second, k] = state.book[k]
    state.second += 1


@part
def end_event(state: Any) -> None:
    """Forget the executions of an event."""
    if state.has_traded:
        state.has_traded = 0
        for k in range(2 * BOOK_LEVELS):
            state.executed[k] = 0
