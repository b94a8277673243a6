"""Counts in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun.

    >>> counted(1, "partition"), counted(1200, "partition"), counted(0, "day")
    ('1 partition', '1,200 partitions', '0 days')
    >>> counted(2, "table of a date", "tables of a date")
    '2 tables of a date'
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def span(days: Iterable[dt.date]) -> str:
    """Return the first and the last of some dates; a single one alone.

    >>> span([dt.date(2025, 6, 4), dt.date(2025, 6, 3)]), span([dt.date(2025, 6, 3)])
    ('from 2025-06-03 to 2025-06-04', 'of 2025-06-03')
    """
    found = sorted(set(days))
    return f"of {found[0]}" if len(found) == 1 else f"from {found[0]} to {found[-1]}"
