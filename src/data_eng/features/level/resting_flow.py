"""How the liquidity at the level changes while visible. Float64, shape (m,), NaN where missing.

Flow is counted from the moment that the level is known: NaN until a whole window lies after it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, DaySeconds, only, ratio
from ..book.second_sums import SECOND_NS
from ..feature import EVEN, ODD, Feature, FeatureList
from .level_seconds import LevelSeconds
from .level_sums import (
    ADDED,
    AT_VOLUME,
    BAND_CHANGES,
    BAND_DEPTH,
    BAND_FLOW,
    BAND_VISIBLE_NS,
    CANCELLED,
    VISIBLE_NS,
)
from .position import is_known_for
from .resting import book_at_level, resting_size

FEATURES: Final = FeatureList()


@FEATURES.add(
    Feature(
        "visible_fraction_{seconds}s",
        doc="Share of the window in which the {level} was visible.",
        unit="dimensionless",
        window="{seconds} s",
        null_rule="Null until L is known for {seconds} s.",
        mirror=EVEN,
        minimum=0,
        maximum=1,
        each={"seconds": (60,)},
    )
)
def visible_fraction(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return the share of the window in which the level was visible."""
    share = _window(day, level, VISIBLE_NS, seconds) / (seconds * SECOND_NS)
    return only(share, is_known_for(day, level, seconds))


@FEATURES.add(
    Feature(
        "resting_add_volume_{seconds}s",
        doc=(
            "Size added at the {level}: sum of positive dQ at tick(L) of the bids and of the "
            "asks, each side by itself, while visible before and after. Counted between two "
            "consecutive complete books with valid quotes, from the time that L is known; "
            "snapshots count nothing."
        ),
        unit="contracts",
        window="{seconds} s",
        null_rule=(
            "Null until L is known for {seconds} s, or if visible_fraction_{seconds}s < 0.9."
        ),
        mirror=EVEN,
        source="Biais, Hillion & Spatt 1995",
        minimum=0,
        each={"seconds": (60,)},
    )
)
def resting_add_volume(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return what was added at the level, contracts; NaN if visible for less than 90 %."""
    return only(_window(day, level, ADDED, seconds), _is_most(day, level, VISIBLE_NS, seconds))


@FEATURES.add(
    Feature(
        "resting_cancel_volume_{seconds}s",
        doc=(
            "Size cancelled at the {level}: sum over events of max(0, -dQ - e) at tick(L) of the "
            "side that rested there, while visible before and after, with e the contracts that "
            "trades of the event (T records with its ts_event) executed there. Counted between "
            "two consecutive complete books with valid quotes, from the time that L is known; "
            "snapshots count nothing."
        ),
        unit="contracts",
        window="{seconds} s",
        null_rule=(
            "Null until L is known for {seconds} s, or if visible_fraction_{seconds}s < 0.9."
        ),
        mirror=EVEN,
        minimum=0,
        each={"seconds": (60,)},
    )
)
def resting_cancel_volume(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return what was removed at the level and not traded; NaN if visible for less than 90 %."""
    return only(_window(day, level, CANCELLED, seconds), _is_most(day, level, VISIBLE_NS, seconds))


@FEATURES.add(
    Feature(
        "order_flow_imbalance_within_2_ticks_{seconds}s",
        doc=(
            "(sum dQ of bids - sum dQ of asks within 2 ticks of the {level}, executions included) "
            "/ mean size displayed there after each change, while all five prices are visible "
            "before and after. Counted between two consecutive complete books with valid quotes, "
            "from the time that L is known; snapshots count nothing."
        ),
        unit="dimensionless",
        window="{seconds} s",
        null_rule=(
            "Null until L is known for {seconds} s, or if the five prices were visible for less "
            "than 90 % of the window, without a change or displayed size."
        ),
        mirror=ODD,
        source="Cont, Kukanov & Stoikov 2014, by price",
        each={"seconds": (60,)},
    )
)
def order_flow_imbalance(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return order flow within two ticks of the level over the mean size displayed there.

    NaN if the band was visible for less than 90 % of the window.
    """
    changes = _window(day, level, BAND_CHANGES, seconds)
    depth = ratio(_window(day, level, BAND_DEPTH, seconds), changes)
    flow = ratio(_window(day, level, BAND_FLOW, seconds), depth)
    return only(flow, _is_most(day, level, BAND_VISIBLE_NS, seconds))


@FEATURES.add(
    Feature(
        "replenishment_ratio_{seconds}s",
        doc="resting_add_volume_{seconds}s / volume traded at the {level} (p = tick(L)).",
        unit="ratio",
        window="{seconds} s",
        null_rule="Null as resting_add_volume_{seconds}s, or without a trade there.",
        mirror=EVEN,
        source="Biais, Hillion & Spatt 1995; Large 2007",
        minimum=0,
        each={"seconds": (60,)},
    )
)
def replenishment_ratio(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return what was added at the level over what traded there; NaN if nothing did."""
    added = resting_add_volume(day, level, seconds)
    return ratio(added, _window(day, level, AT_VOLUME, seconds))


@FEATURES.add(
    Feature(
        "resting_size_change_{seconds}s",
        doc=("Size displayed at the {level} now less that of {seconds} s ago at the same price."),
        unit="contracts",
        window="{seconds} s, for a fixed level also of before it was known",
        null_rule="Null unless visible at both ends, and if tick(L) changed.",
        mirror=EVEN,
        source="Cont & de Larrard 2013",
        each={"seconds": (60,)},
    )
)
def resting_size_change(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return the size at the level less that of a window ago at the same price, contracts.

    A fixed level's price is looked up also before it was known; a moving one has none then.
    """
    tick = level.nearest_tick[day.rows]
    before = np.floor(level.place[day.rows - seconds] + 0.5)
    change = resting_size(book_at_level(day, tick)) - resting_size(
        book_at_level(day, tick, seconds)
    )
    return only(change, tick == before)


def _window(
    day: DaySeconds, level: LevelSeconds, field: int, seconds: int
) -> npt.NDArray[np.int64]:
    return level.between(field, day.rows - seconds, day.rows)


def _is_most(
    day: DaySeconds, level: LevelSeconds, field: int, seconds: int
) -> npt.NDArray[np.bool_]:
    shown = _window(day, level, field, seconds)
    is_shown = 10 * shown >= 9 * seconds * SECOND_NS
    return np.asarray(is_shown & is_known_for(day, level, seconds), np.bool_)
