"""Which contract of a product root a table has on a date."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Final

from ..catalogue.datasets import Dataset, dataset
from ..errors import PartitionNotFoundError
from ..exchange.symbols import root_of
from .paths import Partition
from .view import LakeView

log = logging.getLogger(__name__)

FUTURES: Final = "bronze.future.market_by_price_10"
"""The table whose partitions name the front month of a date."""


def published_contracts(
    view: LakeView, bronze: Dataset, root: str, date: dt.date, roll_rule: str
) -> list[str]:
    """Return the contracts of a root with a complete, or removed, partition made by a roll rule.

    Usually one; several where deliveries or rules were mixed, none where Bronze has not run.
    """
    return [
        symbol
        for symbol in view.listing.contracts(bronze, root, date)
        if _rule_of(view, Partition(bronze, symbol, date)) == roll_rule
    ]


def contract_of_date(
    view: LakeView, table: Dataset, symbol: str, date: dt.date, roll_rule: str
) -> str | None:
    """Return the contract that a table has on a date, None without one.

    Parameters
    ----------
    view : LakeView
    table : Dataset
    symbol : str
        Product root, or any contract of it.
    date : datetime.date
    roll_rule : str
        Decides among several contracts by what Bronze chose.
    """
    root = root_of(symbol)
    found = view.listing.contracts(table, root, date)
    if len(found) > 1:
        ruled = published_contracts(view, dataset(FUTURES), root, date, roll_rule)
        found = [one for one in found if one in ruled]
        if len(found) != 1:
            log.warning(
                "%s %s %s: the front month is not clear; left out of history", table.key, root, date
            )
    return found[0] if len(found) == 1 else None


def _rule_of(view: LakeView, partition: Partition) -> str | None:
    try:
        rule: str | None = view.recorded(partition).parameters.get("roll_rule")
    except PartitionNotFoundError:
        return None
    return rule
