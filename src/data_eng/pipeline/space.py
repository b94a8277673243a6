"""How much disk a run needs: what it will write, by the raw bytes of its dates.

The size of a table follows the raw file of its records, or is that of a day's seconds. Where the
lake has partitions of a table, its last ones tell; else the sizes of `SIZES`.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..catalogue.datasets import Dataset, dataset
from ..errors import DataEngError, LakeError, PartitionNotFoundError
from ..exchange.symbols import root_of
from ..lake.paths import Partition
from ..stages.reads import Read, ReadRaw
from ..stages.registry import producer
from ..stages.staleness import Outside
from ..words import counted
from .plan import Graph, Request

SIZES: Final[dict[str, tuple[float, int]]] = {
    "market_by_price_10": (0.85, 0),
    "market_by_price_10_clean": (0.95, 0),
    "market_by_price_10_first3h": (0.38, 0),
    "nbbo": (0.45, 0),
    "nbbo_clean": (0.47, 0),
    "nbbo_first3h": (0.18, 0),
    "trades": (0.35, 0),
    "trades_clean": (0.4, 0),
    "trades_first3h": (0.25, 0),
    "statistics": (0.45, 0),
    "statistics_clean": (0.5, 0),
    "statistics_first3h": (0.15, 0),
    "definition": (0.45, 0),
    "definition_clean": (0.5, 0),
    "definition_first3h": (0.15, 0),
    "best_quote": (0.04, 0),
    "market_by_price_10_1s": (0.0, 5_000_000),
    "displayed_size_1s": (0.0, 10_000_000),
    "level_1s": (0.0, 2_000_000),
    "market": (0.0, 2_500_000),
    "market_first3h": (0.0, 2_500_000),
    "feature_vector": (0.0, 4_700_000),
    "feature_vector_without_options": (0.0, 4_500_000),
}
"""Of a table: share of the raw file's bytes, and bytes of a date.

Measured on the sample market's days of 0.6 and 14 MB, the shares rounded up; the shares of real
files, which have more instruments, are smaller (0.59, 0.69 and 0.28 of futures, benchmarks/README).
The futures' `trades` takes a tenth of this.
"""
_OTHER: Final = (0.0, 500_000)
_SAMPLE: Final = 20
"""Partitions of a table that tell the size of the next."""


@dataclass(frozen=True)
class Need:
    """What a run will write.

    Attributes
    ----------
    partitions : int
        That are not there; those that are rebuilt take the place of others.
    bytes : int
    free_bytes : int
        Of the lake's file system.
    """

    partitions: int
    bytes: int
    free_bytes: int

    def words(self) -> str:
        """Return it in one line."""
        return (
            f"needs about {self.bytes / 1e6:,.1f} MB of disk for "
            f"{counted(self.partitions, 'partition')}; "
            f"{self.free_bytes / 1e9:,.1f} GB are free"
        )

    def require(self, lake_root: Path) -> None:
        """Raise `LakeError` where there is not enough room."""
        if self.bytes > self.free_bytes:
            raise LakeError(
                f"{lake_root}: the run needs about {self.bytes / 1e9:,.2f} GB for "
                f"{counted(self.partitions, 'partition')}, and {self.free_bytes / 1e9:,.2f} GB are "
                "free; free disk space (clean --table T --before D), or run over fewer dates"
            )


def partition_bytes(key: str, raw_bytes: float, seen: Sequence[tuple[int, float]] = ()) -> float:
    """Return the size to expect of a partition.

    Parameters
    ----------
    key : str
        Dataset.
    raw_bytes : float
        Of its date's raw files; 0 where they are not there.
    seen : sequence of (int, float)
        Bytes of partitions of the table, and of the raw files of their dates.

    Examples
    --------
    >>> partition_bytes("bronze.future.market_by_price_10", 1000)
    850.0
    >>> partition_bytes("bronze.future.market_by_price_10", 1000, [(60, 100), (120, 200)])
    600.0
    >>> partition_bytes("silver.future.level_1s", 1000, [(10, 100), (20, 100)])
    15.0
    """
    share, fixed = SIZES.get(key.split(".")[2], _OTHER)
    written, raw = sum(size for size, _ in seen), sum(size for _, size in seen)
    if not seen:
        return share * raw_bytes + fixed
    if share and raw and raw_bytes:
        return written / raw * raw_bytes
    return written / len(seen)


def needed_space(request: Request, graph: Graph) -> Need:
    """Return what a run will write, without what the dates are that it does not reach."""
    return _Estimate(request).need(graph)


class _Estimate:
    def __init__(self, request: Request) -> None:
        self._lake, self._root = request.settings.lake_root, root_of(request.symbol)
        self._outside = Outside(self._lake)
        self._seen: dict[str, list[tuple[int, float]]] = {}

    def need(self, graph: Graph) -> Need:
        count, size = 0, 0.0
        for key, date in graph.nodes:
            stage = graph.stage_of[key]
            if stage.closure(date) is not None:
                continue
            for table in stage.writes:
                if not self._outside.view.listing.contracts(table, self._root, date):
                    expected = self._expected(table, date)
                    count += expected > 0
                    size += expected
        return Need(count, round(size), _free(self._lake))

    def _expected(self, table: Dataset, date: dt.date) -> float:
        source = _source(table.key)
        raw = self._raw_bytes(source, date)
        bronze = dataset(source.replace("raw.", "bronze.", 1))
        if not raw and not self._outside.view.listing.contracts(bronze, self._root, date):
            return 0.0  # nothing to make it from
        if table.key not in self._seen:
            self._seen[table.key] = self._look(table, source)
        return partition_bytes(table.key, raw, self._seen[table.key])

    def _look(self, table: Dataset, source: str) -> list[tuple[int, float]]:
        days = [
            (day, symbol)
            for symbol, dates in self._outside.view.listing.of_root(table, self._root).items()
            for day in dates.there
        ]
        found = []
        for day, symbol in sorted(days)[-_SAMPLE:]:
            try:
                summary = self._outside.view.summary(Partition(table, symbol, day))
            except (PartitionNotFoundError, LakeError):
                continue
            found.append((summary.bytes, self._raw_bytes(source, day)))
        return found

    def _raw_bytes(self, source: str, date: dt.date) -> float:
        # A file of several dates is taken for as large on each.
        try:
            folder = self._outside.raw.folder(self._lake / dataset(source).folder(self._root))
            return sum(one.bytes / one.days for one in folder.covering(date))
        except DataEngError:
            return 0.0  # the stage that reads it says what is wrong


def _source(key: str) -> str:
    # The raw table whose records a table is made of: that of the first input each.
    reads = producer(key).reads
    for one in reads:
        if isinstance(one, ReadRaw):
            return one.key
    return _source(next(one.key for one in reads if isinstance(one, Read)))


def _free(lake_root: Path) -> int:
    there = lake_root.absolute()
    while not there.exists():
        there = there.parent
    return shutil.disk_usage(there).free
