"""Where a partition lies in a lake, and the names of the files in it."""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..catalogue.datasets import Dataset
from ..errors import UsageError
from ..exchange.symbols import outright_of_root
from .folders import entries, is_folder, lies_at, names
from .store import REMOVED

PART: Final = "part-00000.parquet"
MANIFEST: Final = "_MANIFEST.json"
SUCCESS: Final = "_SUCCESS"
TEMPORARY_PREFIX: Final = ".tmp-"
LOCKS: Final = ".locks"
NOTE_PREFIX: Final = ".dask-"
"""Of a file that is there while the workers of a cluster show that they see the lake."""

_SYMBOL_KEY: Final = "symbol="
_SYMBOL_PART: Final = f"{_SYMBOL_KEY}{{symbol}}/"

_PARTITION_NAME: Final = re.compile(r"dt=([0-9]{4}-[0-9]{2}-[0-9]{2})\Z")
# No separator, no dots alone, nothing hidden: a symbol must not lead out of its table's folder.
_SYMBOL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


@dataclass(frozen=True)
class Partition:
    """One date of one symbol of one dataset.

    Raises
    ------
    UsageError
        The symbol cannot be the name of a folder.
    """

    dataset: Dataset
    symbol: str
    date: dt.date

    def __post_init__(self) -> None:
        if not is_symbol(self.symbol):
            raise UsageError(
                f"symbol {self.symbol[:80]!r} of {self.dataset.key}: not the name of a folder; "
                "use at most 64 letters, digits, '.', '_' and '-'"
            )

    @property
    def table_folder(self) -> Path:
        """Folder of the table, relative to the lake root."""
        return self.dataset.folder(self.symbol)

    @property
    def path(self) -> str:
        """Folder of the partition, relative to the lake root, as text: a plan asks very often."""
        return f"{self.dataset.path.format(symbol=self.symbol)}/dt={self.date.isoformat()}"

    @property
    def folder(self) -> Path:
        """Folder of the partition, relative to the lake root."""
        return self.table_folder / f"dt={self.date.isoformat()}"

    @property
    def temporary_prefix(self) -> str:
        """How the names of this partition's temporary folders begin."""
        return f"{TEMPORARY_PREFIX}{self.date.isoformat()}-"

    def new_temporary(self) -> Path:
        """Return a temporary folder that no other process has, relative to the lake root."""
        name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        return self.table_folder / f"{self.temporary_prefix}{name}"

    @property
    def lock_name(self) -> str:
        """Name of this partition's lock in the lake's folder of locks."""
        return f"{self.dataset.key}.{self.symbol}.{self.date.isoformat()}.lock"

    @property
    def tombstone(self) -> Path:
        """Where its tombstone lies once it is removed on purpose, relative to the lake root."""
        return Path(REMOVED, self.dataset.key, self.symbol, f"{self.date.isoformat()}.json")

    @property
    def how_to_rebuild(self) -> str:
        """How it is built again once it is removed on purpose, in words."""
        return f"run --table {self.dataset.key} --force over {self.date} builds it again"

    def __str__(self) -> str:
        return f"{self.dataset.key} {self.symbol} {self.date.isoformat()}"


def partition_date(folder_name: str) -> dt.date | None:
    """Return the date of a folder named ``dt=YYYY-MM-DD``, else None."""
    match = _PARTITION_NAME.match(folder_name)
    if match is None:
        return None
    try:
        return dt.date.fromisoformat(match[1])
    except ValueError:
        return None


def is_symbol(name: str) -> bool:
    """Tell whether a symbol may be part of a folder's name."""
    return _SYMBOL.match(name) is not None


def leftover_date(folder_name: str) -> dt.date | None:
    """Return the date of a partition's temporary folder by its name, else None."""
    if not folder_name.startswith(TEMPORARY_PREFIX):
        return None
    return partition_date(f"dt={folder_name.removeprefix(TEMPORARY_PREFIX)[:10]}")


def tombstone_dates(folder: Path) -> set[dt.date]:
    """Return the dates of the tombstones in a folder of one symbol of a table."""
    stems = (name.removesuffix(".json") for name in names(folder) if name.endswith(".json"))
    return {date for stem in stems if (date := partition_date(f"dt={stem}")) is not None}


def table_folders(lake_root: Path, dataset: Dataset) -> Iterator[tuple[str, Path]]:
    """Yield each symbol of a product type, sorted, and its folder of the table, there or not.

    A folder whose name is that of no symbol is no stage's: `verify` names it.

    Raises
    ------
    LakeError
        The folder of the product type cannot be read.
    """
    above, below = dataset.path.split(_SYMBOL_PART)
    for folder in entries(lake_root / above):
        symbol = folder.name.removeprefix(_SYMBOL_KEY)
        if folder.name.startswith(_SYMBOL_KEY) and is_symbol(symbol):
            yield symbol, folder / below


def contracts_with_partition(
    lake_root: Path, dataset: Dataset, root: str, date: dt.date
) -> list[str]:
    """Return the contracts of a root, sorted, that have a date: complete, not whole, or removed.

    Raises
    ------
    LakeError
        A folder on the way to one cannot be read.
    """
    return [
        symbol
        for symbol, table in table_folders(lake_root, dataset)
        if outright_of_root(symbol, root) is not None
        and (
            is_folder(table / f"dt={date.isoformat()}")
            or lies_at(lake_root / Partition(dataset, symbol, date).tombstone)
        )
    ]
