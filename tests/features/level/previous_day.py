"""A level that the lake does not have: the previous day's high, as an engineer would declare it."""

from __future__ import annotations

from typing import Final

from src.data_eng.features.level.level_inputs import (
    DATE,
    LevelInputs,
    LevelPrices,
    Read,
    fixed_price,
    no_price,
)
from src.data_eng.features.level.levels import CARRIED, Level


def previous_day_high(inputs: LevelInputs) -> LevelPrices:
    """Return the highest two-minute bar of the session before, known as the date begins."""
    bars = inputs.earlier_bars[0]
    if bars is None or not len(bars.high):
        return no_price("no bars of the session before")
    known_ns, _ = inputs.windows[DATE]
    window = (int(bars.start_ns[0]), int(bars.end_ns[-1]))
    return fixed_price(known_ns, float(bars.high.max()), window)


PD_HIGH: Final = Level(
    "pd_high",
    words="Previous Day High",
    value="the highest trade price of the regular session's date before, known as the date begins.",
    kind=CARRIED,
    price_rule=previous_day_high,
    reads=(Read("silver.future.ohlcv_2m", sessions_back=1),),
    colour="#CC79A7",
)
