"""A sample day: what is asked for, its records and its metadata."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from .clock import day_clock
from .contracts import Instrument, instruments, product
from .delivery import DeliveredDay
from .engine import advance, open_books
from .header import file_metadata
from .latent import latent_day, stream
from .layout import new_rows
from .setup import Character, new_market

CHUNK_ROWS: Final = 32_768
MAX_FAULTS: Final = 20
_EVENTS_STREAM: Final = 3


@dataclass(frozen=True)
class SampleFuture:
    """A day of futures to build.

    Attributes
    ----------
    date : datetime.date
        UTC day, not a Saturday.
    root : str
        Product root.
    records : int
        Records wanted in all, met within two per cent.
    instruments : int
        1 to 46; with three: front month, the other busy month, their spread.
    seed : int
        Days of one seed and root join to one price path.
    martingale : bool
        The mid of the front month moves by whole ticks and is close to a martingale, for
        tests that need a market without drift; else its moves revert in part.
    faults : int
        Gaps in the feed, stretches in which the book may be bad, and moments in which the
        front month has one side: so many of each.
    """

    date: dt.date
    root: str = "ES"
    records: int = 200_000
    instruments: int = 3
    seed: int = 7
    martingale: bool = False
    faults: int = 2

    def __post_init__(self) -> None:
        if self.records < 5_000:
            raise UsageError(f"records must be 5000 or more, got {self.records}")
        if self.seed < 0:
            raise UsageError(f"seed must not be negative, got {self.seed}")
        if not 0 <= self.faults <= MAX_FAULTS:
            raise UsageError(f"faults must be 0 to {MAX_FAULTS}, got {self.faults}")
        product(self.root)
        day_clock(self.date)
        instruments(self.root, self.date, self.instruments)


def sample_instruments(sample: SampleFuture) -> list[Instrument]:
    """Return the sample's instruments, the front month first."""
    return instruments(sample.root, sample.date, sample.instruments)


def reference_path(sample: SampleFuture) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the efficient price of the front month, which the day's quotes follow.

    It follows from date, root and seed alone: samples of any size share it.

    Returns
    -------
    ts : int64 array, shape (86401,), ns since epoch UTC
        Every second of the UTC day, both ends.
    price : float64 array, shape (86401,), points
        Constant while the exchange is closed.
    """
    latent = latent_day(sample.root, sample.date, sample.seed)
    return latent.ts, latent.front


def delivered_day(sample: SampleFuture) -> DeliveredDay:
    """Return what the vendor says about the day's file."""
    mappings = [(item.symbol, item.instrument_id) for item in sample_instruments(sample)]
    return DeliveredDay(sample.date, "mbp-10", (f"{sample.root}.FUT",), tuple(mappings))


def metadata(sample: SampleFuture) -> Any:
    """Return the DBN metadata (`databento_dbn.Metadata`, version 3) of the day's file."""
    return file_metadata(delivered_day(sample))


def market_by_price_10_chunks(sample: SampleFuture) -> Iterator[NDArray[Any]]:
    """Yield the day's records in file order.

    Yields
    ------
    structured array, shape (n,), dtype of `databento_dbn.MBP10Msg`
        At most 32,768 records; the caller may keep it.
    """
    records, wide, narrow = new_rows(CHUNK_ROWS)
    listed = sample_instruments(sample)
    market = new_market(
        listed,
        latent_day(sample.root, sample.date, sample.seed),
        day_clock(sample.date),
        expiring=[item.expiry == sample.date for item in listed],
        character=Character(
            records=sample.records,
            book_scale=product(sample.root).book_scale,
            reverting=not sample.martingale,
            faults=sample.faults,
        ),
        seed=stream(sample.root, sample.date, sample.seed, _EVENTS_STREAM),
    )
    market = market._replace(wide=wide, narrow=narrow)
    # On a Sunday nothing is on record before the opening.
    open_books(market, sample.date.weekday() != 6)
    while True:
        count = advance(market)
        if count:
            yield records[:count]
        if market.state[0]["ended"]:
            return
        records, wide, narrow = new_rows(CHUNK_ROWS)
        market = market._replace(wide=wide, narrow=narrow)
