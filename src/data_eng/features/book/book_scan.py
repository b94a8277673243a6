"""One scan of a day's records, chunk by chunk, in bounded memory: two tables, no level."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .displayed_sizes import DisplayedSizes, displayed_sizes
from .displayed_slots import ROW, grown, most_slots
from .record_chunk import RecordChunk
from .scan_kernel import finish_scan, scan_records
from .scan_state import WAITING, new_scan
from .second_sums import SecondSums

_ROOM = 65_536


class BookScan:
    """Fills `SecondSums` and `DisplayedSizes` from records in file order.

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
        self._scan = new_scan(self.seconds, _ROOM)
        self._finished: list[npt.NDArray[Any]] = []

    def add(self, chunk: RecordChunk) -> int:
        """Take the next records; return how many lie before ``end_ns``.

        Raises
        ------
        ValueError
            The first record lies before ``start_ns``.
        """
        if not len(chunk) or self.is_done:
            return 0
        if chunk.times[0] < self.seconds.start_ns:
            raise ValueError(f"a record at {chunk.times[0]} lies before {self.seconds.start_ns}")
        self._make_room(len(chunk))
        records, taken = chunk.arrays, 0
        while True:
            taken = int(scan_records(records, taken, self._scan))
            if taken == len(chunk) or chunk.times[taken] >= self.seconds.end_ns:
                break
            self._make_way()
        self.is_done = taken < len(chunk)
        if taken and self.first_ns is None:
            self.first_ns = int(chunk.times[0])
        return taken

    def finish(self) -> SecondSums:
        """Bring the sums up to ``end_ns``; no records may follow."""
        while not finish_scan(self._scan):
            self._make_way()
        self.is_done = True
        return self.seconds

    def take_displayed(self) -> DisplayedSizes:
        """Return the rows finished since the last call: of seconds before the last record's."""
        self._drain()
        rows = self._finished or [np.zeros(0, ROW)]
        self._finished = []
        return displayed_sizes(np.concatenate(rows))

    def _drain(self) -> None:
        state, rows = self._scan.state, self._scan.rows
        if count := int(state["rows"][0]):
            self._finished.append(rows[:count].copy())
            state["rows"] = 0

    def _make_way(self) -> None:
        # For the rows of a second, and for the slots of a second with many prices.
        self._drain()
        used = int(self._scan.state["used"][0])
        if used > most_slots(len(self._scan.slots)):
            self._scan = self._scan._replace(slots=grown(self._scan.slots, used))
        if used > len(self._scan.rows):
            self._scan = self._scan._replace(rows=np.zeros(2 * used, ROW))

    def _make_room(self, records: int) -> None:
        state = self._scan.state
        first, end = int(state["first_waiting"][0]), int(state["end_waiting"][0])
        waiting = self._scan.waiting[first:end].copy()
        room = self._scan.waiting
        if len(room) < len(waiting) + records:
            room = np.zeros(len(waiting) + records, WAITING)
            self._scan = self._scan._replace(waiting=room)
        room[: len(waiting)] = waiting
        state["first_waiting"], state["end_waiting"] = 0, len(waiting)
