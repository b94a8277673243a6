"""Tables of records that a user does without: the lake has no raw file of them, of any date.

What copies such a table is skipped, what is made of it and of others is made without it, and both
say so. A table that has raw files, but none of the date, is not left out: that is an error.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from ..catalogue.datasets import Dataset, raw_of_optional
from ..exchange.symbols import root_of
from ..lake.paths import contracts_with_partition
from ..vendor.files import has_raw_files


def why_left_out(lake_root: Path, table: Dataset, symbol: str, date: dt.date) -> str | None:
    """Return why a table of a date is not there by choice, else None.

    Parameters
    ----------
    lake_root : Path
    table : Dataset
        Bronze, Silver or Gold.
    symbol : str
        Product root, or any contract of it.
    date : datetime.date
    """
    raw, root = raw_of_optional(table), root_of(symbol)
    if raw is None or has_raw_files(lake_root, raw, root):
        return None
    if contracts_with_partition(lake_root, table, root, date):
        return None  # it was delivered once
    return f"left out: {raw.folder(root)} has no raw file"
