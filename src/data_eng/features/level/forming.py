"""What the window that forms a level says of it: the same at every row. NaN where missing."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..book.day_seconds import F64, I64, DaySeconds, ratio
from ..book.second_sums import SECOND_NS, VOLUME
from ..feature import EVEN, Feature, FeatureList
from .level_inputs import OPENING_RANGE, PRE_MARKET
from .level_seconds import LevelSeconds
from .level_sums import BAND_VOLUME, FORMING_TOUCHES

FEATURES: Final = FeatureList()

_EACH: Final = {"window": (PRE_MARKET, OPENING_RANGE)}
_KINDS: Final = ("{window}",)
_KNOWN: Final = "Null before L is known."


@FEATURES.add(
    Feature(
        "{window}_touch_count",
        doc=(
            "Touches of the final {level} that started in the window that forms it, by a machine "
            "that begins idle at its start, with the mid that stands; one that is open at its end "
            "counts."
        ),
        unit="count",
        window="the pre-market or the opening range",
        null_rule=_KNOWN,
        mirror=EVEN,
        source="Osler 2000 (hit)",
        minimum=0,
        kinds=_KINDS,
        each=_EACH,
    )
)
def touch_count(day: DaySeconds, level: LevelSeconds, window: str) -> F64:
    """Return the touches of the final price that started in the window."""
    begin, end = _window(day, level)
    return _everywhere(day, level.between(FORMING_TOUCHES, begin, end).astype(np.float64))


@FEATURES.add(
    Feature(
        "{window}_volume_share_within_2_ticks",
        doc=(
            "Share of the volume of the window that forms the {level} that traded within 2 ticks "
            "of the final extreme."
        ),
        unit="dimensionless",
        window="the pre-market or the opening range",
        null_rule=_KNOWN,
        mirror=EVEN,
        source="volume profile",
        minimum=0,
        maximum=1,
        kinds=_KINDS,
        each=_EACH,
    )
)
def volume_share(day: DaySeconds, level: LevelSeconds, window: str) -> F64:
    """Return the share of the window's volume within two ticks of the final extreme."""
    begin, end = _window(day, level)
    share = ratio(level.between(BAND_VOLUME, begin, end), day.between(VOLUME, begin, end))
    return _everywhere(day, share)


@FEATURES.add(
    Feature(
        "{window}_fraction_elapsed_at_extreme",
        doc=(
            "(time of the first trade at the {level} - start of the window that forms it) / its "
            "length."
        ),
        unit="dimensionless",
        window="constant",
        null_rule=_KNOWN,
        mirror=EVEN,
        minimum=0,
        maximum=1,
        kinds=_KINDS,
        each=_EACH,
    )
)
def fraction_elapsed(day: DaySeconds, level: LevelSeconds, window: str) -> F64:
    """Return how much of the window had passed at the first trade at the extreme."""
    if level.path.window is None or level.path.set_ns is None:
        return np.full(len(day.rows), np.nan)
    begin_ns, end_ns = level.path.window
    return np.full(len(day.rows), (level.path.set_ns - begin_ns) / (end_ns - begin_ns))


def _window(day: DaySeconds, level: LevelSeconds) -> tuple[I64, I64]:
    # Empty where the level has none; the last second of the table is not passed.
    bounds = level.path.window or (day.seconds.start_ns,) * 2
    begin, end = ((np.array([t]) - day.seconds.start_ns) // SECOND_NS for t in bounds)
    return begin, np.minimum(end, day.rows[-1])


def _everywhere(day: DaySeconds, value: F64) -> F64:
    return np.full(len(day.rows), value[0])
