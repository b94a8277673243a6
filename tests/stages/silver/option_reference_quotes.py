"""The quotes of the options by step for `option_reference`: which can be used, and forwards.

One walk over the day's quotes in their order, with dictionaries; no code of the package.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.dbn_files import Records

SECOND_NS = 10**9
STEP_NS = 5 * SECOND_NS
YEAR_NS = 365 * 86_400 * SECOND_NS
RATE = 0.04
UNDEFINED = 2**63 - 1

Terms = dict[int, tuple[int, float, str]]


@dataclass(frozen=True)
class SlowQuote:
    bid: float
    ask: float
    received: int
    sizes: tuple[int, int]
    reference: float | None = None

    @property
    def mid(self) -> float:
        return (self.bid + self.ask) / 2

    @property
    def is_two_sided(self) -> bool:
        return self.bid > 0 and self.ask > self.bid and min(self.sizes) > 0

    def fault(self, at_ns: int, max_age_ns: int | None) -> str | None:
        if not self.is_two_sided:
            return "crossed_or_empty"
        if self.ask - self.bid > max(1.0, 0.25 * self.mid):
            return "wide"
        if max_age_ns is not None and at_ns - self.received > max_age_ns:
            return "aged"
        return None


@dataclass(frozen=True)
class Step:
    """The quotes at a step, the forward of each expiration, and the quotes off parity."""

    quotes: dict[int, SlowQuote]
    forwards: dict[int, float]
    off_parity: set[int]


def walk(
    nbbo: Records,
    terms: Callable[[int], Terms],
    steps: range,
    max_age_ns: int | None = None,
    silence_ns: int = 60 * SECOND_NS,
) -> dict[int, Step]:
    quotes: dict[int, SlowQuote] = {}
    found = {}
    rows = iter(nbbo)
    row = next(rows, None)
    last = None
    for at_ns in steps:
        while row is not None and row["ts_recv"] < at_ns:
            last = int(row["ts_recv"])
            update(quotes, row)
            row = next(rows, None)
        forwards: dict[int, float] = {}
        off: set[int] = set()
        if last is not None and at_ns < last + silence_ns:
            listed = terms(at_ns)
            for expiration in sorted({end for end, _, _ in listed.values() if end > at_ns}):
                mine = {(k, r): i for i, (e, k, r) in listed.items() if e == expiration}
                good = {
                    key: i
                    for key, i in mine.items()
                    if i in quotes and quotes[i].fault(at_ns, max_age_ns) is None
                }
                growth = math.exp(RATE * (expiration - at_ns) / YEAR_NS)
                forward = parity(good, quotes, growth, off)
                if forward is not None:
                    forwards[expiration] = forward
                    for i in mine.values():
                        if i in quotes and quotes[i].reference is None:
                            quotes[i] = replace(quotes[i], reference=forward)
            found[at_ns] = Step(dict(quotes), forwards, off)
        else:
            found[at_ns] = Step({}, {}, off)
    return found


def update(quotes: dict[int, SlowQuote], row: Records) -> None:
    instrument = int(row["instrument_id"])
    bid, ask = int(row["bid_px_00"]), int(row["ask_px_00"])
    if UNDEFINED in (bid, ask) or row["action"] == b"R":
        quotes.pop(instrument, None)
    else:
        sizes = int(row["bid_sz_00"]), int(row["ask_sz_00"])
        quotes[instrument] = SlowQuote(bid / 1e9, ask / 1e9, int(row["ts_recv"]), sizes)


def parity(
    good: dict[tuple[float, str], int], quotes: dict[int, SlowQuote], growth: float, off: set[int]
) -> float | None:
    pairs = [
        (k, quotes[i], quotes[good[k, "P"]])
        for (k, right), i in good.items()
        if right == "C" and (k, "P") in good
    ]
    gaps = sorted(abs(c.mid - p.mid) for _, c, p in pairs)
    if len(gaps) < 3:
        return None
    near = [p for p in pairs if len(gaps) <= 5 or abs(p[1].mid - p[2].mid) <= gaps[4]]
    first = statistics.median(k + growth * (c.mid - p.mid) for k, c, p in near)
    left = []
    for k, call, put in near:
        low, high = k + growth * (call.bid - put.ask), k + growth * (call.ask - put.bid)
        if low - (high - low) <= first <= high + (high - low):
            left.append(k + growth * (call.mid - put.mid))
            continue
        oldest = min(call.received, put.received)
        for right, quote in (("C", call), ("P", put)):
            if quote.received == oldest:
                off.add(good[k, right])
    return statistics.median(left) if len(left) >= 3 else None
