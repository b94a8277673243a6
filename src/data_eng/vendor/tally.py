"""Records and traded volume of every instrument of a day, counted while its records stream by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from ..exchange.roll import Candidate
from .dbn.kernel_arrays import InstrumentCounts, TimeRange
from .dbn.reader import BLOCK_RECORDS

_FIRST_SIZE: Final = 4 * BLOCK_RECORDS
_INT64_MAX: Final = int(np.iinfo(np.int64).max)


class Tally:
    """Counts per instrument within a time range.

    Parameters
    ----------
    start_ns, end_ns : int, ns since epoch UTC
        Records with ``ts_recv`` in ``[start_ns, end_ns)`` count.
    open_ns : int
        Volume before it is counted apart.
    selected_id : int
        Instrument whose rows `select` returns; none by default.

    Attributes
    ----------
    first_ns, last_ns : int
        Smallest and largest ``ts_recv`` seen since `start_file`, in or out of the range.
    """

    def __init__(self, start_ns: int, end_ns: int, open_ns: int, selected_id: int = -1) -> None:
        self._selected_id = selected_id
        self._range = TimeRange(start_ns, end_ns, open_ns)
        self._table = np.full(_FIRST_SIZE, -1, np.int64)
        self._counts = np.zeros((_FIRST_SIZE, 3), np.int64)
        self._rows = np.empty(BLOCK_RECORDS, np.uint64)
        self._span = np.array([_INT64_MAX, -1, 0], np.int64)

    @property
    def first_ns(self) -> int:
        """Smallest ``ts_recv`` since `start_file`."""
        return int(self._span[0])

    @property
    def last_ns(self) -> int:
        """Largest ``ts_recv`` since `start_file`; -1 where there was none."""
        return int(self._span[1])

    @property
    def records(self) -> int:
        """Records counted."""
        return int(self._counts[:, 0].sum())

    def start_file(self) -> None:
        """Forget the range of ``ts_recv`` seen."""
        self._span[:2] = _INT64_MAX, -1

    def select(self, block: npt.NDArray[np.void]) -> npt.NDArray[np.uint64]:
        """Count a block's records; return the selected instrument's rows within the range."""
        if len(block) > len(self._rows):
            self._rows = np.empty(len(block), np.uint64)
        # Room for a block of nothing but new instruments: the table is never more than half full.
        while 2 * (int(self._span[2]) + len(block)) > len(self._table):
            self._grow()
        from .dbn.mbp10_kernels import tally_and_select  # noqa: PLC0415 - compiled

        selected = tally_and_select(
            block.view(np.int32).reshape(len(block), -1),
            block.view(np.int64).reshape(len(block), -1),
            self._selected_id,
            self._range,
            InstrumentCounts(self._table, self._counts, self._span),
            self._rows,
        )
        return self._rows[:selected]

    def instruments(self) -> list[int]:
        """Return the ids that have records, sorted."""
        used = self._table[self._counts[:, 0] > 0]
        return sorted(int(instrument) for instrument in used)

    def volume_before_open(self) -> int:
        """Return the contracts traded before the open, over all instruments."""
        return int(self._counts[:, 1].sum())

    def activity(self, instrument_id: int) -> tuple[int, int]:
        """Return traded volume and records of one instrument, zeros where it has none."""
        slot = np.flatnonzero(self._table == instrument_id)
        if not len(slot):
            return 0, 0
        records, _, volume = self._counts[slot[0]]
        return int(volume), int(records)

    def candidates(self, symbols: Mapping[int, str]) -> list[Candidate]:
        """Return the counts of each instrument with records, under its id where no symbol is."""
        return [
            Candidate(symbols.get(int(i), str(i)), int(i), int(records), int(before), int(volume))
            for i, (records, before, volume) in zip(self._table, self._counts, strict=True)
            if records
        ]

    def _grow(self) -> None:
        # The same counts in a table of twice the size.
        old = [(int(i), c) for i, c in zip(self._table, self._counts, strict=True) if c[0]]
        size = 2 * len(self._table)
        self._table = np.full(size, -1, np.int64)
        self._counts = np.zeros((size, 3), np.int64)
        self._span[2] = len(old)
        for instrument, counts in old:
            slot = (instrument * 2654435761) & (size - 1)
            while self._table[slot] != -1:
                slot = (slot + 1) & (size - 1)
            self._table[slot] = instrument
            self._counts[slot] = counts
