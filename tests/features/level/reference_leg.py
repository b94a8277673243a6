"""The approach leg of a row: where the price came from, and how."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from tests.features.level.reference import ZONE, LevelReference, divided, volume
from tests.features.market.record_streams import SECOND, Record
from tests.features.market.reference import Reference, Value, sign
from tests.features.market.reference_flow import ofi

NAMES = (
    "approach_speed_ticks_per_minute",
    "approach_speed_change_ticks_per_minute",
    "approach_efficiency_ratio",
    "approach_trade_flow_imbalance_toward_level",
    "approach_order_flow_imbalance_toward_level_per_minute",
    "approach_volume_rate_to_session_volume_rate",
)


@dataclass(frozen=True)
class Leg:
    """From ``begin`` to ``end``, whole seconds in ns; ``side`` of the level it comes from."""

    begin: int
    end: int
    side: int

    @property
    def seconds(self) -> int:
        return (self.end - self.begin) // SECOND


def find_leg(ref: LevelReference) -> Leg | None:
    """Return the leg of a row, None where there is none."""
    machine, end = ref.machine(ref.ts), ref.ts
    if ref.day.is_unknown:
        return None
    if machine.touching is not None:
        end = machine.touching.start // SECOND * SECOND
        machine = ref.machine(end)
    if machine.state != "ARMED":
        return None
    now = ref.distance(end)
    if now is None or abs(now) > ZONE:
        return None
    begin = end - 1800 * SECOND
    for touch in machine.completed:
        assert touch.end is not None
        begin = max(begin, (touch.end // SECOND + 1) * SECOND)
    start = leg_start(ref, begin, end)
    if start is None or end - start < 10 * SECOND:
        return None
    return Leg(start, end, machine.side)


def leg_start(ref: LevelReference, begin: int, end: int) -> int | None:
    """Return the last second 40 ticks away, else the farthest one, the latest of equals."""
    farthest: tuple[float, int] | None = None
    for s in range(end, begin - 1, -SECOND):
        if s < ref.day.start:
            break
        distance = ref.distance(s)
        if distance is None:
            continue
        if abs(distance) >= ZONE:
            return s
        if farthest is None or abs(distance) > farthest[0]:
            farthest = abs(distance), s
    return None if farthest is None else farthest[1]


def leg_columns(ref: LevelReference) -> dict[str, Value]:
    row: dict[str, Value] = dict.fromkeys(NAMES)
    leg = find_leg(ref)
    if leg is None:
        return row
    first, last = ref.distance(leg.begin), ref.distance(leg.end)
    assert first is not None
    assert last is not None
    row["approach_speed_ticks_per_minute"] = (abs(first) - abs(last)) / leg.seconds * 60
    row["approach_speed_change_ticks_per_minute"] = speed_change(ref, leg, abs(first), abs(last))
    row["approach_efficiency_ratio"] = efficiency(ref, leg, last - first)
    inside = ref.day.trades_between(leg.begin, leg.end)
    buy, sell = (volume(r for r in inside if sign(r) == d) for d in (1, -1))
    toward = divided(-leg.side * (buy - sell), buy + sell)
    row["approach_trade_flow_imbalance_toward_level"] = toward
    row["approach_order_flow_imbalance_toward_level_per_minute"] = order_flow(ref.day, leg)
    rate = volume_rate(ref.day, leg, inside)
    row["approach_volume_rate_to_session_volume_rate"] = rate
    return row


def speed_change(ref: LevelReference, leg: Leg, first: float, last: float) -> Value:
    n = leg.seconds
    half = n // 2
    middle = ref.distance(leg.begin + half * SECOND)
    if n < 20 or middle is None:
        return None
    return (abs(middle) - last) / (n - half) * 60 - (first - abs(middle)) / half * 60


def efficiency(ref: LevelReference, leg: Leg, change: float) -> Value:
    found = [ref.distance(s) for s in (*range(leg.begin, leg.end, 5 * SECOND), leg.end)]
    points = [d for d in found if d is not None]
    return divided(abs(change), sum(abs(b - a) for a, b in pairwise(points)))


def order_flow(day: Reference, leg: Leg) -> Value:
    changes = day.changes_between(leg.begin, leg.end)
    if not changes:
        return None
    depth = sum(c.new[0][0][1] + c.new[1][0][1] for c in changes) / (2 * len(changes))
    flow = divided(-leg.side * ofi(changes, 0), depth)
    return None if flow is None else flow / (leg.seconds / 60)


def volume_rate(day: Reference, leg: Leg, inside: list[Record]) -> Value:
    if leg.end < day.open + 120 * SECOND:
        return None
    since_open = volume(day.trades_between(day.open, leg.end))
    mean = since_open / ((leg.end - day.open) / SECOND)
    return divided(volume(inside) / leg.seconds, mean)
