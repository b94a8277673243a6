"""A deterministic, exchange-like day of CME futures as real DBN files."""

from __future__ import annotations

from .contracts import PRODUCTS, front_symbol
from .day import (
    SampleFuture,
    market_by_price_10_chunks,
    metadata,
    reference_path,
    sample_instruments,
)
from .dbn_file import write_future_day
from .layout import MBP10_DTYPE
from .options import SampleOptions, write_option_day

SAMPLE_ROOTS = tuple(PRODUCTS)
"""Product roots that there is a sample of."""

__all__ = [
    "MBP10_DTYPE",
    "SAMPLE_ROOTS",
    "SampleFuture",
    "SampleOptions",
    "front_symbol",
    "market_by_price_10_chunks",
    "metadata",
    "reference_path",
    "sample_instruments",
    "write_future_day",
    "write_option_day",
]
