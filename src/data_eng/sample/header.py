"""DBN metadata of a day's file, as the vendor writes it for a request by parent symbols."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import databento_dbn as dbn

from .clock import DAY_SECONDS, NANOS, midnight_ns
from .delivery import DATASET, DeliveredDay


@dataclass(frozen=True)
class _Interval:
    start_date: dt.date
    end_date: dt.date
    symbol: str


@dataclass(frozen=True)
class _Mapping:
    # databento_dbn declares these two as protocols only.
    raw_symbol: str
    intervals: list[_Interval]


def file_metadata(day: DeliveredDay) -> Any:
    """Return the metadata (`databento_dbn.Metadata`, version 3) of one day's file."""
    next_day = day.date + dt.timedelta(days=1)
    start = midnight_ns(day.date)
    mappings = [
        _Mapping(symbol, [_Interval(day.date, next_day, str(instrument_id))])
        for symbol, instrument_id in day.mappings
    ]
    return dbn.Metadata(
        dataset=DATASET,
        start=start,
        end=start + DAY_SECONDS * NANOS,
        stype_in=dbn.SType.PARENT,
        stype_out=dbn.SType.INSTRUMENT_ID,
        schema=dbn.Schema.from_str(day.schema),
        symbols=list(day.symbols),
        partial=[],
        not_found=[],
        mappings=mappings,
        limit=None,
        version=3,
    )
