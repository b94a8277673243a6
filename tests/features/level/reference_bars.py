"""Crossings of a level by the closes of two-minute bars."""

from __future__ import annotations

from tests.features.level.reference import LevelReference
from tests.features.market.reference import Value

NAMES = ("two_minute_close_crossing_count", "two_minute_bars_since_close_crossing")


def close_columns(ref: LevelReference) -> dict[str, Value]:
    """Return the crossings since s0, and the bars closed since the last one."""
    count, since = 0, None
    side = 0
    for end, close in sorted(ref.bars):
        value = ref.level.at(end)
        if end > ref.ts:
            break
        now = 0 if value is None else (close > value) - (close < value)
        if end > ref.since:
            since = None if since is None else since + 1
            if now == -side != 0:
                count, since = count + 1, 0
        side = now or side
    if ref.day.is_unknown:
        return dict.fromkeys(NAMES)
    return dict(zip(NAMES, (count, since), strict=True))
