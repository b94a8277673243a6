"""Random days whose price goes to and fro about a level, and levels to lie there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from tests.features.level.reference import Level
from tests.features.market.record_streams import SECOND, Exchange, Record, Side, spoiled
from tests.features.market.reference import is_counted

START = 1_749_081_600 * SECOND
OPEN = START + 1500 * SECOND
ROWS = 901
END = OPEN + (ROWS - 1) * SECOND
TICK, MULTIPLIER = 0.25, 50.0
CENTRE = 20_000
STATIC = ("pm_high", "pm_low", "or_high", "or_low")


@dataclass
class SteeredExchange(Exchange):
    """An exchange in which orders fill a wide spread from the side that a target lies on."""

    target: int = CENTRE

    def event(self, t: int, number: int, target: int) -> list[Record]:
        """Return the records of one event."""
        self.target = target
        toward = 2 * self.target - max(self.bids) - min(self.asks)
        is_trade = self.rng.random() < (0.5 if abs(toward) > 16 else 0.25)
        records = self._trade(t, number) if is_trade else [self._change(t, number)]
        self._refill()
        return records

    def _refill(self) -> None:
        super()._refill()
        while min(self.asks) - max(self.bids) > 2:
            if 2 * self.target > max(self.bids) + min(self.asks):
                self.bids[max(self.bids) + 1] = self._orders()
            else:
                self.asks[min(self.asks) - 1] = self._orders()
        for levels, sign in ((self.bids, -1), (self.asks, 1)):
            for price in sorted(levels, key=lambda p: sign * p)[24:]:
                del levels[price]


def event_times(rng: np.random.Generator, rate: float) -> list[int]:
    """Times from start to end, ties, whole seconds and two gaps among them."""
    span = (END - START) // SECOND
    times = np.sort(rng.integers(0, span * SECOND, int(rate * span)))
    whole = rng.random(len(times)) < 0.1
    times[whole] -= times[whole] % SECOND
    again = np.flatnonzero(rng.random(len(times) - 1) < 0.05)
    times[again + 1] = times[again]
    times = np.sort(times)
    # One silence that may be short, and one after which the book is unknown.
    for first, shortest, longest in ((200, 20, 90), (1400, 61, 140)):
        gap = int(rng.integers(first, span - 150)) * SECOND
        length = int(rng.integers(shortest, longest)) * SECOND
        times = times[(times < gap) | (times >= gap + length)]
    return [START + int(t) for t in times]


def targets(rng: np.random.Generator, times: Sequence[int]) -> list[int]:
    """Where the price is drawn to: to and fro between the centre and farther places."""
    at, place = [START], [CENTRE + int(rng.integers(-30, 31))]
    while at[-1] < END:
        at.append(at[-1] + int(rng.integers(20, 100)) * SECOND)
        near = rng.random() < 0.6
        place.append(CENTRE + int(rng.integers(-9, 10) if near else rng.integers(-60, 61)))
    return [round(p) for p in np.interp([t - START for t in times], [t - START for t in at], place)]


@lru_cache(maxsize=4)
def random_day(seed: int) -> tuple[Record, ...]:
    """Return the records of a day of 40 minutes, many or few, and some of them spoiled."""
    rng = np.random.default_rng(seed)
    exchange = SteeredExchange(rng, mid=CENTRE, depth=13, largest=int(rng.integers(4, 40)))
    times = event_times(rng, (2.0, 1.0, 2.0, 3.0)[seed % 4])
    records: list[Record] = []
    for event, (t, target) in enumerate(zip(times, targets(rng, times), strict=True), 1):
        records += exchange.event(t, event, target)
    for change in (_unsided, _short, _undefined, _late, _one_sided_after_silence):
        records = change(records, rng)
    return tuple(spoiled(records, rng, (0.001, 0.001, 0.01)[seed % 3]))


def _unsided(records: list[Record], rng: np.random.Generator) -> list[Record]:
    # A few seconds in which every trade is an uncross.
    begin = START + int(rng.integers(0, (END - START) // SECOND)) * SECOND
    end = begin + 20 * SECOND
    return [replace(r, side="N") if r.action == "T" and begin <= r.t < end else r for r in records]


def _short(records: list[Record], rng: np.random.Generator) -> list[Record]:
    """Leave only a few levels on one side, or none, for some time."""
    out = list(records)
    for keep in (0, 3, 7, 12):
        begin = START + int(rng.integers(0, (END - START) // SECOND)) * SECOND
        end = begin + int(rng.integers(3, 60)) * SECOND
        is_bid = rng.random() < 0.5

        def cut(side: Side, is_cut: bool, keep: int = keep) -> Side:
            return side[:keep] if is_cut else side

        for i, r in enumerate(out):
            if begin <= r.t < end:
                out[i] = replace(r, bids=cut(r.bids, is_bid), asks=cut(r.asks, not is_bid))
    return out


def _undefined(records: list[Record], rng: np.random.Generator) -> list[Record]:
    """Take the price or the size from a few trades."""
    out = list(records)
    for i, r in enumerate(out):
        if r.action == "T" and rng.random() < 0.003:
            out[i] = replace(r, price=None) if rng.random() < 0.5 else replace(r, size=None)
    return out


def _late(records: list[Record], rng: np.random.Generator) -> list[Record]:
    """Let some records come with the next event's: a step may then divide an event."""
    out = list(records)
    for i, (r, following) in enumerate(pairwise(records)):
        if r.event != following.event and rng.random() < 0.05:
            out[i] = replace(r, t=following.t)
    return out


def _one_sided_after_silence(records: list[Record], rng: np.random.Generator) -> list[Record]:
    """Take a side from some of the records that follow a minute without any."""
    out = list(records)
    for i, (r, following) in enumerate(pairwise(records), 1):
        if following.t - r.t >= 60 * SECOND and rng.random() < 0.7:
            is_bid = rng.random() < 0.5
            for k in range(i, min(i + int(rng.integers(1, 9)), len(out))):
                out[k] = replace(out[k], bids=[]) if is_bid else replace(out[k], asks=[])
    return out


def short_bars(records: Sequence[Record], seconds: int = 30) -> list[tuple[int, int]]:
    """Return ends and closes of bars shorter than two minutes, of which a short day has more."""
    closes: dict[int, int] = {}
    for r in records:
        if is_counted(r) and r.price is not None:
            closes[START + ((r.t - START) // (seconds * SECOND) + 1) * seconds * SECOND] = r.price
    return sorted(closes.items())


def random_levels(seed: int) -> list[Level]:
    """Return a level of each name: known at the open or at any second, near the centre."""
    rng = np.random.default_rng(seed + 10**6)
    levels = []
    for k, name in enumerate(STATIC):
        late = int(rng.integers(-1200, 700)) if rng.random() < 0.5 else 0
        known = OPEN + late * SECOND
        begin = known - int(rng.integers(100, 1100)) * SECOND
        window = (max(begin, START + 20 * SECOND), known)
        set_ns = window[0] + int(rng.integers(0, 90 * SECOND))
        price = float(CENTRE + (6 if k % 2 == 0 else -6) + rng.integers(-6, 7))
        levels.append(Level(name, [(known, price)], set_ns, window))
    levels.append(random_average(rng))
    return levels


def random_average(rng: np.random.Generator) -> Level:
    """Return a moving average: steps of fractions of a tick and of several, and lapses."""
    steps: list[tuple[int, float | None]] = []
    at = START + int(rng.choice([60, 400, 1200, 1700])) * SECOND
    value = 90 * CENTRE + int(rng.integers(-400, 401))
    while at <= END:
        large = rng.random() < 0.3
        value += int(rng.integers(-900, 901)) if large else int(rng.integers(-60, 61))
        value += int(0.2 * (90 * CENTRE - value))
        if rng.random() < 0.2:
            value = 45 * round(value / 45)
        elif rng.random() < 0.1:
            value = 90 * round(value / 90) + 45
        lapses = len(steps) > 3 and rng.random() < 0.06
        steps.append((at, None if lapses else value / 90))
        at += int(rng.integers(8, 50)) * SECOND
    return Level("sma_90", steps)


def average_true_range(seed: int) -> list[float | None]:
    """Return a range per row, dollars, with missing and zero ones among them."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 12, ROWS) / 8
    return [None if rng.random() < 0.1 else float(v) for v in values]
