"""Which sessions of a product a lake has partitions of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Sequence
from pathlib import Path

from ..catalogue.datasets import Dataset
from ..exchange.symbols import outright_of_root
from .paths import partition_date


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
    """
    found = set()
    for dataset in datasets:
        depth = dataset.path.split("/").index("symbol={symbol}")
        for folder in lake_root.glob(str(dataset.folder("*") / "dt=*")):
            contract = folder.relative_to(lake_root).parts[depth].removeprefix("symbol=")
            date = partition_date(folder.name)
            is_wanted = contract == symbol or outright_of_root(contract, symbol) is not None
            if is_wanted and date is not None and (dates is None or date in dates):
                found.add((contract, date))
    return sorted(found, key=lambda session: (session[1], session[0]))
