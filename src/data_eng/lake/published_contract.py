"""The contract that Bronze wrote for a product root on a date."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from ..catalogue.datasets import Dataset
from ..errors import PartitionNotFoundError
from ..exchange.symbols import outright_of_root
from .paths import Partition, symbols_with_partition
from .reader import PublishedPartition


def published_contracts(
    lake_root: Path, bronze: Dataset, root: str, date: dt.date, roll_rule: str
) -> list[str]:
    """Return the contracts of a root with a complete partition made by a roll rule.

    Usually one; several where deliveries or rules were mixed, none where Bronze has not run.
    """
    return [
        symbol
        for symbol in symbols_with_partition(lake_root, bronze, date)
        if outright_of_root(symbol, root)
        and _rule_of(lake_root, Partition(bronze, symbol, date)) == roll_rule
    ]


def _rule_of(lake_root: Path, partition: Partition) -> str | None:
    try:
        with PublishedPartition(lake_root, partition) as published:
            rule: str | None = published.manifest.parameters.get("roll_rule")
            return rule
    except PartitionNotFoundError:
        return None
