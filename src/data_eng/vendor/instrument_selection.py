"""Selects the records of kept instruments and counts those of all others by what they are."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .dbn.id_table import IdTable
from .definitions import Kind
from .silences import RootSilences

_INT64_MAX: Final = int(np.iinfo(np.int64).max)
SHOWN_IDS: Final = 20
"""Ids without a definition that a manifest names."""


class InstrumentSelection:
    """A `Selection` of the records of instruments of kind `Kind.OUTRIGHT`.

    Parameters
    ----------
    ids : uint32 array, shape (n,)
        Known instrument ids, each once.
    kinds : int8 array, shape (n,)
        `Kind` of each.
    day : tuple of int
        Records with ``ts_recv`` in ``[start, end)``, ns since epoch, count.

    Attributes
    ----------
    silences : RootSilences
        Between the records of all instruments, other days' too.
    """

    def __init__(
        self, ids: npt.NDArray[np.uint32], kinds: npt.NDArray[np.int8], day: tuple[int, int]
    ) -> None:
        self._table = IdTable(np.ascontiguousarray(ids))
        self._kinds = kinds
        # One place more, which slot -1 of an unknown id is.
        self._is_kept = np.append(kinds == Kind.OUTRIGHT, False)
        self._counts = np.zeros(len(ids) + 1, np.int64)
        self._day = day
        self._span = (_INT64_MAX, -1)
        self._unknown: dict[int, int] = {}
        self.silences = RootSilences()

    @property
    def first_ns(self) -> int:
        """Smallest ``ts_recv`` since `start_file`."""
        return self._span[0]

    @property
    def last_ns(self) -> int:
        """Largest ``ts_recv`` since `start_file`; -1 where there was none."""
        return self._span[1]

    def start_file(self) -> None:
        """Forget the range of ``ts_recv`` seen."""
        self._span = (_INT64_MAX, -1)

    def select(self, block: npt.NDArray[np.void]) -> npt.NDArray[np.uint64]:
        """Count a block's records; return the row numbers of the kept instruments."""
        times, ids = block["ts_recv"], block["instrument_id"]
        first, last = int(times.min()), int(times.max())
        self._span = (min(self._span[0], first), max(self._span[1], last))
        self.silences.add(times)
        slots = self._table.find(ids)
        is_kept, is_unknown = self._is_kept[slots], slots < 0
        start_ns, end_ns = self._day
        if first < start_ns or last >= end_ns:
            inside = (times >= start_ns) & (times < end_ns)
            is_kept, is_unknown = is_kept & inside, is_unknown & inside
            slots = slots[inside]
        self._counts += np.bincount(slots + 1, minlength=len(self._counts))
        if is_unknown.any():
            unknown = np.unique(ids[is_unknown], return_counts=True)
            for instrument, count in zip(*(part.tolist() for part in unknown), strict=True):
                self._unknown[instrument] = self._unknown.get(instrument, 0) + count
        return np.flatnonzero(is_kept).astype(np.uint64)

    def records_by_kind(self) -> dict[str, int]:
        """Return the number of records by what their instrument is."""
        counts = np.bincount(self._kinds, weights=self._counts[1:], minlength=len(Kind))
        return {kind.label: int(count) for kind, count in zip(Kind, counts, strict=True)}

    def without_definition(self) -> dict[str, Any]:
        """Return how many instruments have records but no definition, and the first ids."""
        ids = sorted(self._unknown)
        return {
            "count": len(ids),
            "records": sum(self._unknown.values()),
            "first_ids": ids[:SHOWN_IDS],
        }
