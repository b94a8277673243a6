"""Volume-synchronised probability of informed trading (VPIN)."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ...compiled import kernel
from ..book.day_seconds import F64, I64
from ..book.second_sums import SECOND_NS
from ..book.trades import Trades, counted_trades
from ..definitions import VPIN_BUCKETS
from ..feature import EVEN, Feature, FeatureList

FEATURES: Final = FeatureList()


_NONE: Final = -1

FILLING: Final = np.dtype(
    [
        ("filled", "i8"),  # contracts in the bucket under way
        ("net", "i8"),  # of them bought less sold
        ("full", "i8"),  # full buckets so far
        ("total", "i8"),  # sum of |net| over the last VPIN_BUCKETS of them
    ]
)


class Filling(NamedTuple):
    """Buckets while they are filled.

    Attributes
    ----------
    state : FILLING array, shape (1,)
    ring : int64 array, shape (VPIN_BUCKETS,)
        ``|net|`` of the last full buckets.
    totals : int64 array, shape (seconds,)
        Receives the total after the last trade of a second.
    """

    state: npt.NDArray[Any]
    ring: npt.NDArray[np.int64]
    totals: npt.NDArray[np.int64]


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
    filled : int
        Contracts in the first bucket already, of trades that are not given; what they were is not
        known, so the first bucket must not be among the last that are looked at.
    """

    def __init__(self, volume: int, seconds: int, filled: int = 0) -> None:
        if volume <= 0:
            raise ValueError(f"a bucket of {volume} contracts")
        self.volume = volume
        self._state = np.zeros(1, FILLING)
        self._state["filled"] = filled
        self._totals = np.full(seconds, _NONE, np.int64)
        self._filling = Filling(self._state, np.zeros(VPIN_BUCKETS, np.int64), self._totals)

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
        fill(size, sign, second, self.volume, self._filling)

    def add_trades(self, trades: Trades, start_ns: int | None = None) -> None:
        """Add the rows that count as trades.

        Parameters
        ----------
        trades : Trades
        start_ns : int, ns since epoch UTC, optional
            First second of the record, after whose last one trades are left out; none for trades
            before it.
        """
        trades = counted_trades(trades)
        size, sign = trades.size, trades.sign
        if start_ns is None:
            self.add(size, sign)
            return
        second = (trades.ts_recv - start_ns) // SECOND_NS
        count = int(np.searchsorted(second, len(self._totals)))
        self.add(size[:count], sign[:count], second[:count])

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
        return np.asarray(totals / (VPIN_BUCKETS * self.volume), np.float64)

    def start_record(self) -> None:
        """Begin the record: what was added so far lies before its first second."""
        is_known = self._state["full"][0] >= VPIN_BUCKETS
        self._before = int(self._state["total"][0]) if is_known else _NONE

    _before: int = _NONE


@FEATURES.add(
    Feature(
        "vpin",
        doc=(
            "Volume-synchronised probability of informed trading: sum over the last 50 full "
            "buckets of |VB_i - VS_i| / (50 V); V = mean daily volume of the prior 20 sessions / "
            "50, rounded to whole contracts; exchange aggressor side, side N split in half. A day "
            "is the UTC date of a regular session, early closes left out. Buckets are filled with "
            "the trades of the prior 20 sessions in order, each session that of its own "
            "front-month contract, then with those of the date."
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
def fill(size: Any, sign: Any, second: Any, volume: int, filling: Any) -> None:
    """Put trades into buckets of a volume.

    Parameters
    ----------
    size, sign, second
        As of `VolumeBuckets.add`.
    volume : int, contracts
    filling : Filling
    """
    states, ring, totals = filling
    state = states[0]
    for i in range(size.shape[0]):
        left = np.int64(size[i])
        while left > 0:
            taken = min(left, volume - state.filled)
            state.filled += taken
            state.net += sign[i] * taken
            left -= taken
            if state.filled == volume:
                slot = state.full % VPIN_BUCKETS
                state.total += abs(state.net) - ring[slot]
                ring[slot] = abs(state.net)
                state.full += 1
                state.filled = state.net = 0
        if second[i] >= 0 and state.full >= VPIN_BUCKETS:
            totals[second[i]] = state.total
