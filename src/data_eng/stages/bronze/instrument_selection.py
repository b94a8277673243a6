"""Selects the records of kept instruments and counts those of all others by what they are."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...dbn.reader import BLOCK_RECORDS
from ...dbn.select_kernels import hash_table, select_instruments
from ...option_instruments import Kind

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
    dtype : numpy.dtype
        Of the records, without ``ts_out``.
    day : tuple of int
        Records with ``ts_recv`` in ``[start, end)``, ns since epoch, count.
    """

    def __init__(
        self,
        ids: npt.NDArray[np.uint32],
        kinds: npt.NDArray[np.int8],
        dtype: np.dtype[np.void],
        day: tuple[int, int],
    ) -> None:
        self._keys, self._slots = hash_table(ids.astype(np.int64))
        self._kinds = kinds
        self._is_kept = kinds == Kind.OUTRIGHT
        self._counts = np.zeros(len(ids), np.int64)
        self._ts_word = dtype.fields["ts_recv"][1] // 8  # type: ignore[index]
        self._day = day
        self._span = np.array([_INT64_MAX, -1, 0], np.int64)
        self._rows = np.empty(BLOCK_RECORDS, np.uint64)
        self._unknown_rows = np.empty(BLOCK_RECORDS, np.uint64)
        self._unknown: dict[int, int] = {}

    @property
    def first_ns(self) -> int:
        """Smallest ``ts_recv`` since `start_file`."""
        return int(self._span[0])

    @property
    def last_ns(self) -> int:
        """Largest ``ts_recv`` since `start_file`; -1 where there was none."""
        return int(self._span[1])

    def start_file(self) -> None:
        """Forget the range of ``ts_recv`` seen."""
        self._span[:2] = _INT64_MAX, -1

    def select(self, block: npt.NDArray[np.void]) -> npt.NDArray[np.uint64]:
        """Count a block's records; return the row numbers of the kept instruments."""
        if len(block) > len(self._rows):
            self._rows = np.empty(len(block), np.uint64)
            self._unknown_rows = np.empty(len(block), np.uint64)
        selected = select_instruments(
            block.view(np.int64).reshape(len(block), -1),
            self._ts_word,
            *self._day,
            self._keys,
            self._slots,
            self._is_kept,
            self._counts,
            self._rows,
            self._unknown_rows,
            self._span,
        )
        if self._span[2]:
            unknown = block["instrument_id"][self._unknown_rows[: self._span[2]]]
            for instrument, count in zip(*np.unique(unknown, return_counts=True), strict=True):
                key = int(instrument)
                self._unknown[key] = self._unknown.get(key, 0) + int(count)
        return self._rows[:selected]

    def records_by_kind(self) -> dict[str, int]:
        """Return the number of records by what their instrument is."""
        counts = np.bincount(self._kinds, weights=self._counts, minlength=len(Kind))
        return {kind.label: int(count) for kind, count in zip(Kind, counts, strict=True)}

    def without_definition(self) -> dict[str, Any]:
        """Return how many instruments have records but no definition, and the first ids."""
        ids = sorted(self._unknown)
        return {
            "count": len(ids),
            "records": sum(self._unknown.values()),
            "first_ids": ids[:SHOWN_IDS],
        }
