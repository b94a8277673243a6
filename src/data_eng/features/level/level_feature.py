"""What the catalogue says of a LEVEL feature, and which levels there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ALL: Final = ("pm_high", "pm_low", "or_high", "or_low", "sma_90")
EXTREMES: Final = ALL[:4]
MOVING: Final = ALL[4:]


@dataclass(frozen=True)
class LevelFeature:
    """A feature of a level.

    Attributes
    ----------
    name : str
        Base name, without the level's prefix.
    doc : str
        Meaning and formula, unit and range, inputs, window, null rule, source.
    minimum, maximum : int or None
        Range that the contract checks.
    levels : tuple of str
        Levels that have it.
    """

    name: str
    doc: str
    minimum: int | None = None
    maximum: int | None = None
    levels: tuple[str, ...] = ALL
