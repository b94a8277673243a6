"""The published tables of one date that a report shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...catalogue.datasets import dataset
from ...catalogue.tables import BARS, CLEAN, LEVEL, SECONDS, TRADES
from ...catalogue.vectors import MARKET, OPTION_MARKET, OUTCOME, level_tables
from ...errors import LakeError, PartitionNotFoundError
from ...exchange.sessions import FIRST3H, NEW_YORK, session_ns, window_ns
from ...exchange.symbols import root_of
from ...lake.manifest import Manifest
from ...lake.paths import Partition
from ...lake.reader import PublishedPartition
from ...lake.table import Table, Verify
from ...program import program
from ...vendor.delivered_date import DeliveredDate, delivered_date
from ..published import check_contract, check_rows

Columns = dict[str, npt.NDArray[Any]]

BRONZE: Final = tuple(f"bronze.{key}" for key in (
    "future.market_by_price_10", "future_option.trades", "future_option.nbbo",
    "future_option.statistics", "future_option.definition",
))  # fmt: skip

_BOOK: Final = tuple(
    f"{side}_{what}_{k:02d}" for side in ("bid", "ask") for what in ("px", "sz") for k in range(10)
)
_COLUMNS: Final = {
    CLEAN: (),
    SECONDS: ("ts", "records", *_BOOK),
    TRADES: ("ts_recv", "price", "size", "side", "is_snapshot"),
}
"""What is read of tables that are not read whole; of the records first the manifest alone."""


@dataclass(frozen=True)
class ReportDay:
    """What there is of one contract and date.

    Attributes
    ----------
    lake_root : Path
    symbol : str
    date : datetime.date
    tables : dict of pyarrow.Table
        By dataset; of the options only where they are published.
    manifests : dict of (Manifest, str)
        Manifest and its SHA-256 by dataset, the records among them.
    raw_data : tuple of DeliveredDate
        What Bronze says of the raw files, where it is still there.
    verify : str
        How the tables were verified, and what is read later will be.
    """

    lake_root: Path
    symbol: str
    date: dt.date
    tables: dict[str, pa.Table]
    manifests: dict[str, tuple[Manifest, str]]
    raw_data: tuple[DeliveredDate, ...] = ()
    verify: Verify = "pages"

    @property
    def window_ns(self) -> tuple[int, int]:
        """09:30 and 12:30 America/New_York, ns since epoch UTC."""
        return window_ns(self.date, *FIRST3H)

    @property
    def start_ns(self) -> int:
        """Start of the pre-market that the levels were made with, ns since epoch UTC."""
        manifest, _ = self.manifests[LEVEL]
        start = manifest.parameters.get("pre_market", {}).get("start")
        try:
            return session_ns(self.date, dt.time.fromisoformat(start))
        except (TypeError, ValueError):
            raise LakeError(
                f"{LEVEL} {self.symbol} {self.date}: parameter pre_market.start is no time: "
                f"{start!r}; rebuild it with --refresh-stale"
            ) from None

    @property
    def midnight_ns(self) -> int:
        """What New York's clock is counted from, ns since epoch UTC.

        It is 9.5 hours before the open, also where the clock was changed in the night.
        """
        return self.window_ns[0] - 34_200 * 10**9

    def clock_seconds(self, times: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return instants as seconds since 00:00 on New York's clock, to the millisecond.

        Parameters
        ----------
        times : int64 array, shape (n,), ns since epoch UTC
        """
        return np.asarray((times - self.midnight_ns) // 10**6 / 1000, np.float64)

    @property
    def tick_size(self) -> float:
        """Of the product, dollars."""
        return float(self.manifests[LEVEL][0].parameters["tick_size"])

    @property
    def decimals(self) -> int:
        """Digits after the point that a price of the product needs, at least two."""
        _, _, digits = f"{self.tick_size:.10f}".rstrip("0").partition(".")
        return max(2, len(digits))

    def price_words(self, price: float) -> str:
        """Return a price as text."""
        return f"{price:,.{self.decimals}f}"


def load_day(lake_root: Path, symbol: str, date: dt.date, verify: Verify = "pages") -> ReportDay:
    """Read the tables of a date.

    Raises
    ------
    PartitionNotFoundError
        One is not published.
    ContractError
        One was written under another version of its contract, or breaks it.
    CorruptPartitionError, LakeError
        One is not what was published, or cannot be read.
    """
    tables, manifests = {}, {}
    keys = (CLEAN, SECONDS, TRADES, BARS, LEVEL, OUTCOME, MARKET, *level_tables().values())
    for key in (*keys, OPTION_MARKET):
        partition = Partition(dataset(key), symbol, date)
        columns = _COLUMNS.get(key)
        try:
            with PublishedPartition(lake_root, partition) as published:
                check_contract(partition, published.manifest, partition.dataset.contract())
                manifests[key] = (published.manifest, published.manifest_sha256)
                if columns is None or columns:
                    with Table(published, verify) as table:
                        table.check_contract()
                        tables[key] = table.read(columns)
                    check_rows(partition, tables[key])
        except PartitionNotFoundError as error:
            if key != OPTION_MARKET:
                raise PartitionNotFoundError(
                    f"{partition}: not published; run {program('run')} --product-type future "
                    f"--layer all --symbol {root_of(symbol)} --dt {date}"
                ) from error
    raw_data = _raw_data(lake_root, symbol, date)
    return ReportDay(lake_root, symbol, date, tables, manifests, raw_data, verify)


def _raw_data(lake_root: Path, symbol: str, date: dt.date) -> tuple[DeliveredDate, ...]:
    found = []
    for key in BRONZE:
        try:
            with PublishedPartition(lake_root, Partition(dataset(key), symbol, date)) as published:
                found.append(delivered_date(published.manifest))
        except PartitionNotFoundError:
            continue
    return tuple(found)


def level_steps(day: ReportDay, level: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any]]:
    """Return the times, ns since epoch, from which a level has its prices, up to 12:30.

    A lapse of the moving average is a price of NaN; nothing is returned of a level without a price.
    """
    table = day.tables[LEVEL]
    names = np.array(table["level"].to_pylist())
    known, price = times_ns(table, "known_at"), numbers(table, "price")
    rows = np.flatnonzero((names == level) & (known > 0) & (known <= day.window_ns[1]))
    if np.isnan(price[rows]).all():
        rows = rows[:0]
    return known[rows], price[rows]


def numbers(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    """Return a numeric column as float64, NaN where null."""
    column = table[name].combine_chunks()
    values = np.array(column.fill_null(0).cast(pa.float64()), np.float64)
    values[np.array(column.is_null())] = np.nan
    return values


def times_ns(table: pa.Table, name: str) -> npt.NDArray[np.int64]:
    """Return a time column as ns since epoch, 0 where null."""
    return np.array(table[name].combine_chunks().cast(pa.int64()).fill_null(0), np.int64)


def new_york(times: npt.NDArray[np.int64]) -> npt.NDArray[np.datetime64]:
    """Return instants as wall times of America/New_York, which charts draw as they are.

    Parameters
    ----------
    times : int64 array, shape (n,), ns since epoch UTC
        Of one date on which the clock does not change between them.
    """
    if not len(times):
        return np.zeros(0, "datetime64[ms]")
    middle = dt.datetime.fromtimestamp(int(np.median(times)) // 10**9, NEW_YORK)
    offset = middle.utcoffset()
    assert offset is not None
    shifted = times + offset // dt.timedelta(microseconds=1) * 1000
    return shifted.astype("datetime64[ns]").astype("datetime64[ms]")
