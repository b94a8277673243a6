"""The price levels: each is a value, declared once.

Order, names, words and colours of the levels, their feature tables, contracts and datasets, the
parts of the feature vector and what the level stage reads follow from `LEVELS`. A level is added by
a declaration here, and by its price rule in `prices` where no rule fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from .level_inputs import OPENING_RANGE, PRE_MARKET, LevelInputs, LevelPrices, Read
from .prices import SMA_BARS, moving_average, window_high, window_low

FORMED: Final = "formed"
"""A fixed level: the extreme of the trades of a window of the date, known at its end."""
CARRIED: Final = "carried"
"""A fixed level that earlier sessions made: known before the first second of the date."""
MOVING: Final = "moving"
"""A level that takes a new value at every bar close."""

_TRADES: Final = Read("silver.future.trades")
_BARS: Final = Read("silver.future.ohlcv_2m")


@dataclass(frozen=True)
class Level:
    """A price level.

    Attributes
    ----------
    name : str
        Prefix of its features, and what its table is called after ``level_``.
    words : str
        Its name in words.
    value : str
        What its price is and when it is known, a sentence that goes on after a colon.
    kind : str
        `FORMED`, `CARRIED` or `MOVING`: which features it has, and whether it steps.
    price_rule : callable
        Gives its prices on a date; pure.
    reads : tuple of Read
        The tables that the rule looks at.
    colour : str
        Of its line in a report, ``#RRGGBB``.
    window : str or None
        Name of the window whose trades the rule looks at; None where it looks at none.
    parts_of_tick : int
        Its price is a whole number of these parts of a tick.
    """

    name: str
    words: str
    value: str
    kind: str
    price_rule: Callable[[LevelInputs], LevelPrices]
    reads: tuple[Read, ...]
    colour: str
    window: str | None = None
    parts_of_tick: int = 1

    @property
    def table(self) -> str:
        """Its feature table."""
        return f"level_{self.name}"


_PRE_MARKET_VALUE: Final = (
    "the {extreme} trade price of the pre-market (04:00 to 09:30 America/New_York unless the "
    "manifest says otherwise), known at 09:30. It is applied to windows that reach before."
)
_OPENING_RANGE_VALUE: Final = (
    "the {extreme} trade price of the opening range (the first 30 minutes from 09:30 "
    "America/New_York unless the manifest says otherwise), known at its end. It is applied to "
    "windows that reach before."
)

LEVELS: Final = (
    Level(
        "pm_high",
        words="Pre-Market High",
        value=_PRE_MARKET_VALUE.format(extreme="highest"),
        kind=FORMED,
        price_rule=partial(window_high, PRE_MARKET),
        reads=(_TRADES,),
        colour="#D55E00",
        window=PRE_MARKET,
    ),
    Level(
        "pm_low",
        words="Pre-Market Low",
        value=_PRE_MARKET_VALUE.format(extreme="lowest"),
        kind=FORMED,
        price_rule=partial(window_low, PRE_MARKET),
        reads=(_TRADES,),
        colour="#0072B2",
        window=PRE_MARKET,
    ),
    Level(
        "or_high",
        words="Opening Range High",
        value=_OPENING_RANGE_VALUE.format(extreme="highest"),
        kind=FORMED,
        price_rule=partial(window_high, OPENING_RANGE),
        reads=(_TRADES,),
        colour="#E69F00",
        window=OPENING_RANGE,
    ),
    Level(
        "or_low",
        words="Opening Range Low",
        value=_OPENING_RANGE_VALUE.format(extreme="lowest"),
        kind=FORMED,
        price_rule=partial(window_low, OPENING_RANGE),
        reads=(_TRADES,),
        colour="#56B4E9",
        window=OPENING_RANGE,
    ),
    Level(
        "sma_90",
        words="SMA 90",
        value="the mean of the closes of the last 90 two-minute trade bars, which steps at each "
        "bar close and lapses where the bars span more than 240 minutes. What looks back uses the "
        "value that was in force then.",
        kind=MOVING,
        price_rule=moving_average,
        reads=(_BARS,),
        colour="#009E73",
        parts_of_tick=SMA_BARS,
    ),
)
"""The levels that a lake has, in the order of their tables."""

_added: list[Level] = []


def levels() -> tuple[Level, ...]:
    """Return every level in order: `LEVELS`, then those of `with_levels`."""
    return (*LEVELS, *_added)


def level_names() -> tuple[str, ...]:
    """Return the names of the levels in order."""
    return tuple(level.name for level in levels())


def fixed_level_names() -> tuple[str, ...]:
    """Return the names of those that do not move within a session."""
    return tuple(level.name for level in levels() if level.kind != MOVING)


def level_named(name: str) -> Level:
    """Return a level by its name; raises `KeyError` where there is none."""
    for level in levels():
        if level.name == name:
            return level
    raise KeyError(f"no level {name}; known are {', '.join(level_names())}")


def level_words(name: str) -> str:
    """Return the name in words of a level."""
    return level_named(name).words


def sessions_back() -> int:
    """Return how many sessions before the date the level that looks back farthest reads."""
    return max(read.sessions_back for level in levels() for read in level.reads)


@contextmanager
def with_levels(*more: Level) -> Iterator[None]:
    """Declare further levels while the context is open.

    Raises
    ------
    ValueError
        A name is taken.
    """
    taken = level_names()
    for level in more:
        if level.name in taken:
            raise ValueError(f"level {level.name} is declared already")
    _added.extend(more)
    try:
        yield
    finally:
        for level in more:
            _added.remove(level)
