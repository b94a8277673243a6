"""Which sessions of a product a lake has partitions of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Sequence
from pathlib import Path

from ..catalogue.datasets import Dataset
from ..exchange.symbols import outright_of_root
from .folders import entries
from .paths import partition_date, table_folders


def find_sessions(
    lake_root: Path, datasets: Sequence[Dataset], symbol: str, dates: Container[dt.date] | None
) -> list[tuple[str, dt.date]]:
    """Return the symbols and dates, sorted by date, that have a partition of any dataset.

    Parameters
    ----------
    lake_root : Path
        The lake.
    datasets : sequence of Dataset
        Tables.
    symbol : str
        A contract, or a root, which means every contract of it.
    dates : container of date, optional
        Dates that count; all by default.

    Raises
    ------
    LakeError
        A folder of the symbol cannot be read.
    """
    found = set()
    for dataset in datasets:
        for contract, table in table_folders(lake_root, dataset):
            if contract != symbol and outright_of_root(contract, symbol) is None:
                continue
            for folder in entries(table):
                date = partition_date(folder.name)
                if date is not None and (dates is None or date in dates):
                    found.add((contract, date))
    return sorted(found, key=lambda session: (session[1], session[0]))
