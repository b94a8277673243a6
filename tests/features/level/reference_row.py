"""All columns of one row and level, from the parts of the reference."""

from __future__ import annotations

from tests.features.level.reference import LevelReference, divided, middle, run_machine, volume
from tests.features.level.reference_bars import close_columns
from tests.features.level.reference_book import standing_columns
from tests.features.level.reference_flow import flow_columns
from tests.features.level.reference_leg import leg_columns
from tests.features.market.record_streams import SECOND, Record
from tests.features.market.reference import Value, sign

ROUND_NUMBER = 100
"""25 points of ES in ticks."""
FORMED_IN = {"pm": "pre_market", "or": "opening_range"}


def reference_row(ref: LevelReference, round_number: int = ROUND_NUMBER) -> dict[str, Value]:
    """Return the columns by base name, None where missing; none while the level has no value."""
    if not ref.exists:
        return {}
    row = {"distance_ticks": ref.distance(ref.ts)} | round_columns(ref, round_number)
    parts = (history, touch_columns, time_columns, leg_columns, band_columns, standing_columns)
    for part in (*parts, flow_columns, close_columns):
        row |= part(ref)
    return row | (slopes(ref) if ref.level.is_moving else formation(ref))


def round_columns(ref: LevelReference, round_number: int) -> dict[str, Value]:
    value = ref.level.at(ref.ts)
    assert value is not None
    beyond = value % round_number
    return {"distance_from_round_number_ticks": min(beyond, round_number - beyond)}


def unless_unknown(ref: LevelReference, row: dict[str, Value]) -> dict[str, Value]:
    """Return running values: missing while the book is unknown."""
    return dict.fromkeys(row) if ref.day.is_unknown else row


def history(ref: LevelReference) -> dict[str, Value]:
    machine = ref.machine(ref.ts)
    completed, rejected = machine.completed, machine.rejected
    last = completed[-1] if completed else None
    row: dict[str, Value] = {
        "approach_side": machine.side or None,
        "touch_count": len(machine.touches),
        "rejection_count": len(rejected),
        "seconds_since_last_touch_end": None,
        "last_touch_rejected": None,
        "max_distance_since_last_touch_ticks": None,
        "last_rejected_touch_penetration_ticks": rejected[-1].penetration if rejected else None,
        "max_rejected_touch_penetration_ticks": max(
            (touch.penetration for touch in rejected), default=None
        ),
    }
    if last is not None:
        assert last.end is not None
        row["seconds_since_last_touch_end"] = (ref.ts - last.end) / SECOND
        row["last_touch_rejected"] = float(last.is_rejected)
        row["max_distance_since_last_touch_ticks"] = max(machine.distances)
    return unless_unknown(ref, row)


def touch_columns(ref: LevelReference) -> dict[str, Value]:
    touch = ref.machine(ref.ts).touching
    row: dict[str, Value] = {"touch_duration_seconds": None, "touch_penetration_ticks": None}
    if touch is not None:
        row["touch_duration_seconds"] = (ref.ts - touch.start) / SECOND
        row["touch_penetration_ticks"] = touch.penetration
    return unless_unknown(ref, row)


def time_columns(ref: LevelReference) -> dict[str, Value]:
    row: dict[str, Value] = {"time_above_fraction": None}
    if ref.seconds_back(60) >= ref.since:
        valid = [(n, middle(book) - value) for n, book, value in ref.spans(ref.since, ref.ts)]
        above = sum(n for n, d in valid if d > 0) + sum(n for n, d in valid if d == 0) / 2
        row["time_above_fraction"] = divided(above, sum(n for n, _ in valid))
    row = unless_unknown(ref, row)
    spans = list(ref.spans(ref.seconds_back(300), ref.ts))
    near = sum(n for n, book, value in spans if abs(middle(book) - value) <= 8)
    total = sum(n for n, _, _ in spans)
    is_enough = total >= 150 * SECOND
    row["time_within_8_ticks_fraction_300s"] = near / total if is_enough else None
    row["crossing_count_1800s"] = ref.day.if_known(crossings(ref), 1800)
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


def is_in_band(ref: LevelReference, r: Record) -> bool:
    tick = ref.level.tick_at(r.t)
    assert r.price is not None
    return tick is not None and abs(r.price - tick) <= 2


def flow_in_band(ref: LevelReference, seconds: int) -> Value:
    band = [r for r in ref.day.in_window(seconds) if is_in_band(ref, r)]
    buy, sell = (volume(r for r in band if sign(r) == d) for d in (1, -1))
    return ref.day.if_known(divided(buy - sell, buy + sell), seconds)


def band_columns(ref: LevelReference) -> dict[str, Value]:
    inside = ref.day.in_window(300)
    band = [r for r in inside if is_in_band(ref, r)]
    of_band, of_all = (divided(volume(some), len(some)) for some in (band, inside))
    since = ref.day.trades_between(ref.since, ref.ts)
    share = divided(volume(r for r in since if is_in_band(ref, r)), volume(since))
    ratio = None if of_band is None or of_all is None else divided(of_band, of_all)
    within = "within_2_ticks"
    return {
        f"volume_share_{within}_300s": ref.day.if_known(divided(volume(band), volume(inside)), 300),
        f"average_trade_size_ratio_{within}_300s": ref.day.if_known(ratio, 300),
        f"trade_flow_imbalance_{within}_300s": flow_in_band(ref, 300),
        f"trade_flow_imbalance_{within}_10s": flow_in_band(ref, 10),
    } | unless_unknown(ref, {f"volume_share_{within}_since_known": share})


def formation(ref: LevelReference) -> dict[str, Value]:
    """Return what the pre-market or the opening range left; the level is final there."""
    level, window = ref.level, ref.level.window
    names = ("touch_count", "volume_share_within_2_ticks", "fraction_elapsed_at_extreme")
    touches, share, elapsed = (f"{FORMED_IN[level.name[:2]]}_{name}" for name in names)
    row: dict[str, Value] = dict.fromkeys((touches, share, elapsed))
    if window is None:
        return row
    begin, end = window
    inside = ref.day.trades_between(begin, end)
    row[share] = divided(volume(r for r in inside if is_in_band(ref, r)), volume(inside))
    before = [event for event in ref.day.events if event.t < end]
    row[touches] = len(run_machine(before, level, (), begin, end).touches)
    if level.set_ns is not None:
        row[elapsed] = (level.set_ns - begin) / (end - begin)
    return row


def slopes(ref: LevelReference) -> dict[str, Value]:
    rows = [value for t, value in ref.level.steps if t <= ref.ts]

    def slope(bars: int) -> Value:
        if len(rows) <= bars:
            return None
        now, then = rows[-1], rows[-1 - bars]
        return None if now is None or then is None else (now - then) / bars

    return {"slope_ticks_per_bar": slope(1), "slope_ticks_per_bar_10_bars": slope(10)}
