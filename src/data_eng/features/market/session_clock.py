"""Where a row is in the session, and the session in the life of the contract."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..book.day_seconds import F64, DaySeconds
from ..feature import EVEN, NONE, Feature, FeatureList

FEATURES: Final = FeatureList()


@FEATURES.add(
    Feature(
        "seconds_since_rth_open",
        doc="Time since the open of the regular session: ts - 09:30 ET.",
        unit="s",
        window=NONE,
        null_rule="Null in no row.",
        mirror=EVEN,
        minimum=0,
        maximum=10800,
    )
)
def seconds_since_rth_open(day: DaySeconds) -> F64:
    """Return ``ts`` less 09:30 ET, seconds."""
    return (day.rows - day.open_second).astype(np.float64)


@FEATURES.add(
    Feature(
        "days_to_futures_expiry",
        doc=(
            "Days to the expiration of the contract: calendar days from the date to the "
            "expiration date (integer). The expiration date follows CME's rule for the product: of "
            "the equity indices the third Friday of the delivery month, or the trading day before "
            "it where the exchange is closed; no definition is read."
        ),
        unit="days",
        window=NONE,
        null_rule="Null for a contract without the rule.",
        mirror=EVEN,
    )
)
def days_to_futures_expiry(day: DaySeconds, days_to_expiry: int | None) -> F64:
    """Return the days from the date to the expiration date in every row; NaN where unknown."""
    days = np.nan if days_to_expiry is None else float(days_to_expiry)
    return np.full(len(day.rows), days)
