"""What a lake holds: every partition, how it stands, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Container, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..catalogue.datasets import Dataset, dataset, registry
from ..errors import (
    ContractError,
    CorruptPartitionError,
    LakeError,
    PartitionNotFoundError,
    PartitionRemovedError,
)
from ..exchange.symbols import outright_of_root
from ..lake.listing import Dates, LakeListing
from ..lake.paths import Partition
from ..lake.summary import Summary
from ..settings import Settings
from ..stages.left_out import why_left_out
from ..stages.outcome import Standing
from ..stages.reads import Read
from ..stages.registry import producer, registered_stages
from ..stages.series import CurrentSeries
from ..stages.staleness import Currency
from ..vendor.delivered_date import DeliveredDate, delivered_date
from .read_ahead import Series, read_ahead


class State(StrEnum):
    """How a partition stands."""

    COMPLETE = "complete"
    STALE = "stale"
    REMOVED = "removed"  # on purpose: current, and there is nothing to read
    MISSING = "missing"  # what it is made of is there
    DAMAGED = "damaged"


_NOT_WHOLE: Final = "it is not whole: a file of it is missing; run its layer again"


@dataclass(frozen=True)
class Found:
    """One partition of a lake, or one that is missing in it.

    Attributes
    ----------
    partition : Partition
    state : State
    reason : str
        Why it is not complete, or what it was made without.
    summary : Summary or None
        What it is, or was where it was removed; None where nothing of it can be read.
    delivered : DeliveredDate or None
        What the raw data of a Bronze partition cover.
    """

    partition: Partition
    state: State
    reason: str = ""
    summary: Summary | None = None
    delivered: DeliveredDate | None = None

    @property
    def rows(self) -> int | None:
        """Number of rows; None where nothing of it can be read."""
        return None if self.summary is None else self.summary.rows

    @property
    def bytes(self) -> int:
        """Size of its data files on disk."""
        if self.summary is None or self.state is State.REMOVED:
            return 0
        return self.summary.bytes


def take_inventory(
    settings: Settings,
    tables: Sequence[Dataset],
    symbol: str | None = None,
    dates: Container[dt.date] | None = None,
    readers: int = 1,
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
    readers : int
        Processes that read manifests which no index knows (`read_ahead`).
    """
    currency = Currency(settings, {}, producer)
    series = CurrentSeries(currency, dates)
    wanted = _Wanted(currency.view.listing, symbol, dates)
    read_ahead(currency.view, (one for table in tables for one in wanted.series(table)), readers)
    found: dict[str, list[Found]] = {}
    # Inputs first: each manifest is looked at once.
    order = {one.key: n for n, stage in enumerate(registered_stages()) for one in stage.writes}
    for table in sorted(tables, key=lambda one: order[one.key]):
        partitions = wanted.partitions(table)
        currency.view.prepare(partitions)
        found[table.key] = [_found(series, currency, one) for one in partitions]
    for table in tables:
        yield from found[table.key]
        for partition in _missing(settings, wanted, table):
            yield Found(partition, State.MISSING, "what it is made of is there")


def lake_tables(product_types: Collection[str]) -> list[Dataset]:
    """Return the tables of some product types that stages write, in the order of the registry."""
    return [
        one
        for one in registry().values()
        if one.layer != "raw" and one.product_type in product_types
    ]


def _found(series: CurrentSeries, currency: Currency, partition: Partition) -> Found:
    plain = series.of(partition.dataset.key, partition.symbol).get(partition.date)
    if plain is None:
        return look_at(currency, partition)
    try:
        delivered = _delivered(plain)
    except LakeError as error:
        return Found(partition, State.DAMAGED, str(error))
    return Found(partition, State.COMPLETE, plain.left_out, plain, delivered)


def look_at(currency: Currency, partition: Partition) -> Found:
    """Return how a partition stands whose folder, or tombstone, is there."""
    view = currency.view
    try:
        summary = view.summary(partition)
        delivered = _delivered(summary)
    except PartitionRemovedError:
        return _look_at_removed(currency, partition)
    except PartitionNotFoundError:
        return Found(partition, State.DAMAGED, _NOT_WHOLE)
    except (CorruptPartitionError, ContractError, LakeError) as error:
        return Found(partition, State.DAMAGED, str(error))
    stale = currency.why_stale(producer(partition.dataset.key), summary)
    currency.note(partition, Standing(partition.symbol, summary.content_sha256, stale))
    if stale is not None:
        return Found(partition, State.STALE, stale, summary, delivered)
    return Found(partition, State.COMPLETE, summary.left_out, summary, delivered)


def _look_at_removed(currency: Currency, partition: Partition) -> Found:
    try:
        summary = currency.view.tombstone(partition)
        if summary is None:  # it was published again meanwhile
            return look_at(currency, partition)
        delivered = _delivered(summary)
    except LakeError as error:
        return Found(partition, State.DAMAGED, str(error))
    reason = f"by clean; {partition.how_to_rebuild}"
    return Found(partition, State.REMOVED, reason, summary, delivered)


def _delivered(summary: Summary) -> DeliveredDate | None:
    # What is told of a lake rests on Bronze's: one that makes no sense is found here, by itself.
    return delivered_date(summary) if summary.dataset.startswith("bronze.") else None


class _Wanted:
    # What was asked for of the partitions of each table, by folders and tombstones alone.

    def __init__(
        self, listing: LakeListing, symbol: str | None, dates: Container[dt.date] | None
    ) -> None:
        self._listing, self._symbol, self._dates = listing, symbol, dates

    def partitions(self, table: Dataset) -> list[Partition]:
        # Those that are there, then those that were removed.
        there, removed = self.there(table), self.removed(table)
        return [Partition(table, symbol, date) for date, symbol in (*there, *removed)]

    def series(self, table: Dataset) -> list[Series]:
        # The dates that are there, by symbol.
        found: dict[str, list[dt.date]] = {}
        for date, symbol in self.there(table):
            found.setdefault(symbol, []).append(date)
        return [(table, symbol, dates) for symbol, dates in found.items()]

    def there(self, table: Dataset) -> list[tuple[dt.date, str]]:
        return self._of(table, lambda dates: dates.there)

    def removed(self, table: Dataset) -> list[tuple[dt.date, str]]:
        return self._of(table, lambda dates: dates.removed)

    def _of(
        self, table: Dataset, which: Callable[[Dates], Collection[dt.date]]
    ) -> list[tuple[dt.date, str]]:
        return sorted(
            (date, symbol)
            for symbol, dates in self._listing.dates(table).items()
            if self._is_wanted(symbol)
            for date in which(dates)
            if self._dates is None or date in self._dates
        )

    def _is_wanted(self, symbol: str) -> bool:
        wanted = self._symbol
        return wanted in (None, symbol) or outright_of_root(symbol, str(wanted)) is not None


def _missing(settings: Settings, wanted: _Wanted, table: Dataset) -> Iterator[Partition]:
    # Of a table that is made of others: where all of them are there and it is not.
    stage = producer(table.key)
    needed = [one.key for one in stage.reads if isinstance(one, Read) and not one.may_be_left_out]
    if not needed:
        return
    whole = [set(wanted.there(dataset(key))) for key in needed]
    there = {*wanted.there(table), *wanted.removed(table)}
    for date, symbol in sorted(set.intersection(*whole) - there):
        is_none = stage.closure(date) or stage.exclusion(symbol)
        if not is_none and why_left_out(settings.lake_root, table, symbol, date) is None:
            yield Partition(table, symbol, date)
