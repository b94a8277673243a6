"""Which partitions a question means: symbols and dates, and which of them are there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from ..catalogue.datasets import Dataset, dataset
from ..errors import PartitionNotFoundError, UsageError
from ..exchange.asked_symbol import check_symbol
from ..exchange.calendar import closure_reason, trading_days
from ..exchange.roll import RULES
from ..exchange.symbols import outright_of_root
from ..lake.folders import names
from ..lake.front import FUTURES, published_contracts
from ..lake.paths import Partition, partition_date, table_folders
from ..lake.reader import mark_of
from ..lake.view import LakeView
from ..words import counted
from .dates import Dates, WantedDates

Symbols = str | Iterable[str] | None
"""A contract, a root (the front month of each date), several (a comma list too), or None for all
contracts that there are."""

_NAMED_DATES: Final = 10


def find_partitions(
    key: str, symbol: Symbols, dates: Dates, lake_root: Path, roll_rule: str, *, strict: bool
) -> dict[Partition, str]:
    """Return the complete partitions that a question means, by date and symbol.

    Parameters
    ----------
    key, symbol, dates, lake_root, roll_rule, strict
        As of `reading.scan`, with the same errors.

    Returns
    -------
    dict of str
        By what each is known (`lake.reader.mark_of`), by partition.
    """
    table = dataset(key)
    if roll_rule not in RULES:
        raise UsageError(f"roll_rule {roll_rule!r}: use one of {', '.join(RULES)}")
    if table.contract_path is None:
        raise UsageError(f"{key} is raw: read Bronze")
    symbols, wanted = _symbols(symbol), WantedDates(dates)
    there = complete_in(lake_root, table, symbols, wanted)
    found: dict[Partition, str] = {}
    each: Sequence[str | None] = symbols or (None,)
    for one in each:
        mine = _of_symbol(there, one, lake_root, roll_rule)
        days = {partition.date for partition in mine}
        missing = sorted(wanted.named - days)
        if missing or not mine:
            what = ", ".join(map(str, missing)) or str(dates or "any date")
            raise PartitionNotFoundError(
                f"{key} {one or 'of any symbol'} {what}: no complete partition in {lake_root}; "
                + _what_there_is(lake_root, table, one, missing)
            )
        if strict:
            _check_whole(key, one, wanted, days)
        found.update(mine)
    order = sorted(found, key=lambda one: (one.date, one.symbol))
    return {partition: found[partition] for partition in order}


def _what_there_is(
    lake_root: Path, table: Dataset, symbol: str | None, missing: Sequence[dt.date]
) -> str:
    closed = [f"{day} is {why}" for day in missing if (why := closure_reason(day))]
    symbols = [] if symbol is None else [symbol]
    days = sorted({one.date for one in complete_in(lake_root, table, symbols, WantedDates(None))})
    there = "it has none: run the pipeline"
    others = complete_in(lake_root, table, (), WantedDates(None)) if symbol and not days else ()
    if others:
        held = sorted({one.symbol for one in others})
        there = f"it has {', '.join(held[:_NAMED_DATES])}; run the pipeline for {symbol}"
    if days:
        named = ", ".join(map(str, days[:_NAMED_DATES]))
        more = f" and {len(days) - _NAMED_DATES} more, to {days[-1]}" * (len(days) > _NAMED_DATES)
        there = f"it has {named}{more}; run the pipeline for others"
    return "; ".join((*closed[:_NAMED_DATES], there))


def _symbols(symbol: Symbols) -> list[str]:
    # None of them means all.
    if symbol is None:
        return []
    given = symbol.split(",") if isinstance(symbol, str) else symbol
    if not isinstance(given, Iterable):
        raise UsageError(f"symbol {symbol!r}: neither a product root such as ES nor a contract")
    symbols = [one.strip() if isinstance(one, str) else one for one in given]
    for one in symbols:
        check_symbol(one, "symbol")
    if not symbols:
        raise UsageError("symbol: none given")
    return list(dict.fromkeys(symbols))


def complete_in(
    lake_root: Path, table: Dataset, symbols: Sequence[str], wanted: WantedDates
) -> dict[Partition, str]:
    """Return the complete partitions of a table; of all symbols if none is given.

    Returns
    -------
    dict of str
        By what each is known (`lake.reader.mark_of`), by partition.

    Raises
    ------
    LakeError
        A folder or ``_SUCCESS`` cannot be read.
    """
    found = {}
    for contract, folder in table_folders(lake_root, table):
        if symbols and not any(is_meant(contract, one) for one in symbols):
            continue
        for name in names(folder):
            date = partition_date(name)
            if date is None or date not in wanted:
                continue
            partition = Partition(table, contract, date)
            mark = mark_of(lake_root, partition)
            if mark is not None:
                found[partition] = mark
    return found


def is_meant(contract: str, symbol: str) -> bool:
    """Return whether a symbol, a contract or a root, is that contract or its root."""
    return contract == symbol or outright_of_root(contract, symbol) is not None


def _of_symbol(
    there: dict[Partition, str], symbol: str | None, lake_root: Path, roll_rule: str
) -> dict[Partition, str]:
    if symbol is None:
        return there
    by_date: dict[dt.date, list[Partition]] = {}
    for partition in there:
        if is_meant(partition.symbol, symbol):
            by_date.setdefault(partition.date, []).append(partition)
    chosen = (
        some[0] if len(some) == 1 else _front_month(some, symbol, lake_root, roll_rule)
        for some in by_date.values()
    )
    return {partition: there[partition] for partition in chosen}


def _front_month(
    partitions: list[Partition], symbol: str, lake_root: Path, roll_rule: str
) -> Partition:
    table, date = partitions[0].dataset, partitions[0].date
    chosen = published_contracts(LakeView(lake_root), dataset(FUTURES), symbol, date, roll_rule)
    found = [one for one in partitions if one.symbol in chosen]
    if len(found) != 1:
        contracts = " and ".join(one.symbol for one in partitions)
        raise UsageError(
            f"{table.key} {symbol} {date}: {contracts} are there, and Bronze does "
            f"not say which is the front month by roll rule {roll_rule}; name the contract"
        )
    return found[0]


def _check_whole(key: str, symbol: str | None, wanted: WantedDates, found: set[dt.date]) -> None:
    first, last = wanted.bounds or (min(found), max(found))
    missing = [day for day in trading_days(first, last) if day in wanted and day not in found]
    if missing:
        named = ", ".join(map(str, missing[:_NAMED_DATES]))
        more = f" and {len(missing) - _NAMED_DATES} more" if len(missing) > _NAMED_DATES else ""
        raise PartitionNotFoundError(
            f"{key} {symbol or 'of any symbol'}: no complete partition for "
            f"{counted(len(missing), 'trading day')} from {first} to {last}: {named}{more}; run "
            "the pipeline for them, or ask without strict"
        )
