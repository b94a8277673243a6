"""Which datasets are feature tables: MARKET, and LEVEL with one table for each level.

`market_by_price_10` is no feature table, and neither are the level tables that hold what no
model may see: reference prices and outcomes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .datasets import Dataset

KEYS: Final = ("symbol", "ts", "ts_est")
"""Key columns of grid tables; every other column of a feature table is a feature."""

LEVELS: Final = ("pm_high", "pm_low", "or_high", "or_low", "sma_90")
"""The levels, in the order of their tables: Pre-Market High and Low, Opening Range High and Low,
the simple moving average of 90 two-minute bars."""

_TABLE: Final = re.compile(
    r"(?P<base>market|level_(?!outcome|reference)(?P<level>[a-z0-9_]+?))(?:_first3h)?"
)


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
        return f"{product_type}.{_match(table)['base']}"

    @property
    def prefix(self) -> str:
        """How every feature's name begins, ``pm_high_``; empty for MARKET."""
        level = _match(self.key.split(".")[2])["level"]
        return f"{level}_" if level else ""


def is_feature_table(dataset: Dataset) -> bool:
    """Return whether a dataset is a feature table."""
    return dataset.layer in ("silver", "gold") and _TABLE.fullmatch(dataset.table) is not None


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


def _match(table: str) -> re.Match[str]:
    match = _TABLE.fullmatch(table)
    if match is None:
        raise ValueError(f"{table} is no feature table")
    return match
