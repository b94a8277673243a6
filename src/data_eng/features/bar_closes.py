"""The closes of two-minute bars."""

from __future__ import annotations

from dataclasses import dataclass

from .book.day_seconds import F64, I64


@dataclass(frozen=True)
class BarCloses:
    """The printed two-minute bars of a day.

    Attributes
    ----------
    end_ns : int64 array, shape (n,), ns since epoch UTC
        When each closes, increasing.
    close : float64 array, shape (n,), ticks
    """

    end_ns: I64
    close: F64
