"""A deterministic option chain on the sample's futures as real DBN files."""

from __future__ import annotations

from .chain import Chain
from .day import OptionDay, SampleOptions
from .definitions import definition_records
from .expiries import Expiry, listed_expiries
from .files import OptionChunk, option_chunks, option_file, write_option_day
from .layout import DEFINITION_DTYPE, MBP1_DTYPE, STATISTICS_DTYPE, TRADE_DTYPE
from .spreads import Spreads

__all__ = [
    "DEFINITION_DTYPE",
    "MBP1_DTYPE",
    "STATISTICS_DTYPE",
    "TRADE_DTYPE",
    "Chain",
    "Expiry",
    "OptionChunk",
    "OptionDay",
    "SampleOptions",
    "Spreads",
    "definition_records",
    "listed_expiries",
    "option_chunks",
    "option_file",
    "write_option_day",
]
