"""All columns of one row and level, from the parts of the reference."""

from __future__ import annotations

from collections.abc import Sequence

from tests.features.level.reference import LevelReference, divided, middle
from tests.features.level.reference_book import flow_columns, standing_columns
from tests.features.level.reference_leg import leg_columns
from tests.features.market.record_streams import SECOND, Record
from tests.features.market.reference import Value, sign


def reference_row(ref: LevelReference, true_range: Value, tick_size: float) -> dict[str, Value]:
    """Return the columns by base name, None where missing."""
    row = position(ref, true_range, tick_size) if ref.exists else {}
    if ref.exists:
        parts = (history, time_columns, leg_columns, band_columns, standing_columns, flow_columns)
        for part in parts:
            row |= part(ref)
        row |= slopes(ref) if ref.level.is_moving else formation(ref)
    return row


def position(ref: LevelReference, true_range: Value, tick_size: float) -> dict[str, Value]:
    distance = ref.distance(ref.ts)
    in_ranges = None if distance is None or not true_range else distance * tick_size / true_range
    return {"distance_ticks": distance, "distance_atr": in_ranges}


def history(ref: LevelReference) -> dict[str, Value]:
    machine = ref.machine(ref.ts)
    touches, completed = machine.touches, machine.completed
    return {
        "approach_side": machine.side or None,
        "touch_count": len(touches),
        "seconds_since_last_touch": (ref.ts - touches[-1].start) / SECOND if touches else None,
        "touch_in_progress": float(machine.state == "TOUCH"),
        "prior_bounce_count": sum(touch.is_bounce for touch in completed),
        "last_touch_penetration_ticks": completed[-1].penetration if completed else None,
        "max_touch_penetration_ticks": max((t.penetration for t in completed), default=None),
    }


def time_columns(ref: LevelReference) -> dict[str, Value]:
    row: dict[str, Value] = {
        "time_above_fraction": None,
        "dwell_seconds_within_8_ticks_300s": None,
        "crossing_count_1800s": crossings(ref),
    }
    if ref.is_known_for(60):
        valid = [(n, middle(book) - value) for n, book, value in ref.spans(ref.known, ref.ts)]
        row["time_above_fraction"] = divided(
            sum(n for n, d in valid if d > 0), sum(n for n, _ in valid)
        )
    if ref.is_known_for(300):
        near = [
            n
            for n, book, value in ref.spans(ref.seconds_back(300), ref.ts)
            if abs(middle(book) - value) <= 8
        ]
        row["dwell_seconds_within_8_ticks_300s"] = sum(near) / SECOND
    return row


def crossings(ref: LevelReference) -> int:
    count = last = 0
    for t, distance in ref.distances(ref.ts):
        now = 0 if distance is None else (distance > 0) - (distance < 0)
        if not now:
            continue
        count += now == -last and ref.seconds_back(1800) <= t < ref.ts
        last = now
    return count


def volume(trades: Sequence[Record]) -> int:
    return sum(r.size or 0 for r in trades)


def is_in_band(ref: LevelReference, r: Record) -> bool:
    tick = ref.level.tick_at(r.t)
    assert r.price is not None
    return tick is not None and abs(r.price - tick) <= 2


def band_columns(ref: LevelReference) -> dict[str, Value]:
    band = [r for r in ref.day.in_window(300) if is_in_band(ref, r)]
    since = ref.day.trades_between(max(ref.day.open, ref.known), ref.ts)
    buy = volume([r for r in band if sign(r) > 0])
    sell = volume([r for r in band if sign(r) < 0])
    return {
        "volume_within_2_ticks_300s": volume(band),
        "volume_share_within_2_ticks_rth": divided(
            volume([r for r in since if is_in_band(ref, r)]), volume(since)
        ),
        "trade_flow_imbalance_within_2_ticks_300s": divided(buy - sell, buy + sell),
        "average_trade_size_within_2_ticks_300s": divided(volume(band), len(band)),
        "volume_per_penetration_tick_300s": per_penetration(ref, volume(band)),
    }


def per_penetration(ref: LevelReference, band_volume: int) -> Value:
    begin = ref.seconds_back(300)
    touches = ref.machine(ref.ts).touches
    is_touched = any(touch.start >= begin for touch in touches)
    if not is_touched and ref.machine(begin).state != "TOUCH":
        return None
    beyond = [b for touch in touches for t, b in touch.trades if t >= begin]
    return band_volume / max([1.0, *beyond])


def formation(ref: LevelReference) -> dict[str, Value]:
    level = ref.level
    share = None
    if level.window is not None:
        inside = [r for r in ref.day.trades if level.window[0] <= r.t < level.window[1]]
        share = divided(volume([r for r in inside if is_in_band(ref, r)]), volume(inside))
    since = None if level.set_ns is None else (ref.ts - level.set_ns) / SECOND
    return {"seconds_since_extreme_set": since, "formation_volume_share_within_2_ticks": share}


def slopes(ref: LevelReference) -> dict[str, Value]:
    rows = [value for t, value in ref.level.steps if t <= ref.ts]

    def slope(bars: int) -> Value:
        if len(rows) <= bars:
            return None
        now, then = rows[-1], rows[-1 - bars]
        return None if now is None or then is None else (now - then) / bars

    return {"slope_ticks_per_bar": slope(1), "slope_ticks_per_bar_10_bars": slope(10)}
