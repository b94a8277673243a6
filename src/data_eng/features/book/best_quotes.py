"""The table of best quotes: a row where what is displayed of the book changes, not its sizes."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ...compiled import kernel, part
from .book_rules import (
    MAX_SILENCE_NS,
    NEVER,
    completes_event,
    is_counted_trade,
    is_two_sided,
    is_valid_quote,
    loses_book,
)
from .quote_records import QuoteRecords
from .record_chunk import FLAG_SNAPSHOT, NO_PRICE, TRADE


class BestQuotes(NamedTuple):
    """Complete books that differ from the row before, in file order.

    There is a row for each complete book that changes the validity, the best bid or ask, or the
    lowest or highest displayed price; for each loss of the book, also by silence; and for the first
    complete book after a trade. What stands between two rows is the earlier one.

    Attributes
    ----------
    ts_recv : int64 array, shape (n,), ns since epoch UTC
        Made non-decreasing.
    record : int64 array, shape (n,)
        Row in the table of records; a trade of the same record comes before. Of a loss by silence
        the last record before it.
    bid, ask : int32 array, shape (n,), ticks
        Best prices, `NO_PRICE` where the side is empty, both where the book is lost.
    lowest, highest : int32 array, shape (n,), ticks
        Tenth bid and ask, `NO_PRICE` where the side has fewer levels and so hides nothing.
    is_valid : bool array, shape (n,)
        The book is known, two-sided, and its ask above its bid.
    changes : int64 array, shape (n,)
        Changes of the day so far from one valid complete book to the next, of no snapshot, those
        between rows and this one among them.
    """

    ts_recv: npt.NDArray[np.int64]
    record: npt.NDArray[np.int64]
    bid: npt.NDArray[np.int32]
    ask: npt.NDArray[np.int32]
    lowest: npt.NDArray[np.int32]
    highest: npt.NDArray[np.int32]
    is_valid: npt.NDArray[np.bool_]
    changes: npt.NDArray[np.int64]


QUOTE: Final = np.dtype(
    [
        ("ts_recv", "i8"),
        ("record", "i8"),
        ("bid", "i4"),
        ("ask", "i4"),
        ("lowest", "i4"),
        ("highest", "i4"),
        ("is_valid", "?"),
        ("changes", "i8"),
    ]
)
QUOTE_STATE: Final = np.dtype(
    [
        ("is_known", "i8"),
        ("is_valid", "i8"),
        ("has_traded", "i8"),  # since the last complete book
        ("bid", "i8"),
        ("ask", "i8"),
        ("lowest", "i8"),
        ("highest", "i8"),
        ("changes", "i8"),
        ("new_bid", "i8"),  # of the complete book that is being taken
        ("new_ask", "i8"),
        ("new_lowest", "i8"),
        ("new_highest", "i8"),
        ("records", "i8"),  # taken so far
        ("silent_ns", "i8"),  # when the book is lost by silence
        ("rows", "i8"),  # written in this chunk
    ]
)


class QuoteReader:
    """Takes the best quotes out of a day's records, chunk by chunk."""

    def __init__(self) -> None:
        self._state = np.zeros(1, QUOTE_STATE)
        for name in ("bid", "ask", "lowest", "highest"):
            self._state[name] = NO_PRICE
        self._state["silent_ns"] = NEVER
        self._rows = np.zeros(0, QUOTE)

    def add(self, records: QuoteRecords) -> BestQuotes:
        """Return the rows of the next records."""
        if len(self._rows) < 2 * len(records.times):
            self._rows = np.zeros(2 * len(records.times), QUOTE)
        return self._taken(int(read_quotes(records, self._state, self._rows)))

    def finish(self, end_ns: int) -> BestQuotes:
        """Return the loss of the book by silence after the last record, if it comes by then."""
        self._rows = np.zeros(1, QUOTE)
        return self._taken(int(end_quotes(end_ns, self._state, self._rows)))

    def _taken(self, count: int) -> BestQuotes:
        return BestQuotes(*(self._rows[name][:count].copy() for name in BestQuotes._fields))


@part
def write_quote(i: int, t: int, state: Any, rows: Any) -> None:
    """Write down the book as it stands."""
    row = rows[state.rows]
    row.ts_recv, row.record = t, state.records + i
    row.bid, row.ask, row.lowest, row.highest = state.bid, state.ask, state.lowest, state.highest
    row.is_valid, row.changes = state.is_valid != 0, state.changes
    state.rows += 1


@part
def lose_quote(i: int, t: int, state: Any, rows: Any) -> None:
    """Take the book for lost from now on."""
    if state.is_known:
        state.is_known = state.is_valid = 0
        state.bid = state.ask = state.lowest = state.highest = NO_PRICE
        write_quote(i, t, state, rows)


@part
def fall_silent(i: int, until_ns: int, state: Any, rows: Any) -> None:
    """Lose the book where no record has come for so long by then."""
    if until_ns >= state.silent_ns:
        lose_quote(i - 1, state.silent_ns, state, rows)


@part
def take_quote(i: int, t: int, is_snapshot: bool, state: Any, rows: Any) -> None:
    """Take a complete book."""
    bid, ask, lowest, highest = state.new_bid, state.new_ask, state.new_lowest, state.new_highest
    if not state.is_known and not is_two_sided(bid, ask):
        return
    is_valid = is_valid_quote(bid, ask)
    state.changes += is_valid and state.is_valid != 0 and not is_snapshot
    has_moved = is_valid != (state.is_valid != 0) or bid != state.bid or ask != state.ask
    has_moved = has_moved or lowest != state.lowest or highest != state.highest
    state.is_known, state.is_valid = 1, is_valid
    state.bid, state.ask, state.lowest, state.highest = bid, ask, lowest, highest
    if has_moved or state.has_traded:
        state.has_traded = 0
        write_quote(i, t, state, rows)


@kernel
def read_quotes(records: Any, state: Any, rows: Any) -> int:
    """Write the rows of records.

    Parameters
    ----------
    records : QuoteRecords
    state : QUOTE_STATE array, shape (1,)
    rows : QUOTE array, shape (m,), m >= 2 n
        With room for two rows a record.

    Returns
    -------
    int
        Number of rows.
    """
    now = state[0]
    now.rows = 0
    # Taken out of the tuple once: there its arrays have their references counted at each use.
    times, _, actions, _, all_flags, price, size, bid, ask, tenth_bid, tenth_ask = records
    for i in range(times.shape[0]):
        fall_silent(i, times[i], now, rows)
        now.silent_ns = times[i] + MAX_SILENCE_NS
        action, flags = actions[i], all_flags[i]
        is_snapshot = flags & FLAG_SNAPSHOT != 0
        if action == TRADE and is_counted_trade(price[i], size[i], is_snapshot):
            now.has_traded = 1
        if loses_book(action, flags):
            lose_quote(i, times[i], now, rows)
        elif completes_event(action, flags):
            now.new_bid, now.new_ask = bid[i], ask[i]
            now.new_lowest, now.new_highest = tenth_bid[i], tenth_ask[i]
            take_quote(i, times[i], is_snapshot, now, rows)
    now.records += times.shape[0]
    return int(now.rows)


@kernel
def end_quotes(end_ns: int, state: Any, rows: Any) -> int:
    """Write the loss of the book by silence after the last record; return the number of rows."""
    now = state[0]
    now.rows = 0
    fall_silent(0, end_ns, now, rows)
    return int(now.rows)
