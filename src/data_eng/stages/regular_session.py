"""Stages that work for regular sessions only, and for products whose tick size is known."""

from __future__ import annotations

import datetime as dt

from ..exchange.calendar import closure_reason
from ..exchange.products import why_unknown
from .stage import Stage


class RegularSessionStage(Stage):
    """A stage whose table has partitions on dates with a regular session."""

    def closure(self, date: dt.date) -> str | None:
        """Return why the date has no regular session, else None."""
        reason = closure_reason(date)
        return None if reason is None else f"no regular session: {reason}"


class FeatureStage(RegularSessionStage):
    """A stage of features, or of what is joined with them, of products that are known."""

    def exclusion(self, symbol: str) -> str | None:
        """Return why there are no features for a symbol, else None."""
        return why_unknown(symbol)
