"""The clock of a partition: receive times that never fall.

A record is known once all before it are, so a ``ts_recv`` before its forerunner's (the vendor flags
such times) counts as received with its forerunner.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


class Clock:
    """The running maximum of receive times, over the parts of a day."""

    def __init__(self) -> None:
        self._last_ns = np.iinfo(np.int64).min

    def forward(self, times: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the next times, shape (n,), ns since epoch UTC, made to never fall."""
        found = np.maximum(np.maximum.accumulate(times), self._last_ns)
        if len(found):
            self._last_ns = found[-1]
        return found
