"""A sample day: what is asked for, its records and its metadata."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import databento_dbn as dbn
import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from .book import TICKS, new_book
from .clock import DAY_SECONDS, NANOS, Clock, day_clock
from .contracts import Instrument, instruments, product
from .engine import ROOM, advance, open_books
from .latent import Latent, latent_day, stream
from .layout import new_rows
from .market import ENDED, SEQUENCE, Fixed, Market, Moving
from .randomness import new_state

DATASET: Final = "GLBX.MDP3"
CHUNK_ROWS: Final = 32_768
_ORDERS: Final = 1 << 20
_EVENTS_STREAM: Final = 3


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
    """

    date: dt.date
    root: str = "ES"
    records: int = 200_000
    instruments: int = 3
    seed: int = 7

    def __post_init__(self) -> None:
        if self.records < 5_000:
            raise UsageError(f"records must be 5000 or more, got {self.records}")
        if self.seed < 0:
            raise UsageError(f"seed must not be negative, got {self.seed}")
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


def metadata(sample: SampleFuture) -> Any:
    """Return the DBN metadata (`databento_dbn.Metadata`, version 3) of the day's file."""
    next_day = sample.date + dt.timedelta(days=1)
    start = day_clock(sample.date).start_ns
    mappings = [
        _Mapping(
            raw_symbol=instrument.symbol,
            intervals=[
                _Interval(
                    start_date=sample.date,
                    end_date=next_day,
                    symbol=str(instrument.instrument_id),
                )
            ],
        )
        for instrument in sample_instruments(sample)
    ]
    return dbn.Metadata(
        dataset=DATASET,
        start=start,
        end=start + DAY_SECONDS * NANOS,
        stype_in=dbn.SType.PARENT,
        stype_out=dbn.SType.INSTRUMENT_ID,
        schema=dbn.Schema.MBP_10,
        symbols=[f"{sample.root}.FUT"],
        partial=[],
        not_found=[],
        mappings=mappings,
        limit=None,
        version=3,
    )


def market_by_price_10_chunks(sample: SampleFuture) -> Iterator[NDArray[Any]]:
    """Yield the day's records in file order.

    Yields
    ------
    structured array, shape (n,), dtype of `databento_dbn.MBP10Msg`
        At most 32,768 records; the caller may keep it.
    """
    market = _new_market(sample)
    records, rows = new_rows(CHUNK_ROWS)
    market = market._replace(rows=rows)
    open_books(market, int(sample.date.weekday() != 6))
    while True:
        count = advance(market)
        if count:
            yield records[:count]
        if market.moving.clock[ENDED]:
            return
        records, rows = new_rows(CHUNK_ROWS)
        market = market._replace(rows=rows)


def _new_market(sample: SampleFuture) -> Market:
    listed = sample_instruments(sample)
    latent = latent_day(sample.root, sample.date, sample.seed)
    count = len(listed)
    seed = stream(sample.root, sample.date, sample.seed, _EVENTS_STREAM)
    moving = Moving(
        random=new_state(seed),
        clock=np.zeros(8, np.int64),
        latent=np.zeros(1),
        due=np.zeros(count, np.int64),
        emitted=np.zeros(count, np.int64),
        events=np.zeros(count, np.int64),
        last_buy=np.zeros(count, np.int8),
        excited=np.zeros(count),
        weight=np.ones((count, 2, TICKS), np.float32),
    )
    moving.clock[SEQUENCE] = 1_000_000 + int(seed.generate_state(2)[1]) % 9_000_000
    fixed = _fixed(sample, listed, latent, day_clock(sample.date))
    return Market(fixed, moving, new_book(count, _ORDERS), new_rows(ROOM)[1])


def _progress(activity: NDArray[np.float64]) -> NDArray[np.float64]:
    # Exactly one at the end, so that nothing is due after the last open second.
    total = np.concatenate(([0.0], np.cumsum(activity)))
    return total / total[-1]


def _fixed(
    sample: SampleFuture, listed: list[Instrument], latent: Latent, clock: Clock
) -> Fixed:
    spec = product(sample.root)
    trades_on = (clock.new_york_hour < 9.5) | (clock.new_york_hour >= 17.0)
    until_expiry = np.where(trades_on, latent.activity, 0.0)
    spread = np.array([item.far is not None for item in listed])
    near = np.array([item.near for item in listed], np.float64)
    far = np.array([item.near if item.far is None else item.far for item in listed], np.float64)
    tick = np.array([item.tick for item in listed])
    share = np.array([item.share for item in listed])
    front_weight = np.where(spread, 0.0, 1.0)
    carry_weight = np.where(spread, far - near, near)
    middle = front_weight * latent.front[0] + carry_weight * latent.carry[0]
    deep = (share >= 0.1) | (np.arange(len(listed)) == 0)
    deep |= spread & (share >= 0.02)
    carry_step = np.diff(latent.carry)
    return Fixed(
        start_ns=clock.start_ns,
        target=share * sample.records,
        profile=np.array([int(item.expiry == sample.date) for item in listed]),
        deep=deep.astype(np.int8),
        front_weight=front_weight,
        carry_weight=carry_weight,
        tick=tick,
        tick_nanos=np.rint(tick * NANOS).astype(np.int64),
        base=np.rint(middle / tick).astype(np.int64) - TICKS // 2,
        instrument_id=np.array([item.instrument_id for item in listed], np.uint32),
        book_scale=spec.book_scale * np.where(spread, 2.5, np.minimum(1.0, 0.2 + 1.6 * share)),
        quoted_levels=np.clip(16.0 + 2.2 * np.log(share), 2.0, 12.0),
        progress=np.stack([_progress(latent.activity), _progress(until_expiry)]),
        front=latent.front,
        carry=latent.carry,
        variance=latent.variance,
        carry_variance=np.full(DAY_SECONDS, float(carry_step.var())),
        book_size=clock.book_size,
        opens=clock.start_ns + np.array(clock.reopens, np.int64) * NANOS,
        closes=clock.start_ns + np.array([*clock.closes, DAY_SECONDS], np.int64) * NANOS,
    )
