"""The columns that look back beyond the day against the slow reference, on random sessions."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from src.data_eng.features.bar_closes import BarCloses
from src.data_eng.features.book.day_seconds import F64, DaySeconds
from src.data_eng.features.book.quote_records import quote_records
from src.data_eng.features.book.second_sums import VOLUME
from src.data_eng.features.book.trades import TradeReader, Trades
from src.data_eng.features.definitions import VPIN_BUCKETS
from src.data_eng.features.market.book_shape import total_depth
from src.data_eng.features.market.columns import OutsideInputs, market_columns
from src.data_eng.features.market.large_trades import large_size, large_trades
from src.data_eng.features.market.prior_sessions import window_mean, window_volume
from src.data_eng.features.market.volume_buckets import VolumeBuckets
from src.data_eng.features.true_range import average_true_range, last_closed
from src.data_eng.records.market_history import nearest_sessions
from tests.features.market.market_days import (
    END,
    MULTIPLIER,
    OPEN,
    ROWS,
    START,
    TICK,
    day_seconds,
    random_records,
    silent_records,
)
from tests.features.market.record_streams import SECOND, Record, chunk
from tests.features.market.reference import Reference, is_counted
from tests.features.market.reference_history import NAMES, History, Session, history_columns

COMPARED = set(NAMES) - {"days_to_futures_expiry"}
SESSIONS = 20


def prior_sessions(rng: np.random.Generator) -> list[Session]:
    """Return 20 sessions of few records, or fewer; some with silences, some that begin late."""
    count = int(rng.choice([4, 5, 19, SESSIONS, SESSIONS]))
    seeds = rng.integers(0, 10**6, count)
    records = [
        silent_records(int(seed)) if k % 4 == 0 else random_records(int(seed), 400)
        for k, seed in enumerate(seeds)
    ]
    return [Session(one, OPEN, END - SECOND) for one in records]


def random_bars(rng: np.random.Generator) -> list[tuple[int, float, float, float]]:
    """Return bars by their end: high, low and close; they go on after the first row."""
    ends = OPEN + 120 * SECOND * np.arange(-int(rng.integers(10, 18)), 4)
    closes = 20_000 + np.cumsum(rng.integers(-6, 7, len(ends)))
    spans = rng.integers(0, 9, (len(ends), 2))
    return [
        (int(end), float(close + up), float(close - down), float(close))
        for end, close, (up, down) in zip(ends, closes, spans, strict=True)
    ]


def trades_of(records: list[Record]) -> Trades:
    return TradeReader().add(quote_records(chunk(records)))


def by_session(sessions: list[DaySeconds]) -> tuple[F64, F64]:
    """Return volume and mean depth of the 300 s before each row of each session."""
    volumes, depths = [], []
    for day in sessions:
        sums = day.seconds.sums
        known = day.is_window_known(300)
        first = -(-(day.first_ns - START) // SECOND)
        volume = window_volume(sums[:, VOLUME], day.rows, 300, first)
        depth = total_depth(day.books_at(np.arange(1, len(sums) + 1)), 10)
        volumes.append(np.where(known, volume, np.nan))
        depths.append(np.where(known, window_mean(depth, day.rows, 300), np.nan))
    return np.stack(volumes), np.stack(depths)


def vpin(day: DaySeconds, own: Trades, prior: list[Session]) -> F64:
    """Return VPIN from no more sessions than it takes, the nearest ones."""
    volumes = [sum(r.size or 0 for r in one.records if is_counted(r)) for one in prior]
    if len(volumes) < SESSIONS:
        return np.full(ROWS, np.nan)
    bucket = max(1, round(sum(volumes) / SESSIONS / VPIN_BUCKETS))
    count, filled = nearest_sessions(volumes, bucket)
    buckets = VolumeBuckets(bucket, day.seconds.seconds, filled)
    for one in reversed(prior[:count]):
        buckets.add_trades(trades_of(list(one.records)))
    buckets.start_record()
    buckets.add_trades(own, START)
    return buckets.vpin(day.rows)


def outside(day: DaySeconds, own: list[Record], history: History) -> OutsideInputs:
    prior = history.present
    volume, depth = by_session([day_seconds(one.records) for one in prior])
    regular = [[r for r in one.regular_trades] for one in prior]
    spans = [max(p) - min(p) for p in ([r.price or 0 for r in one] for one in regular) if p]
    sizes = [[r.size or 0 for r in one] for one in regular]
    size = large_size({s: of.count(s) for s in of} for of in sizes)
    trades = trades_of(own)
    closing = [r.price for r in prior[0].records if is_counted(r) and r.t < END - SECOND]
    ends, high, low, close = (np.array(column) for column in zip(*history.bars, strict=True))
    return OutsideInputs(
        prior_volume_300s=volume,
        prior_depth_300s=depth,
        prior_ranges=np.array(spans, np.float64),
        prior_close=float(closing[-1] or 0),
        large=None if size is None else large_trades(trades, size, START, day.seconds.seconds),
        closes=BarCloses(ends, close),
        average_true_range=last_closed(
            ends, average_true_range(high, low, close) * TICK, OPEN + np.arange(ROWS) * SECOND
        ),
        vpin=vpin(day, trades, prior),
        days_to_expiry=None,
    )


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(3, 6))]
)
def test_columns_of_history_are_the_reference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    own = silent_records(seed) if seed % 2 else random_records(seed)
    prior = prior_sessions(rng)
    history = History(prior, prior[0], random_bars(rng))
    day = day_seconds(own)
    found = market_columns(day, outside(day, own, history))
    for row in (0, 1, 230, *rng.integers(2, ROWS, 3)):
        ref = Reference(own, OPEN + int(row) * SECOND, START, OPEN, MULTIPLIER)
        expected = history_columns(ref, history)
        for name in COMPARED:
            value, got = expected[name], float(found[name][row])
            assert math.isnan(got) == (value is None), (name, row, got, value)
            if value is not None:
                assert got == pytest.approx(value, rel=1e-9, abs=1e-9), (name, row)


@pytest.mark.parametrize("seed", range(20))
def test_the_nearest_sessions_fill_the_buckets_as_all_of_them_do(seed: int) -> None:
    rng = np.random.default_rng(seed)
    volumes = [int(v) for v in rng.integers(0, int(rng.choice([3, 300, 5000])), SESSIONS)]
    bucket = max(1, round(sum(volumes) / SESSIONS / VPIN_BUCKETS))
    count, filled = nearest_sessions(volumes, bucket)
    signs = rng.integers(-1, 2, sum(volumes))
    ones = np.ones(sum(volumes), np.int64)
    bounds = np.append(0, np.cumsum(volumes[::-1]))
    first = int(bounds[SESSIONS - count])
    every, nearest = VolumeBuckets(bucket, 1), VolumeBuckets(bucket, 1, filled)
    every.add(ones, signs)
    for begin, end in pairwise([*bounds[SESSIONS - count :]]):
        nearest.add(ones[begin:end], signs[begin:end])
    assert filled == first % bucket
    for buckets in (every, nearest):
        buckets.start_record()
    row = np.array([1])
    assert np.array_equal(every.vpin(row), nearest.vpin(row), equal_nan=True)
