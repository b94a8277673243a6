"""What earlier sessions say of a date's market: partitions of the contract that was front then."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ..catalogue.datasets import Dataset
from ..errors import ContractError, PartitionNotFoundError
from ..exchange.calendar import is_early_close, is_trading_day
from ..exchange.symbols import outright_of_root, parse_outright
from ..features.market.volume_buckets import BUCKETS
from ..lake.inputs import LoadedPartition
from ..lake.manifest import PartitionInput
from ..lake.paths import Partition, symbols_with_partition
from ..lake.published_contract import published_contracts
from ..lake.reader import PublishedPartition
from ..stages.silver.ohlcv_2m import VOLUME_FACT

log = logging.getLogger(__name__)

SESSIONS: Final = 20
_WEEKDAYS: Final = 60
"""How many calendar days back the sessions are looked for; closures leave more than 20."""


@dataclass(frozen=True)
class HistoryTables:
    """Where the history lies.

    Attributes
    ----------
    bronze, records, bars, market : Dataset
        The table that names the front month, the MBP-10 table, the 2-minute bars, the features.
    """

    bronze: Dataset
    records: Dataset
    bars: Dataset
    market: Dataset


@dataclass
class History:
    """Earlier sessions, open; the nearest first.

    Attributes
    ----------
    markets : list of LoadedPartition
        Feature partitions of up to 20 earlier sessions.
    bars : list of PartitionInput
        Bars whose manifests gave the volumes.
    bucket_volume : int or None, contracts
        A fiftieth of the mean daily volume of 20 sessions; None without all of them.
    trades : list of LoadedPartition
        Records of the fewest sessions that hold 50 buckets.
    """

    markets: list[LoadedPartition] = field(default_factory=list)
    bars: list[PartitionInput] = field(default_factory=list)
    bucket_volume: int | None = None
    trades: list[LoadedPartition] = field(default_factory=list)

    def inputs(self) -> tuple[PartitionInput, ...]:
        """Return every partition, in a fixed order."""
        opened = (*self.markets, *self.trades)
        found = [entry for one in opened for entry in one.current_inputs(one.source.manifest)]
        return (*self.bars, *found)

    def read_inputs(self) -> tuple[PartitionInput, ...]:
        """Return every partition, its bytes verified."""
        opened = (*self.markets, *self.trades)
        return (*self.bars, *(entry for one in opened for entry in one.read_inputs()))

    def close(self) -> None:
        """Release the partitions."""
        for one in (*self.markets, *self.trades):
            one.close()


def prior_sessions(date: dt.date, count: int = SESSIONS) -> list[dt.date]:
    """Return the last regular full-length sessions before a date, the nearest first."""
    days = (date - dt.timedelta(days=back) for back in range(1, _WEEKDAYS))
    found = [day for day in days if is_trading_day(day) and not is_early_close(day)]
    return found[:count]


def load_history(
    lake_root: Path, tables: HistoryTables, symbol: str, date: dt.date, roll_rule: str
) -> History:
    """Open what there is of the earlier sessions.

    Each session is that of its own front month: the one contract of the root with bars on the date,
    among several the one that Bronze wrote by the roll rule. What is not published, or was written
    under another version of its contract, is left out.

    Raises
    ------
    CorruptPartitionError
        A partition that is there is broken.
    """
    outright = parse_outright(symbol)
    root = outright.root if outright is not None else symbol
    history = History()
    sessions: list[tuple[dt.date, str]] = []
    volumes: list[int] = []
    try:
        for day in prior_sessions(date):
            front = _front(lake_root, tables, root, day, roll_rule)
            if front is None:
                continue
            bars = _bars(lake_root, Partition(tables.bars, front, day))
            if bars is not None:
                history.bars.append(bars[0])
                volumes.append(bars[1])
                sessions.append((day, front))
            market = _open(lake_root, Partition(tables.market, front, day))
            if market is not None:
                history.markets.append(market)
        if len(volumes) == SESSIONS:
            history.bucket_volume = max(1, round(sum(volumes) / SESSIONS / BUCKETS))
            history.trades = _trades(lake_root, tables, sessions, volumes, history.bucket_volume)
    except BaseException:
        history.close()
        raise
    return history


def _front(
    lake_root: Path, tables: HistoryTables, root: str, day: dt.date, roll_rule: str
) -> str | None:
    with_bars = symbols_with_partition(lake_root, tables.bars, day)
    found = [symbol for symbol in with_bars if outright_of_root(symbol, root)]
    if len(found) > 1:
        ruled = published_contracts(lake_root, tables.bronze, root, day, roll_rule)
        found = [symbol for symbol in found if symbol in ruled]
        if len(found) != 1:
            log.warning("%s %s: the front month is not clear; left out of history", root, day)
    return found[0] if len(found) == 1 else None


def _bars(lake_root: Path, partition: Partition) -> tuple[PartitionInput, int] | None:
    # The day's volume stands in the manifest; the bars themselves are not needed.
    try:
        with PublishedPartition(lake_root, partition) as published:
            manifest, sha256 = published.manifest, published.manifest_sha256
    except PartitionNotFoundError:
        return None
    volume = int(manifest.facts[VOLUME_FACT])
    return PartitionInput(manifest.dataset, manifest.symbol, manifest.dt, sha256), volume


def _trades(
    lake_root: Path,
    tables: HistoryTables,
    sessions: Sequence[tuple[dt.date, str]],
    volumes: Sequence[int],
    bucket_volume: int,
) -> list[LoadedPartition]:
    # The nearest sessions that fill 50 buckets; none where one of them is missing.
    opened: list[LoadedPartition] = []
    held = 0
    for (day, front), volume in zip(sessions, volumes, strict=True):
        records = _open(lake_root, Partition(tables.records, front, day))
        if records is None:
            break
        opened.append(records)
        held += volume
        if held >= BUCKETS * bucket_volume:
            return opened
    for one in opened:
        one.close()
    return []


def _open(lake_root: Path, partition: Partition) -> LoadedPartition | None:
    try:
        return LoadedPartition(lake_root, partition, partition)
    except PartitionNotFoundError:
        return None
    except ContractError as error:
        # Else the change of a word in a contract would ask for every date of the lake at once.
        log.warning("left out of history: %s", error)
        return None
