"""Which contract of a product root a table has on a date."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path
from typing import Final

from ..catalogue.datasets import Dataset, dataset
from ..errors import PartitionNotFoundError
from ..exchange.symbols import root_of
from .paths import Partition, contracts_with_partition
from .reader import PublishedPartition

log = logging.getLogger(__name__)

FUTURES: Final = "bronze.future.market_by_price_10"
"""The table whose partitions name the front month of a date."""


def published_contracts(
    lake_root: Path, bronze: Dataset, root: str, date: dt.date, roll_rule: str
) -> list[str]:
    """Return the contracts of a root with a complete partition made by a roll rule.

    Usually one; several where deliveries or rules were mixed, none where Bronze has not run.
    """
    return [
        symbol
        for symbol in contracts_with_partition(lake_root, bronze, root, date)
        if _rule_of(lake_root, Partition(bronze, symbol, date)) == roll_rule
    ]


def contract_of_date(
    lake_root: Path, table: Dataset, symbol: str, date: dt.date, roll_rule: str
) -> str | None:
    """Return the contract that a table has on a date, None without one.

    Parameters
    ----------
    lake_root : Path
    table : Dataset
    symbol : str
        Product root, or any contract of it.
    date : datetime.date
    roll_rule : str
        Decides among several contracts by what Bronze chose.
    """
    root = root_of(symbol)
    found = contracts_with_partition(lake_root, table, root, date)
    if len(found) > 1:
        ruled = published_contracts(lake_root, dataset(FUTURES), root, date, roll_rule)
        found = [one for one in found if one in ruled]
        if len(found) != 1:
            log.warning(
                "%s %s %s: the front month is not clear; left out of history", table.key, root, date
            )
    return found[0] if len(found) == 1 else None


def _rule_of(lake_root: Path, partition: Partition) -> str | None:
    try:
        with PublishedPartition(lake_root, partition) as published:
            rule: str | None = published.manifest.parameters.get("roll_rule")
            return rule
    except PartitionNotFoundError:
        return None
