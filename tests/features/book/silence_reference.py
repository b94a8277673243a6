"""When a book is unknown, walked record by record: slow, and plain Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from src.data_eng.vendor.dbn.layout import UNDEF_PRICE
from src.data_eng.vendor.dbn.reader import DbnReader
from tests.features.market.record_streams import BAD_BOOK, LAST, SECOND, Record

Ranges = Sequence[tuple[int, int]]


class Walk:
    """What is known of the book after so many records."""

    def __init__(self, covered: Ranges | None, limit: int) -> None:
        self.covered = covered
        self.limit = limit
        self.last: int | None = None
        self.has_book = False
        self.is_doubted = False

    def take(self, r: Record) -> None:
        if self.last is not None:
            self.is_doubted |= r.t - self.last >= self.limit
            self.is_doubted |= self._has_begun(r.t)
        self.last = r.t
        is_two_sided = bool(r.bids and r.asks)
        if r.flags & BAD_BOOK or r.action == "R":
            self.has_book = False
        elif r.flags & LAST and r.action != "T" and (self.has_book or is_two_sided):
            self.has_book = True
            if is_two_sided:
                self.is_doubted = False

    def is_unknown(self, now: int) -> bool:
        is_covered = self.covered is None or any(a < now <= b for a, b in self.covered)
        if not (is_covered and self.has_book) or self.is_doubted or self.last is None:
            return True
        return now - self.last >= self.limit or self._has_begun(now - 1)

    def _has_begun(self, until: int) -> bool:
        # A covered range began after the last record.
        assert self.last is not None
        return any(self.last < start <= until for start, _ in self.covered or ())


def unknown_reference(
    records: Sequence[Record], bounds: tuple[int, int], covered: Ranges | None, limit: int
) -> npt.NDArray[np.bool_]:
    """Return for each whole second from the first bound to the second whether it is unknown."""
    walk, found, at = Walk(covered, limit * SECOND), [], 0
    for now in range(bounds[0], bounds[1] + 1, SECOND):
        while at < len(records) and records[at].t < now:
            walk.take(records[at])
            at += 1
        found.append(walk.is_unknown(now))
    return np.array(found)


def undecided(
    records: Sequence[Record], bounds: tuple[int, int], limit: int
) -> npt.NDArray[np.bool_]:
    """Return the whole seconds that rows of one second cannot tell.

    From a second with a gap that may or may not have been a silence, or with no two-sided book
    but a locked or crossed one, to the next valid quote.
    """
    found, at, is_open, last = [False], 0, False, None
    for begin in range(bounds[0], bounds[1], SECOND):
        inside = []
        while at < len(records) and records[at].t < begin + SECOND:
            inside.append(records[at])
            at += 1
        if inside:
            if last is not None and inside[0].t - last < limit * SECOND <= inside[-1].t - last:
                is_open = True
            books = [r for r in inside if r.flags & LAST and r.action != "T" and r.bids and r.asks]
            is_valid = [r.asks[0][0] > r.bids[0][0] for r in books]
            is_open = any(not one for one in is_valid) or (is_open and not any(is_valid))
            last = inside[-1].t
        found.append(is_open)
    return np.array(found)


def real_records(path: Path) -> Iterator[Record]:
    """Yield the records of a real MBP-10 file, prices in quarter points."""
    with DbnReader(path, "mbp-10") as reader:
        for block in reader.blocks():
            for row in block:
                yield _record(row)
            reader.recycle(block)


def _record(row: np.void) -> Record:
    def side(name: str) -> list[tuple[int, int, int]]:
        levels = [
            tuple(int(row[f"{name}_{what}_{k:02d}"]) for what in ("px", "sz", "ct"))
            for k in range(10)
        ]
        return [(px // 250_000_000, sz, ct) for px, sz, ct in levels if px != UNDEF_PRICE]

    price = int(row["price"])
    return Record(
        int(row["ts_recv"]),
        row["action"].decode(),
        row["side"].decode(),
        side("bid"),
        side("ask"),
        None if price == UNDEF_PRICE else price // 250_000_000,
        int(row["size"]),
        int(row["flags"]),
        int(row["ts_event"]),
    )
