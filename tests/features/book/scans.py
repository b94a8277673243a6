"""Scans of record streams, for the tests of what they leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from src.data_eng.features.book.book_scan import BookScan
from src.data_eng.features.book.displayed_sizes import DisplayedSizes
from src.data_eng.features.book.record_chunk import RecordChunk
from src.data_eng.features.book.second_sums import SecondSums
from src.data_eng.features.book.trades import joined
from tests.features.book.reference import Sizes
from tests.features.level.level_streams import CENTRE, END, START
from tests.features.market.record_streams import Record, Side, chunk


def chunks(records: Sequence[Record], cuts: Sequence[int] = ()) -> Iterator[RecordChunk]:
    """Yield the records in chunks cut at given places."""
    bounds = [0, *sorted(min(cut, len(records)) for cut in cuts), len(records)]
    for first, last in pairwise(bounds):
        yield chunk(records[first:last])


def scanned(
    records: Sequence[Record], cuts: Sequence[int] = (), start: int = START, end: int = END
) -> tuple[SecondSums, DisplayedSizes]:
    scan, found = BookScan(start, end), []
    for part in chunks(records, cuts):
        scan.add(part)
        found.append(scan.take_displayed())
    seconds = scan.finish()
    return seconds, joined([*found, scan.take_displayed()])


def rows_of(displayed: DisplayedSizes) -> Sizes:
    keys = zip(displayed.second.tolist(), displayed.price.tolist(), strict=True)
    columns = np.column_stack(displayed[2:]).tolist()
    return dict(zip(keys, columns, strict=True))


def spread_out(records: Sequence[Record], factor: int) -> list[Record]:
    """Return the records with gaps between prices that lay side by side."""

    def far(price: int) -> int:
        return CENTRE + factor * (price - CENTRE)

    def side(levels: Side) -> Side:
        return [(far(price), size, count) for price, size, count in levels]

    return [
        replace(
            r,
            bids=side(r.bids),
            asks=side(r.asks),
            price=None if r.price is None else far(r.price),
        )
        for r in records
    ]


def jumping(records: Sequence[Record], rng: np.random.Generator) -> list[Record]:
    """Return the records with books that lie somewhere else for a while, near or far away."""
    out = list(records)
    for reach in (1, 3, 9, 12, 25, 1000, 2**20):
        first = int(rng.integers(0, len(out)))
        by = int(rng.choice([-1, 1])) * reach
        for i in range(first, min(first + int(rng.integers(1, 300)), len(out))):
            r = out[i]
            bids, asks = ([(p + by, s, n) for p, s, n in side] for side in (r.bids, r.asks))
            out[i] = replace(r, bids=bids, asks=asks)
    return out
