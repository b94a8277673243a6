"""One pass over the records of a day, chunk by chunk, in bounded memory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .book_kernel import advance
from .pass_state import (
    S_HEAD,
    S_SECOND,
    S_SINCE,
    S_TAIL,
    STATE_VALUES,
    integrate,
    keep_book,
    resolve,
)
from .record_chunk import BOOK_VALUES, LEVELS, NO_PRICE, RecordChunk
from .second_sums import SecondSums


class DayPass:
    """Fills `SecondSums` from records in file order.

    Parameters
    ----------
    start_ns, end_ns : int, ns since epoch UTC
        Whole seconds apart. No record lies before ``start_ns``; those from ``end_ns`` on are left.

    Attributes
    ----------
    seconds : SecondSums
        Complete once `finish` was called.
    first_ns : int or None, ns since epoch UTC
        Time of the first record.
    is_done : bool
        A record at or after ``end_ns`` was seen.
    """

    def __init__(self, start_ns: int, end_ns: int) -> None:
        self.seconds = SecondSums(start_ns, end_ns)
        self.first_ns: int | None = None
        self.is_done = False
        self._state = np.zeros(STATE_VALUES, np.int64)
        self._state[S_SECOND] = -1
        self._state[S_SINCE] = start_ns
        self._book = np.full(BOOK_VALUES, NO_PRICE, np.int32)
        self._executed = np.zeros(2 * LEVELS, np.int64)
        self._queue = np.zeros((0, 3), np.int64)

    def add(self, chunk: RecordChunk) -> int:
        """Take the next records; return how many lie before ``end_ns``.

        Raises
        ------
        ValueError
            The first record lies before ``start_ns``.
        """
        if not len(chunk) or self.is_done:
            return 0
        out = self.seconds
        if chunk.times[0] < out.start_ns:
            raise ValueError(f"a record at {chunk.times[0]} lies before {out.start_ns}")
        self._make_room(len(chunk))
        taken: int = advance(
            chunk.times,
            chunk.ts_event,
            chunk.action,
            chunk.side,
            chunk.flags,
            chunk.price,
            chunk.size,
            chunk.book,
            out.start_ns,
            out.end_ns,
            self._state,
            self._book,
            self._executed,
            self._queue,
            out.sums,
            out.books,
            out.status,
            out.prices,
        )
        self.is_done = taken < len(chunk)
        if taken and self.first_ns is None:
            self.first_ns = int(chunk.times[0])
        return taken

    def finish(self) -> SecondSums:
        """Bring the sums up to ``end_ns``; no records may follow."""
        out = self.seconds
        # A trade is resolved by the book before its fifth second, also where no record follows.
        resolve(out.end_ns, out.start_ns, self._state, self._book, self._queue, out.sums)
        integrate(out.end_ns, out.start_ns, self._state, out.sums)
        keep_book(self._state, self._book, out.books, out.status)
        self.is_done = True
        return out

    def _make_room(self, records: int) -> None:
        head, tail = int(self._state[S_HEAD]), int(self._state[S_TAIL])
        waiting: npt.NDArray[np.int64] = self._queue[head:tail].copy()
        if len(self._queue) < len(waiting) + records:
            self._queue = np.zeros((len(waiting) + records, 3), np.int64)
        self._queue[: len(waiting)] = waiting
        self._state[S_HEAD], self._state[S_TAIL] = 0, len(waiting)
