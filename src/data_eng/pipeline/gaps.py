"""Gaps of a lake: trading days without raw data, raw data not in Bronze, Bronze without the rest.

Each gap is told where it begins: a date without raw data is no hole of every table too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from ..catalogue.datasets import Dataset, dataset
from ..errors import LakeError, with_names
from ..exchange.calendar import trading_days
from ..exchange.dates import DateRange
from ..exchange.symbols import is_root, root_of
from ..lake.folders import is_folder
from ..lake.paths import Partition, table_folders
from ..settings import Settings
from ..stages.reads import Read, ReadRaw
from ..stages.registry import producer
from ..stages.staleness import Outside
from ..vendor.delivered_date import delivered_date
from ..vendor.raw_listing import RawFolder

Days = dict[dt.date, str]
"""Contract by date."""


class Kind(StrEnum):
    """What is missing."""

    RAW = "no raw data"
    BRONZE = "not in Bronze"
    HOLE = "hole"
    COVERAGE = "partial coverage"


@dataclass(frozen=True)
class Gap:
    """One date of one table that is not there, or not whole.

    Attributes
    ----------
    kind : Kind
    dataset : str
        Raw dataset where raw data are missing.
    symbol : str
        Contract, or the product root where there is none.
    date : datetime.date
    reason : str
    """

    kind: Kind
    dataset: str
    symbol: str
    date: dt.date
    reason: str


class Gaps:
    """Looks for gaps.

    Parameters
    ----------
    settings : Settings
    tables : sequence of Dataset
        Not raw.
    symbol : str or None
        Contract or root; None means all.
    dates : DateRange or frozenset of datetime.date, or None
        None is from the first to the last date that a root has.

    Attributes
    ----------
    is_empty : bool
        No table that was looked at has anything of what was asked for.
    """

    def __init__(
        self,
        settings: Settings,
        tables: Sequence[Dataset],
        symbol: str | None,
        dates: DateRange | frozenset[dt.date] | None,
    ) -> None:
        self._root = settings.lake_root
        self._tables, self._symbol, self._asked = tables, symbol, dates
        self._outside = Outside(settings.lake_root)
        self.is_empty = True

    def find(self, *, coverage: bool) -> Iterator[Gap]:
        """Yield the gaps by table and date; with ``coverage`` also dates that are not whole."""
        for table in self._tables:
            raw = _raw_of(table)
            if raw is None:
                yield from self._holes(table)
                continue
            # Which contract a date has is what Bronze decides: of one alone no date is missing.
            for root in self._roots(raw, table):
                yield from self._without_bronze(raw, table, root)
            if coverage:
                yield from self._not_whole(table)
        if self.is_empty:
            yield from self._without_anything()

    def _without_anything(self) -> Iterator[Gap]:
        # A root that is named: the dates that are named are missing of it.
        root, raws = self._symbol, [raw for one in self._tables if (raw := _raw_of(one))]
        if root is None or not is_root(root) or self._asked is None:
            return
        for raw in [one for one in raws if one.product_type == "future"] or raws:
            reason = with_names(f"{self._root / raw.folder(root)}: no file holds the date")
            for day in self._trading_days(set()):
                yield Gap(Kind.RAW, raw.key, root, day, reason)

    def _roots(self, raw: Dataset, bronze: Dataset) -> list[str]:
        wanted = self._symbol
        found = {name for name, folder in table_folders(self._root, raw) if is_folder(folder)}
        found |= {root_of(symbol) for symbol in self._outside.view.listing.dates(bronze)}
        return sorted(one for one in found if is_root(one) and wanted in (None, one))

    def _without_bronze(self, raw: Dataset, bronze: Dataset, root: str) -> Iterator[Gap]:
        folder = self._root / raw.folder(root)
        files = self._outside.raw.folder(folder)
        built = self._days(bronze, root)
        delivered = {day for day in files.dates() if self._holds(files, raw, day)}
        if not delivered and not built:
            return  # a table that is left out, or a root without any data
        self.is_empty = False
        for day in self._trading_days(delivered | built.keys()):
            if day in built:
                continue
            if day not in delivered:
                reason = with_names(f"{folder}: no file holds the date")
                yield Gap(Kind.RAW, raw.key, root, day, reason)
            else:
                reason = f"raw files hold the date; run --layer bronze --symbol {root}"
                yield Gap(Kind.BRONZE, bronze.key, root, day, reason)

    @staticmethod
    def _holds(files: RawFolder, raw: Dataset, day: dt.date) -> bool:
        # Definition files may lie beside the data.
        return any(one.schema in (*raw.schemas, None) for one in files.covering(day))

    def _holes(self, table: Dataset) -> Iterator[Gap]:
        stage = producer(table.key)
        sources = sorted(_bronze_of(table.key))
        if not sources:
            return
        there = set(self._dates(table))
        self.is_empty = self.is_empty and not there
        whole = [set(self._dates(dataset(key))) for key in sources]
        for day, symbol in sorted(set.intersection(*whole) - there):
            is_none = stage.closure(day) or stage.exclusion(symbol)
            if not is_none and self._is_asked(day):
                reason = "Bronze has the date; run --layer all over it"
                yield Gap(Kind.HOLE, table.key, symbol, day, reason)

    def _not_whole(self, bronze: Dataset) -> Iterator[Gap]:
        for day, symbol in sorted(self._dates(bronze)):
            if not self._is_asked(day):
                continue
            try:
                told = delivered_date(self._outside.view.recorded(Partition(bronze, symbol, day)))
            except LakeError:
                continue  # not whole itself, which `status` tells
            words = [told.shortfall] if told.shortfall else []
            words += [f"silences {told.silence_words}"] if told.silences else []
            if words:
                yield Gap(Kind.COVERAGE, bronze.key, symbol, day, "; ".join(words))

    def _dates(self, table: Dataset) -> Iterator[tuple[dt.date, str]]:
        # Date and contract of what is there or was removed on purpose.
        for symbol, dates in self._outside.view.listing.dates(table).items():
            if self._symbol in (None, symbol, root_of(symbol)):
                for day in dates.there | dates.removed:
                    yield day, symbol

    def _days(self, table: Dataset, root: str) -> Days:
        return {day: symbol for day, symbol in self._dates(table) if root_of(symbol) == root}

    def _trading_days(self, known: set[dt.date]) -> list[dt.date]:
        asked = self._asked
        if asked is None:
            return trading_days(min(known), max(known))
        if isinstance(asked, DateRange):
            return trading_days(asked.first, asked.last)
        return [day for day in trading_days(min(asked), max(asked)) if day in asked]

    def _is_asked(self, day: dt.date) -> bool:
        return self._asked is None or day in self._asked


def _raw_of(table: Dataset) -> Dataset | None:
    reads = producer(table.key).reads
    return next((dataset(one.key) for one in reads if isinstance(one, ReadRaw)), None)


@cache
def _bronze_of(key: str) -> frozenset[str]:
    # The Bronze tables of its own date that a table cannot be made without.
    reads = [one for one in producer(key).reads if isinstance(one, Read)]
    needed = [_bronze_of(one.key) for one in reads if not one.may_be_left_out]
    return frozenset[str]().union(*needed) if reads else frozenset({key})


def spans(days: Sequence[dt.date]) -> list[tuple[dt.date, dt.date, int]]:
    """Return runs of trading days without another one between: first, last, how many."""
    found: list[tuple[dt.date, dt.date, int]] = []
    for day in sorted(set(days)):
        if found and not [one for one in trading_days(found[-1][1], day)[1:] if one < day]:
            found[-1] = (found[-1][0], day, found[-1][2] + 1)
        else:
            found.append((day, day, 1))
    return found
