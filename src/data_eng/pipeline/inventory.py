"""What a lake holds: every partition, how it stands, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Container, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..catalogue.datasets import Dataset, dataset, registry
from ..errors import ContractError, CorruptPartitionError, LakeError, PartitionNotFoundError
from ..exchange.symbols import outright_of_root
from ..lake.folders import entries
from ..lake.inputs import what_is_left_out
from ..lake.manifest import Manifest
from ..lake.paths import Partition, is_symbol, partition_date, table_folders
from ..lake.reader import PublishedPartition
from ..settings import Settings
from ..stages.left_out import why_left_out
from ..stages.reads import Read
from ..stages.registry import producer
from ..stages.staleness import Currency


class State(StrEnum):
    """How a partition stands."""

    COMPLETE = "complete"
    STALE = "stale"
    MISSING = "missing"  # what it is made of is there
    DAMAGED = "damaged"


@dataclass(frozen=True)
class Found:
    """One partition of a lake, or one that is missing in it.

    Attributes
    ----------
    partition : Partition
    state : State
    reason : str
        Why it is not complete, or what it was made without.
    manifest : Manifest or None
        None where there is none that can be read.
    """

    partition: Partition
    state: State
    reason: str = ""
    manifest: Manifest | None = None


def take_inventory(
    settings: Settings,
    tables: Sequence[Dataset],
    symbol: str | None = None,
    dates: Container[dt.date] | None = None,
) -> Iterator[Found]:
    """Yield every partition of some tables, table by table, and what is missing among them.

    Parameters
    ----------
    settings : Settings
        Of the run that would keep the lake: parameters that differ make stale.
    tables : sequence of Dataset
        Not raw.
    symbol : str, optional
        A contract, or a root, which means every contract of it.
    dates : container of date, optional
    """
    currency = Currency(settings, {}, producer)
    listing = _Listing(settings, symbol, dates)
    for table in tables:
        there = listing.of(table)
        for partition in there:
            yield look_at(settings, currency, partition)
        for partition in _missing(settings, listing, table):
            yield Found(partition, State.MISSING, "what it is made of is there")


def lake_tables(product_types: Collection[str]) -> list[Dataset]:
    """Return the tables of some product types that stages write, in the order of the registry."""
    return [
        one
        for one in registry().values()
        if one.layer != "raw" and one.product_type in product_types
    ]


def look_at(settings: Settings, currency: Currency, partition: Partition) -> Found:
    """Return how a partition whose folder is there stands."""
    try:
        with PublishedPartition(settings.lake_root, partition) as published:
            manifest = published.manifest
    except PartitionNotFoundError:
        return Found(partition, State.DAMAGED, "it is not whole: a file of it is missing")
    except (CorruptPartitionError, ContractError, LakeError) as error:
        return Found(partition, State.DAMAGED, str(error))
    stale = currency.why_stale(producer(partition.dataset.key), manifest)
    if stale is not None:
        return Found(partition, State.STALE, stale, manifest)
    return Found(partition, State.COMPLETE, what_is_left_out(manifest), manifest)


class _Listing:
    # The partitions of each table, by folders alone, listed once.

    def __init__(
        self, settings: Settings, symbol: str | None, dates: Container[dt.date] | None
    ) -> None:
        self._root, self._symbol, self._dates = settings.lake_root, symbol, dates
        self._found: dict[str, list[Partition]] = {}

    def of(self, table: Dataset) -> list[Partition]:
        if table.key not in self._found:
            self._found[table.key] = sorted(
                self._list(table), key=lambda one: (one.date, one.symbol)
            )
        return self._found[table.key]

    def _list(self, table: Dataset) -> Iterator[Partition]:
        wanted = self._symbol
        for name, folder in table_folders(self._root, table):
            if not is_symbol(name):  # no stage's: `verify` names it
                continue
            if wanted is not None and wanted != name and outright_of_root(name, wanted) is None:
                continue
            for path in entries(folder):
                date = partition_date(path.name)
                if date is not None and (self._dates is None or date in self._dates):
                    yield Partition(table, name, date)


def _missing(settings: Settings, listing: _Listing, table: Dataset) -> Iterator[Partition]:
    # Of a table that is made of others: where all of them are there and it is not.
    stage = producer(table.key)
    needed = [one.key for one in stage.reads if isinstance(one, Read) and not one.may_be_left_out]
    if not needed:
        return
    whole = [{(one.symbol, one.date) for one in listing.of(dataset(key))} for key in needed]
    there = {(one.symbol, one.date) for one in listing.of(table)}
    for symbol, date in sorted(set.intersection(*whole) - there, key=lambda one: one[::-1]):
        is_none = stage.closure(date) or stage.exclusion(symbol)
        if not is_none and why_left_out(settings.lake_root, table, symbol, date) is None:
            yield Partition(table, symbol, date)
