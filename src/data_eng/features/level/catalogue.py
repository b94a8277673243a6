"""What every LEVEL feature is: the one text that the contracts of the five tables are made from.

``{level}`` in a text stands for the level's name in words. Columns have the order of the tables.
"""

from __future__ import annotations

from typing import Final

from .catalogue_book import FEATURES_OF_BOOK
from .catalogue_price import FEATURES_OF_PRICE
from .level_feature import ALL, LevelFeature

__all__ = ["ALL", "FEATURES", "NOTATION", "VALUES", "WORDS", "LevelFeature"]

WORDS: Final = {
    "pm_high": "Pre-Market High",
    "pm_low": "Pre-Market Low",
    "or_high": "Opening Range High",
    "or_low": "Opening Range Low",
    "sma_90": "SMA 90",
}
"""The levels' names in words."""


NOTATION: Final = (
    "LEVEL features of the {level} of the front-month futures contract on a grid of one second, "
    "from its MBP-10 records. L is the level in force at ts, from silver.future.level: {value} "
    "Every column is null where L has no value at ts, so until it is known. tick(L) = "
    "floor(L / tick + 0.5) tick stands for L wherever a price of the book or of a trade is "
    "compared. m, books and valid quotes as in silver.future.market; a price is visible if it "
    "lies between the outermost of the ten levels of a valid book (a side with fewer levels hides "
    "nothing). Windows are [ts - w, ts) on ts_recv. Touches: the level is armed on a side once m "
    "is 8 ticks or more from L; the next trade at or through L starts a touch; it ends once m is 8 "
    "ticks or more from L again, on the side it came from as a bounce, else as a break, and the "
    "level is armed on that side at once. The machine starts when L is known; it also moves with "
    "the steps of L, and rests while L has no value."
)
"""Of the record; ``{value}`` is one of `VALUES`."""

VALUES: Final = {
    "pm_high": "the highest trade price of the pre-market (04:00 to 09:30 America/New_York unless "
    "the manifest says otherwise), known at 09:30. It is applied to windows that reach before.",
    "pm_low": "the lowest trade price of the pre-market (04:00 to 09:30 America/New_York unless "
    "the manifest says otherwise), known at 09:30. It is applied to windows that reach before.",
    "or_high": "the highest trade price of the opening range (the first 30 minutes from 09:30 "
    "America/New_York unless the manifest says otherwise), known at its end. It is applied to "
    "windows that reach before.",
    "or_low": "the lowest trade price of the opening range (the first 30 minutes from 09:30 "
    "America/New_York unless the manifest says otherwise), known at its end. It is applied to "
    "windows that reach before.",
    "sma_90": "the mean of the closes of the last 90 two-minute trade bars, which steps at each "
    "bar close and lapses where the bars span more than 240 minutes. What looks back uses the "
    "value that was in force then.",
}

FEATURES: Final = (*FEATURES_OF_PRICE, *FEATURES_OF_BOOK)
"""Every feature, in the order of the tables."""
