"""Episodes and outcomes, found by plain loops over records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

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
    driftless: float | None = None
    score: float | None = None
    group: int = 0
    group_all: int = 0
    uniqueness: float | None = None
    uniqueness_all: float | None = None


@dataclass
class Episode:
    level: int
    touch: Touch
    feature: int
    price: float | None
    labels: dict[str, Labelled]
    mid_change: float | None
    osler: bool | None
    close: str | None


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
    # Only what lies before the last row moves the machine.
    seen = Day([r for r in records if r.t < last], last, start, first, 50.0)
    found = []
    for n, level in enumerate(levels):
        if level.known is None:
            continue
        for touch in LevelReference(seen, level).machine(last).touches:
            feature = (touch.start // SECOND + 1) * SECOND
            if first <= feature <= last:
                found.append(episode(day, n, level, touch, feature, true_range, records[-1].t))
    found.sort(key=lambda e: (e.touch.start, e.level))
    for name in SETS:
        weigh(found, name)
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
        None if osler in (None, price) or price is None else (osler - price) * touch.side > 0,
        close_outcome(day, feature, price, touch.side, last_record),
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
        for r in day.trades_between(touch.start, horizon)
        if r.price is not None
    ]
    book = day.book_at(feature) if day.mid_at(feature) is not None else None
    share = None
    if book is not None:
        share = bounce_share(day, feature, book[1][0][0] - book[0][0][0], price, touch, barrier)
    is_lost = share is not None and not 0 < share < 1
    if is_lost or any(abs(back) >= barrier for t, back in backs if t < feature):
        return Labelled(barrier, None, None, None, None)
    favourable = adverse = 0.0
    for t, back in backs:
        if t < feature:
            continue
        favourable, adverse = max(favourable, back), max(adverse, -back)
        if back >= barrier:
            return Labelled(barrier, "bounce", t, favourable, adverse, share, 1.0)
        if -back >= barrier:
            return Labelled(barrier, "break", t, favourable, adverse, share, 0.0)
    if last_record < horizon:
        return Labelled(barrier, None, None, None, None)
    score = None
    if book is not None and day.mid_at(horizon) is not None:
        spread = book[1][0][0] - book[0][0][0]
        score = min(max(bounce_share(day, horizon, spread, price, touch, barrier), 0), 1)
    return Labelled(barrier, "timeout", horizon, favourable, adverse, share, score)


def bounce_share(
    day: Day, t: int, spread: int, price: float, touch: Touch, barrier: float
) -> float:
    """Steps of the mid to the break over those to both barriers, half a spread before each."""
    mid = day.mid_at(t)
    assert mid is not None
    up = ceil(price + barrier) - mid - spread / 2
    down = mid - floor(price - barrier) - spread / 2
    return (up if touch.side < 0 else down) / (up + down)


def close_outcome(
    day: Day, feature: int, price: float | None, side: int, last_record: int
) -> str | None:
    if price is None:
        return None
    bar = 120 * SECOND
    ends = [n * bar for n in range(feature // bar + 1, (feature + 900 * SECOND) // bar + 1)]
    for end in ends:
        if last_record < end:
            return None
        trades = day.trades_between(end - bar, end)
        if not trades or trades[-1].t < feature:
            continue
        assert trades[-1].price is not None
        back = (trades[-1].price - price) * side
        if abs(back) >= 4:
            return "bounce" if back > 0 else "break"
    return "none"


def weigh(found: Sequence[Episode], name: str) -> None:
    """Number the groups of one barrier set, and average one over the open labels by second."""
    seconds: list[set[int]] = []
    for one in found:
        until, first = one.labels[name].at, one.feature // SECOND
        spans = set() if until is None else {first, *range(first, -(-until // SECOND))}
        seconds.append(spans)
    for all_levels in (False, True):
        levels = {one.level for one in found}
        among = {level: levels if all_levels else {level} for level in levels}
        rivals = [
            [j for j, other in enumerate(found) if seconds[j] and other.level in among[one.level]]
            for one in found
        ]
        labels_at = {
            level: Counter(s for j, one in enumerate(found) if one.level in own for s in seconds[j])
            for level, own in among.items()
        }
        numbers: dict[int, int] = {}
        for i, one in enumerate(found):
            if not seconds[i]:
                continue
            event, seen = {i}, set(seconds[i])
            while more := {j for j in rivals[i] if j not in event and seconds[j] & seen}:
                event |= more
                seen = seen.union(*(seconds[j] for j in more))
            group = numbers.setdefault(min(event), len(numbers) + 1)
            open_labels = [labels_at[one.level][s] for s in sorted(seconds[i])]
            mean = sum(1 / n for n in open_labels) / len(open_labels)
            label = one.labels[name]
            if all_levels:
                label.group_all, label.uniqueness_all = group, mean
            else:
                label.group, label.uniqueness = group, mean
