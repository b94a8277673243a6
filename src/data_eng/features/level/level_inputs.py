"""What the price rule of a level may read, and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

DATE: Final = "date"
PRE_MARKET: Final = "pre_market"
OPENING_RANGE: Final = "opening_range"
"""Names of the windows that every date with a regular session has."""


@dataclass(frozen=True)
class Read:
    """A table that a price rule reads.

    Attributes
    ----------
    key : str
        Of the dataset.
    sessions_back : int
        0 for the date itself; else the table is read of so many regular sessions before it.
    """

    key: str
    sessions_back: int = 0


@dataclass(frozen=True)
class LevelTrades:
    """Trades in file order.

    Attributes
    ----------
    times : int64 array, shape (n,), ns since epoch UTC
        ``ts_recv``, non-decreasing.
    ticks : integer array, shape (n,), ticks
    """

    times: I64
    ticks: npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class LevelBars:
    """Two-minute bars of one session, in order; arrays of shape (n,).

    Attributes
    ----------
    start_ns, end_ns : int64 arrays, ns since epoch UTC
    high, low, close : int64 arrays, ticks
    """

    start_ns: I64
    end_ns: I64
    high: I64
    low: I64
    close: I64


@dataclass(frozen=True)
class LevelInputs:
    """All that a price rule may look at.

    Attributes
    ----------
    trades : LevelTrades
        Of the date, within the windows that levels with trades declare.
    bars : LevelBars
        Of the date.
    earlier_bars : tuple of LevelBars or None
        Of the regular sessions before, nearest first; None where a session has none. As many as
        the level that looks back farthest declares.
    windows : mapping of str to (int, int), ns since epoch UTC
        ``date`` (the partition's 24 hours), ``pre_market``, ``opening_range``: start and end.
    tick_size : float, dollars
    """

    trades: LevelTrades
    bars: LevelBars
    earlier_bars: tuple[LevelBars | None, ...]
    windows: Mapping[str, tuple[int, int]]
    tick_size: float


@dataclass(frozen=True)
class LevelPrices:
    """The values of a level on a date, and when each is known.

    Attributes
    ----------
    known_ns : int64 array, shape (n,), ns since epoch UTC
        From when on each value is in force, increasing; a fixed level has one, or none.
    ticks : float64 array, shape (n,), ticks
        NaN where the level has no value from then on.
    windows : int64 array, shape (n, 2), ns since epoch UTC
        Start and end of what makes each value.
    set_ns : int or None, ns since epoch UTC
        Receipt of the trade that set the extreme.
    missing : str or None
        Why there is no price at all.
    """

    known_ns: I64
    ticks: F64
    windows: I64
    set_ns: int | None = None
    missing: str | None = None


def fixed_price(
    known_ns: int, ticks: float, window: tuple[int, int], set_ns: int | None = None
) -> LevelPrices:
    """Return the one value of a fixed level."""
    return LevelPrices(
        np.array([known_ns], np.int64),
        np.array([ticks], np.float64),
        np.array([window], np.int64),
        set_ns,
    )


def no_price(
    missing: str, known_ns: int | None = None, window: tuple[int, int] | None = None
) -> LevelPrices:
    """Return that a level has no price, and why; with the window that was searched, if any."""
    if known_ns is None or window is None:
        nothing = np.zeros(0, np.int64)
        return LevelPrices(nothing, np.zeros(0), nothing.reshape(0, 2), missing=missing)
    return LevelPrices(
        np.array([known_ns], np.int64), np.array([np.nan]), np.array([window], np.int64),
        missing=missing,
    )  # fmt: skip
