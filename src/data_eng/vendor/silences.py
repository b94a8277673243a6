"""Times without a record: found while files are streamed."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

MIN_SILENCE_NS: Final = 60 * 10**9


class Silences:
    """Times of `MIN_SILENCE_NS` or longer between records of any instrument.

    A record counts as received once all before it are: ``ts_recv`` that steps back ends nothing.
    """

    def __init__(self) -> None:
        self._last_ns: int | None = None
        self._found: list[list[int | None]] = []

    def add(self, times: npt.NDArray[np.integer]) -> None:
        """Take the receipt of the next records, shape (n,), ns since epoch UTC."""
        if not len(times):
            return
        begin = int(times[0]) if self._last_ns is None else self._last_ns
        reached = np.maximum.accumulate(np.concatenate([[begin], times.astype(np.int64)]))
        for at in np.flatnonzero(np.diff(reached) >= MIN_SILENCE_NS).tolist():
            self._found.append([int(reached[at]), int(reached[at + 1])])
        self._last_ns = int(reached[-1])

    def ranges(self) -> list[list[int | None]]:
        """Return ``[last, next]`` of each; after the last record ``next`` is None."""
        if self._last_ns is None:
            return []
        return [*self._found, [self._last_ns, None]]
