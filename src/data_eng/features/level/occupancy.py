"""How long the mid has been where about the level. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

from typing import Final

from ..book.day_seconds import F64, DaySeconds, only, ratio
from ..book.second_sums import SECOND_NS
from ..feature import EVEN, ONE_MINUS, Feature, FeatureList
from .level_seconds import LevelSeconds
from .level_sums import ABOVE_NS, CROSSINGS, DISPLAYED_NS, EQUAL_NS, NEAR_NS, VALID_NS
from .touches import SINCE_START

FEATURES: Final = FeatureList()


_WARM_UP_SECONDS = 60


@FEATURES.add(
    Feature(
        "time_above_fraction",
        doc=(
            "(time with m > L + half the time with m = L) / time with a valid quote, of the "
            "{level}."
        ),
        unit="dimensionless",
        window=SINCE_START,
        null_rule=(
            "Null for the first 60 s, without such time, and while nothing is known of the book."
        ),
        mirror=ONE_MINUS,
        minimum=0,
        maximum=1,
    )
)
def time_above_fraction(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the share of the valid time since the start with ``m > L``, half of ``m = L``."""
    begin = level.start_seconds(day)
    above, equal, valid = (
        level.between(field, begin, day.rows) for field in (ABOVE_NS, EQUAL_NS, VALID_NS)
    )
    is_warm = day.rows - begin >= _WARM_UP_SECONDS
    return only(ratio(2 * above + equal, 2 * valid), is_warm & day.is_known)


@FEATURES.add(
    Feature(
        "time_within_8_ticks_fraction_{seconds}s",
        doc="Share of the time with a valid quote in which |m - L| <= 8 ticks about the {level}.",
        unit="dimensionless",
        window="{seconds} s",
        null_rule="Null with less than half of the window with a valid quote.",
        mirror=EVEN,
        minimum=0,
        maximum=1,
        each={"seconds": (300,)},
    )
)
def time_within_8_ticks(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return the share of the window's valid time with ``|m - L|`` of up to 8 ticks."""
    return _share_of_valid_time(day, level, NEAR_NS, seconds)


@FEATURES.add(
    Feature(
        "crossing_count_{seconds}s",
        doc=(
            "Sign changes of m - L at the {level}, change by change of the mid or of L, zeros and "
            "times without a valid quote skipped; a change counts at its instant, and the sign "
            "before it may be older than the window."
        ),
        unit="count",
        window="{seconds} s",
        null_rule="0 is a true zero; null if more than 10 % of the window is unknown.",
        mirror=EVEN,
        each={"seconds": (1800,)},
    )
)
def crossing_count(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return the sign changes of ``m - L`` in the window, zeros skipped."""
    count = level.between(CROSSINGS, day.rows - seconds, day.rows)
    return only(count, day.is_window_known(seconds))


@FEATURES.add(
    Feature(
        "within_top_10_prices_fraction_{seconds}s",
        doc="Share of the time with a valid quote in which the {level} was displayed.",
        unit="dimensionless",
        window="{seconds} s",
        null_rule="Null with less than half of the window with a valid quote.",
        mirror=EVEN,
        minimum=0,
        maximum=1,
        each={"seconds": (60,)},
    )
)
def within_top_10_prices(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return the share of the window's valid time in which the level was displayed."""
    return _share_of_valid_time(day, level, DISPLAYED_NS, seconds)


def _share_of_valid_time(day: DaySeconds, level: LevelSeconds, field: int, seconds: int) -> F64:
    inside, valid = (level.between(one, day.rows - seconds, day.rows) for one in (field, VALID_NS))
    is_enough = 2 * valid >= seconds * SECOND_NS
    return only(ratio(inside, valid), is_enough)
