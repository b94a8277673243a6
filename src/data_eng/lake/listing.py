"""Which partitions a lake has, by the names of folders: each folder of a table is listed once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..catalogue.datasets import Dataset
from ..exchange.symbols import outright_of_root
from .folders import entries, names
from .paths import REMOVED, is_symbol, partition_date, table_folders, tombstone_dates


@dataclass(frozen=True)
class Dates:
    """The dates of one symbol of a table.

    Attributes
    ----------
    there : frozenset of datetime.date
        That have a folder, complete or not.
    removed : frozenset of datetime.date
        That have a tombstone and no folder.
    """

    there: frozenset[dt.date] = frozenset()
    removed: frozenset[dt.date] = frozenset()


@dataclass
class LakeListing:
    """Partitions by folders and tombstones, as they were when a table was first asked for.

    Attributes
    ----------
    lake_root : Path
    """

    lake_root: Path
    _tables: dict[str, dict[str, Dates]] = field(default_factory=dict)
    _contracts: dict[tuple[str, str], dict[dt.date, list[str]]] = field(default_factory=dict)

    def dates(self, table: Dataset) -> dict[str, Dates]:
        """Return the dates of each symbol of a table, sorted by symbol.

        Raises
        ------
        LakeError
            A folder cannot be read.
        """
        if table.key not in self._tables:
            self._tables[table.key] = dict(self._list(table))
        return self._tables[table.key]

    def contracts(self, table: Dataset, root: str, date: dt.date) -> list[str]:
        """Return the contracts of a root, sorted, that have a date, removed ones too."""
        key = table.key, root
        if key not in self._contracts:
            found: dict[dt.date, list[str]] = {}
            for symbol, dates in self.dates(table).items():
                if outright_of_root(symbol, root) is not None:
                    for day in dates.there | dates.removed:
                        found.setdefault(day, []).append(symbol)
            self._contracts[key] = found
        return self._contracts[key].get(date, [])

    def _list(self, table: Dataset) -> Iterator[tuple[str, Dates]]:
        folders = dict(table_folders(self.lake_root, table))
        graves = {path.name: path for path in entries(self.lake_root / REMOVED / table.key)}
        for symbol in sorted(folders.keys() | graves.keys()):
            there = _dates(folders.get(symbol))
            removed = tombstone_dates(graves[symbol]) - there if symbol in graves else frozenset()
            # What is no symbol is no stage's: `verify` names it.
            if is_symbol(symbol) and (there or removed):
                yield symbol, Dates(there, frozenset(removed))


def _dates(folder: Path | None) -> frozenset[dt.date]:
    found = map(partition_date, names(folder)) if folder is not None else ()
    return frozenset(date for date in found if date is not None)
