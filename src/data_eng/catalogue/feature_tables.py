"""Which datasets are feature tables: MARKET, and LEVEL with one table for each level.

No other table is one, least of all those of levels that hold what no model may see: prices and
outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ..features.level.levels import level_names
from .datasets import Dataset

KEYS: Final = ("symbol", "ts", "ts_est")
"""Key columns of grid tables; every other column of a feature table is a feature."""

_MARKET: Final = "market"
_LEVEL: Final = "level_"


@dataclass(frozen=True)
class FeatureTable:
    """A feature table as it is declared.

    Attributes
    ----------
    key : str
        Dataset key, ``{layer}.{product_type}.{table}``.
    columns : tuple of str
        The features in the contract's order, key columns left out.
    """

    key: str
    columns: tuple[str, ...]

    @property
    def layer(self) -> str:
        """First part of the key."""
        return self.key.split(".")[0]

    @property
    def base_key(self) -> str:
        """The same for a table in Silver and its rows in Gold: ``future.market``."""
        _, product_type, table = self.key.split(".")
        return f"{product_type}.{_base(table)}"

    @property
    def prefix(self) -> str:
        """How every feature's name begins, ``pm_high_``; empty for MARKET."""
        base = _base(self.key.split(".")[2])
        return "" if base == _MARKET else f"{base.removeprefix(_LEVEL)}_"


def is_feature_table(dataset: Dataset) -> bool:
    """Return whether a dataset is a feature table."""
    return dataset.layer in ("silver", "gold") and _is_base(_short(dataset.table))


def feature_datasets(datasets: Iterable[Dataset]) -> list[Dataset]:
    """Return the feature tables among datasets, in their order."""
    return [found for found in datasets if is_feature_table(found)]


def feature_table(dataset: Dataset) -> FeatureTable:
    """Return what the contract of a feature table declares.

    Raises
    ------
    ContractError
        The contract is missing or not valid.
    """
    names = (field.name for field in dataset.contract().fields)
    return FeatureTable(dataset.key, tuple(name for name in names if name not in KEYS))


def _base(table: str) -> str:
    base = _short(table)
    if not _is_base(base):
        raise ValueError(f"{table} is no feature table")
    return base


def _short(table: str) -> str:
    return table.removesuffix("_first3h")


def _is_base(base: str) -> bool:
    return base == _MARKET or base in {f"{_LEVEL}{name}" for name in level_names()}
