"""Which partitions a lake has, by the names of folders: each folder of a table is listed once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..catalogue.datasets import Dataset
from ..exchange.symbols import outright_of_root
from .folders import entries, names
from .paths import is_symbol, partition_date, table_folders, tombstone_dates
from .store import REMOVED


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
    _places: dict[str, dict[str, _Place]] = field(default_factory=dict)
    _dates: dict[tuple[str, str], Dates] = field(default_factory=dict)
    _contracts: dict[tuple[str, str], dict[dt.date, list[str]]] = field(default_factory=dict)

    def dates(self, table: Dataset) -> dict[str, Dates]:
        """Return the dates of each symbol of a table, sorted by symbol.

        Raises
        ------
        LakeError
            A folder cannot be read.
        """
        found = {symbol: self._of(table, symbol) for symbol in self._symbols(table)}
        return {symbol: dates for symbol, dates in found.items() if dates.there or dates.removed}

    def of(self, table: Dataset, symbol: str) -> Dates:
        """Return the dates of one symbol of a table; none where it is not there."""
        return self._of(table, symbol) if symbol in self._symbols(table) else Dates()

    def of_root(self, table: Dataset, root: str) -> dict[str, Dates]:
        """Return the dates of each contract of a root; folders of others are not looked into."""
        symbols = [one for one in self._symbols(table) if outright_of_root(one, root) is not None]
        return {symbol: self._of(table, symbol) for symbol in symbols}

    def contracts(self, table: Dataset, root: str, date: dt.date) -> list[str]:
        """Return the contracts of a root, sorted, that have a date, removed ones too."""
        key = table.key, root
        if key not in self._contracts:
            found: dict[dt.date, list[str]] = {}
            for symbol, dates in self.of_root(table, root).items():
                for day in dates.there | dates.removed:
                    found.setdefault(day, []).append(symbol)
            self._contracts[key] = found
        return self._contracts[key].get(date, [])

    def _symbols(self, table: Dataset) -> dict[str, _Place]:
        if table.key not in self._places:
            folders = dict(table_folders(self.lake_root, table))
            graves = {path.name: path for path in entries(self.lake_root / REMOVED / table.key)}
            self._places[table.key] = {
                symbol: _Place(folders.get(symbol), graves.get(symbol))
                for symbol in sorted(folders.keys() | graves.keys())
                if is_symbol(symbol)
            }
        return self._places[table.key]

    def _of(self, table: Dataset, symbol: str) -> Dates:
        key = table.key, symbol
        if key not in self._dates:
            folder, grave = self._symbols(table)[symbol]
            there = _dates(folder)
            removed = tombstone_dates(grave) - there if grave is not None else frozenset()
            self._dates[key] = Dates(there, frozenset(removed))
        return self._dates[key]


class _Place(NamedTuple):
    """Where a symbol's partitions of a table lie, and its tombstones."""

    folder: Path | None
    grave: Path | None


def _dates(folder: Path | None) -> frozenset[dt.date]:
    found = map(partition_date, names(folder)) if folder is not None else ()
    return frozenset(date for date in found if date is not None)
