"""Random days for the tests of MARKET features: records in, columns out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from src.data_eng.features.bar_closes import BarCloses
from src.data_eng.features.book.book_scan import BookScan
from src.data_eng.features.book.day_seconds import F64, DaySeconds
from src.data_eng.features.market.columns import OutsideInputs, market_columns
from tests.features.market.record_streams import SECOND, Exchange, Record, chunk, spoiled

START = 1_749_081_600 * SECOND
OPEN = START + 2000 * SECOND
ROWS = 401
END = OPEN + (ROWS - 1) * SECOND
TICK, MULTIPLIER = 0.25, 50.0


def random_times(rng: np.random.Generator, count: int, since: int = 0) -> list[int]:
    """Times to the end of the day, ties and whole seconds among them."""
    times = np.sort(rng.integers(since * SECOND, END - START, count))
    whole = rng.random(count) < 0.1
    times[whole] -= times[whole] % SECOND
    again = np.flatnonzero(rng.random(count - 1) < 0.1)
    times[again + 1] = times[again]
    return [START + int(t) for t in np.sort(times)]


def random_records(seed: int, count: int = 1500, share: float = 0.0) -> list[Record]:
    rng = np.random.default_rng(seed)
    exchange = Exchange(rng, depth=int(rng.integers(8, 15)), largest=int(rng.integers(2, 60)))
    records = exchange.stream(random_times(rng, count, since=int(rng.choice([0, 0, 1990]))))
    return spoiled(records, rng, share) if share else records


def silent_records(seed: int) -> list[Record]:
    """Return a spoiled day with two silences about a minute long, after one a side is missing."""
    records, rng = random_records(seed, 1800, 0.01), np.random.default_rng(seed + 1)
    for _ in range(2):
        begin = OPEN + int(rng.integers(-1800, 300)) * SECOND
        end = begin + int(rng.integers(55, 130)) * SECOND
        part = end + int(rng.integers(0, 9)) * SECOND
        records = [
            replace(r, bids=[]) if end <= r.t < part else r
            for r in records
            if not begin <= r.t < end
        ]
    return records


def perturbed(r: Record, rng: np.random.Generator) -> Record:
    move = int(rng.integers(-3, 4))
    more = int(rng.integers(1, 50))
    return replace(
        r,
        action=str(rng.choice(["A", "C", "M", "T"])),
        side=str(rng.choice(["A", "B"])),
        price=20_000 + move,
        size=more,
        flags=int(rng.choice([0x80, 0x80, 0])),
        bids=[(p + move, s + more, n + 1) for p, s, n in r.bids],
        asks=[(p + move + 1, s + 2 * more, n + 2) for p, s, n in r.asks],
    )


def day_seconds(records: Sequence[Record], cuts: Sequence[int] = ()) -> DaySeconds:
    """Return the scan of the records, in chunks cut at given places."""
    day = BookScan(START, END)
    bounds = [0, *sorted(cuts), len(records)]
    for first, last in pairwise(bounds):
        day.add(chunk(records[first:last]))
    seconds = day.finish()
    return DaySeconds(
        seconds, END if day.first_ns is None else day.first_ns, OPEN, END, TICK, MULTIPLIER
    )


def no_history(rows: int) -> OutsideInputs:
    missing, nothing = np.full(rows, np.nan), np.empty((0, rows))
    return OutsideInputs(
        prior_volume_300s=nothing,
        prior_depth_300s=nothing,
        prior_ranges=np.zeros(0),
        prior_close=None,
        large=None,
        closes=BarCloses(np.zeros(0, np.int64), np.zeros(0)),
        average_true_range=missing,
        vpin=missing,
        days_to_expiry=None,
    )


def columns(records: Sequence[Record], cuts: Sequence[int] = ()) -> dict[str, F64]:
    return market_columns(day_seconds(records, cuts), no_history(ROWS))


def same(a: F64, b: F64) -> bool:
    """Whether two columns are equal to the bit, missing values included."""
    return bool(np.array_equal(a, b, equal_nan=True))
