"""Volume-synchronised probability of informed trading (VPIN)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...compiled import kernel
from ..book.day_seconds import F64, I64
from ..feature import EVEN, Feature, FeatureList

FEATURES: Final = FeatureList()


BUCKETS: Final = 50

_FILL: Final = 0  # contracts in the bucket under way
_NET: Final = 1  # of them bought less sold
_COUNT: Final = 2  # full buckets so far
_TOTAL: Final = 3  # sum of |net| over the last BUCKETS of them
_NONE: Final = -1


class VolumeBuckets:
    """Trades in order, put into buckets of equal volume.

    A trade larger than the room left is split over buckets. A trade without an aggressor counts
    half as bought and half as sold: nothing in the difference of the two.

    Parameters
    ----------
    volume : int
        Contracts of a bucket, positive.
    seconds : int
        Length of the record by second.
    """

    def __init__(self, volume: int, seconds: int) -> None:
        if volume <= 0:
            raise ValueError(f"a bucket of {volume} contracts")
        self.volume = volume
        self._state = np.zeros(4, np.int64)
        self._ring = np.zeros(BUCKETS, np.int64)
        self._totals = np.full(seconds, _NONE, np.int64)
        self._last_second = -1

    def add(
        self,
        size: npt.NDArray[np.integer[Any]],
        sign: npt.NDArray[np.integer[Any]],
        second: I64 | None = None,
    ) -> None:
        """Add trades.

        Parameters
        ----------
        size : integer array, shape (n,), contracts
        sign : integer array, shape (n,)
            1 for a buy aggressor, -1 for a sell, 0 for none.
        second : int64 array, shape (n,), optional
            Second of each trade in the record, non-decreasing; none for trades before it.
        """
        if second is None:
            second = np.full(len(size), _NONE, np.int64)
        fill(size, sign, second, self.volume, self._state, self._ring, self._totals)

    def vpin(self, rows: I64) -> F64:
        """Return ``sum |VB_i - VS_i| / (50 V)`` over the last 50 full buckets before each row.

        Parameters
        ----------
        rows : int64 array, shape (m,)
            Seconds of the record, positive; a row sees the seconds before it.

        Returns
        -------
        float64 array, shape (m,), in [0, 1]
            NaN until 50 buckets are full.
        """
        known = self._totals != _NONE
        last = np.maximum.accumulate(np.where(known, np.arange(len(known)), -1))[rows - 1]
        before = self._before if self._before != _NONE else np.nan
        totals = np.where(last >= 0, self._totals[last], before)
        return np.asarray(totals / (BUCKETS * self.volume), np.float64)

    def start_record(self) -> None:
        """Begin the record: what was added so far lies before its first second."""
        self._before = int(self._state[_TOTAL]) if self._state[_COUNT] >= BUCKETS else _NONE

    _before: int = _NONE


@FEATURES.add(
    Feature(
        "vpin",
        doc=(
            "Volume-synchronised probability of informed trading: sum over the last 50 full "
            "buckets of |VB_i - VS_i| / (50 V); V = mean daily volume of the prior 20 sessions / "
            "50, rounded to whole contracts; exchange aggressor side, side N split in half. A day "
            "is the UTC date of a regular session, early closes left out. Buckets are filled with "
            "the trades of the fewest prior sessions that hold 50 of them, each session that of "
            "its own front-month contract, then with those of the date."
        ),
        unit="dimensionless",
        window="50 volume buckets",
        null_rule="Null until 50 full buckets, or without all 20 sessions of history.",
        mirror=EVEN,
        source="Easley, Lopez de Prado & O'Hara 2012",
        minimum=0,
        maximum=1,
    )
)
def probability_of_informed_trading(vpin: F64) -> F64:
    """Return VPIN, which `VolumeBuckets` has already: its buckets begin before the date."""
    return vpin


@kernel
def fill(
    size: Any, sign: Any, second: Any, volume: int, state: Any, ring: Any, totals: Any
) -> None:
    """Put trades into buckets; ``totals`` receives the total after the last trade of a second."""
    for i in range(size.shape[0]):
        left = np.int64(size[i])
        while left > 0:
            taken = min(left, volume - state[_FILL])
            state[_FILL] += taken
            state[_NET] += sign[i] * taken
            left -= taken
            if state[_FILL] == volume:
                slot = state[_COUNT] % BUCKETS
                state[_TOTAL] += abs(state[_NET]) - ring[slot]
                ring[slot] = abs(state[_NET])
                state[_COUNT] += 1
                state[_FILL] = state[_NET] = 0
        if second[i] >= 0 and state[_COUNT] >= BUCKETS:
            totals[second[i]] = state[_TOTAL]
