"""The numbers that features and labels are defined by; a plan compares them without compiled code.

A change of one changes rows: it is a parameter of the stages that use it.
"""

from __future__ import annotations

from typing import Final

MAX_SILENCE_SECONDS: Final = 60
"""How long after the last record the book is still taken for known."""
MEAN_SIZE_SECONDS: Final = 300
"""Window of the mean size of a displayed price, in which sizes at a level are told."""
MEAN_SIZE_BOOKS: Final = 100
"""Fewest books of which that mean is taken."""
BAND_TICKS: Final = 2
"""Half the width of the band about a price, ticks."""
NEAR_TICKS: Final = 8
"""Distance within which the mid dwells at a level, ticks."""
ARM_TICKS: Final = 8
"""Distance of the mid from the level that arms it, and that ends a touch, ticks."""
TOUCH_TOLERANCE_TICKS: Final = 0
"""How far before the level a trade touches it, ticks."""
ZONE_TICKS: Final = 40
"""Distance of the price from the level at which an approach begins, ticks."""
APPROACH_SPAN_SECONDS: Final = 1800
"""How far back an approach may begin."""
APPROACH_MIN_SECONDS: Final = 10
"""Shortest approach of which there are features."""
MID_AFTER_SECONDS: Final = 900
"""When the mid after the start of a touch is read, of which Osler's bounce is made."""
HISTORY_SESSIONS: Final = 20
"""Full sessions before a date that features look back over."""
MIN_SESSIONS: Final = 5
"""Fewest of them of which a mean is taken."""
VPIN_BUCKETS: Final = 50
"""Buckets of equal volume that VPIN is the mean of."""
OPTION_STEP_SECONDS: Final = 5
"""How often the features of options are computed."""
OPTION_WINDOW_SECONDS: Final = 300
"""Window of the flow of options."""
