"""Episodes and outcomes, found by plain loops over records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import floor

from tests.features.level.reference import Day, Level, LevelReference, Touch
from tests.features.market.record_streams import SECOND, Record

SETS = {
    "": (1.0, 900),
    "8_ticks_300s": (8, 300),
    "16_ticks_900s": (16, 900),
    "2_atr_1800s": (2.0, 1800),
}
"""A multiple of the average true range (float) or ticks (int), and seconds."""


@dataclass
class Labelled:
    """One barrier set's answer."""

    barrier: float
    outcome: str | None  # None where censored
    at: int | None
    favourable: float | None
    adverse: float | None


@dataclass
class Episode:
    level: int
    touch: Touch
    feature: int
    price: float | None
    labels: dict[str, Labelled]
    mid_change: float | None
    osler: bool | None
    group: int = 0


def reference_episodes(
    records: Sequence[Record],
    levels: Sequence[Level],
    true_range: dict[int, float],
    grid: tuple[int, int, int],
) -> list[Episode]:
    """Return the episodes of a grid (start of the records, first row, last row).

    ``true_range`` is the average true range by the end of its bar, ticks.
    """
    start, first, last = grid
    end = records[-1].t + 1
    day = Day(records, end, start, first, 50.0)
    found = []
    for n, level in enumerate(levels):
        if level.known is None:
            continue
        # Only what lies before the last row moves the machine.
        seen = Day([r for r in records if r.t < last], last, start, first, 50.0)
        for touch in LevelReference(seen, level).machine(last).touches:
            feature = (touch.start // SECOND + 1) * SECOND
            if first <= feature <= last:
                found.append(episode(day, n, level, touch, feature, true_range, records[-1].t))
    found.sort(key=lambda e: (e.touch.start, e.level))
    number_groups(found, levels)
    return found


def episode(
    day: Day,
    n: int,
    level: Level,
    touch: Touch,
    feature: int,
    true_range: dict[int, float],
    last_record: int,
) -> Episode:
    price = level.at(feature)
    closed = [value for end, value in sorted(true_range.items()) if end <= feature]
    labels = {
        name: label(day, touch, feature, price, distance(size, closed), seconds, last_record)
        for name, (size, seconds) in SETS.items()
    }
    before, after = day.mid_at(feature), mid_by(day, feature + 900 * SECOND, last_record)
    osler = mid_by(day, touch.start + 900 * SECOND, last_record)
    return Episode(
        n,
        touch,
        feature,
        price,
        labels,
        None if before is None or after is None else after - before,
        None if osler is None or price is None else (osler - price) * touch.side > 0,
    )


def mid_by(day: Day, t: int, last_record: int) -> float | None:
    return day.mid_at(t) if t <= last_record else None


def distance(size: float, closed: Sequence[float]) -> float:
    if isinstance(size, int):
        return size
    return max(8, floor(size * closed[-1] + 0.5)) if closed else 8


def label(
    day: Day,
    touch: Touch,
    feature: int,
    price: float | None,
    barrier: float,
    seconds: int,
    last_record: int,
) -> Labelled:
    assert price is not None
    horizon = feature + seconds * SECOND
    backs = [
        (r.t, (r.price - price) * touch.side)
        for r in day.trades
        if r.price is not None and touch.start <= r.t < horizon
    ]
    if any(abs(back) >= barrier for t, back in backs if t < feature):
        return Labelled(barrier, None, None, None, None)
    favourable = adverse = 0.0
    for t, back in backs:
        if t < feature:
            continue
        favourable, adverse = max(favourable, back), max(adverse, -back)
        if back >= barrier:
            return Labelled(barrier, "bounce", t, favourable, adverse)
        if -back >= barrier:
            return Labelled(barrier, "break", t, favourable, adverse)
    if last_record < horizon:
        return Labelled(barrier, None, None, None, None)
    return Labelled(barrier, "timeout", horizon, favourable, adverse)


def number_groups(found: Sequence[Episode], levels: Sequence[Level]) -> None:
    """Join the episodes of levels that are close while the earlier touch goes on."""
    groups = [{i} for i in range(len(found))]
    for i, j in combinations(range(len(found)), 2):
        earlier, later = found[i], found[j]
        values = (levels[one.level].at(later.touch.start) for one in (earlier, later))
        a, b = values
        is_open = earlier.touch.end is None or earlier.touch.end > later.touch.start
        if earlier.level == later.level or a is None or b is None:
            continue
        if is_open and abs(a - b) <= 2:
            joined = groups[i] | groups[j]
            for k in joined:
                groups[k] = joined
    numbers: dict[int, int] = {}
    for i, one in enumerate(found):
        one.group = numbers.setdefault(min(groups[i]), len(numbers) + 1)
