"""What is complete and current, told a table's symbol at a time.

Of a lake of years nearly every partition is. Those are found here by comparing hashes; `Currency`
says the same of one partition. Whatever is not so plain, because it is stale, damaged, removed or
of a date with several contracts, is left out here and looked up there, which tells why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Mapping

from ..catalogue.datasets import dataset
from ..errors import DataEngError
from ..exchange.symbols import root_of
from ..lake.made_of import made_of_told, told_content
from ..lake.summary import Summary
from .declaration import Declaration
from .reads import Read, ReadEarlier
from .staleness import Currency


class CurrentSeries:
    """The complete and current partitions of a lake, of each symbol of a table looked up once.

    Parameters
    ----------
    currency : Currency
        Of a run that has settled nothing; learns what is found.
    dates : container of datetime.date, optional
        What is looked at; all dates without.
    """

    def __init__(self, currency: Currency, dates: Container[dt.date] | None = None) -> None:
        self._currency, self._dates = currency, dates
        self._found: dict[tuple[str, str], dict[dt.date, Summary]] = {}
        self._told: dict[tuple[str, str], dict[dt.date, str]] = {}
        self._earlier: dict[tuple[str, str], dict[dt.date, str | None]] = {}

    def of(self, key: str, symbol: str) -> Mapping[dt.date, Summary]:
        """Return what is complete and current of a symbol of a table, by date."""
        where = key, symbol
        if where not in self._found:
            self._found[where] = found = self._look(key, symbol)
            self._currency.note_current(key, symbol, found)
            self._told[where] = {
                date: told_content(key, one.dt, one.content_sha256) for date, one in found.items()
            }
        return self._found[where]

    def _look(self, key: str, symbol: str) -> dict[dt.date, Summary]:
        stage, table, currency = self._currency.producer(key), dataset(key), self._currency
        dates = currency.view.listing.of(table, symbol).there
        wanted = [one for one in sorted(dates) if self._dates is None or one in self._dates]
        inputs = _Inputs(self, stage, symbol)
        found = {}
        for date, one in currency.view.summaries(table, symbol, wanted).items():
            if currency.why_made_otherwise(stage, one) is not None:
                continue
            if inputs.made_of(date, one.dt) == one.made_of and self._is_raw_as_it_was(stage, one):
                found[date] = one
        return found

    def _is_raw_as_it_was(self, stage: Declaration, recorded: Summary) -> bool:
        try:
            return not stage.is_raw or self._currency.is_raw_unchanged(stage, recorded)
        except DataEngError:
            return False  # it is met again, and told

    def told(self, key: str, symbol: str) -> Mapping[dt.date, str]:
        """Return as `told_content` what is current of a symbol of a table, by date."""
        self.of(key, symbol)
        return self._told[key, symbol]

    def told_earlier(self, key: str, root: str, date: dt.date, name: str) -> str | None:
        """Return as `told_content` an earlier session of a root, None where that is not plain.

        Parameters
        ----------
        key, root : str
        date : datetime.date
        name : str
            The date as YYYY-MM-DD.
        """
        known = self._earlier.setdefault((key, root), {})
        if date not in known:
            contracts = self._currency.view.listing.contracts(dataset(key), root, date)
            if len(contracts) > 1:
                known[date] = None
            elif contracts:
                known[date] = self.told(key, contracts[0]).get(date)
            else:
                known[date] = told_content(key, name, None)
        return known[date]

    def is_listed(self, key: str, symbol: str, date: dt.date) -> bool:
        """Tell whether there is a partition, whole or not, or the tombstone of one."""
        dates = self._currency.view.listing.of(dataset(key), symbol)
        return date in dates.there or date in dates.removed


class _Inputs:
    # What the partitions of a symbol are made of today, date by date.

    def __init__(self, series: CurrentSeries, stage: Declaration, symbol: str) -> None:
        self._series, self._symbol, self._root = series, symbol, root_of(symbol)
        keys = sorted({one.key for one in stage.reads if isinstance(one, Read)})
        self._same = [(key, series.told(key, symbol)) for key in keys]
        self._earlier = [one for one in stage.reads if isinstance(one, ReadEarlier)]

    def made_of(self, date: dt.date, name: str) -> str | None:
        """Return what a partition of today's inputs is made of, None where that is not plain."""
        told = [
            (key, name, found.get(date) or self._absent(key, date, name))
            for key, found in self._same
        ]
        if self._earlier:
            told += {
                (read.key, day_name, self._series.told_earlier(read.key, self._root, day, day_name))
                for read in self._earlier
                for day, day_name in read.named_dates(date)
            }
            told.sort()
        texts = [text for _, _, text in told if text is not None]
        return made_of_told(texts) if len(texts) == len(told) else None

    def _absent(self, key: str, date: dt.date, name: str) -> str | None:
        is_listed = self._series.is_listed(key, self._symbol, date)
        return None if is_listed else told_content(key, name, None)
