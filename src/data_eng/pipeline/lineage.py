"""What a partition was made from, up to the raw files, and what is made of it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..catalogue.datasets import dataset, registry
from ..errors import InputError, LakeError, PartitionNotFoundError, UsageError
from ..exchange.asked_symbol import check_symbol
from ..exchange.dates import parse_date
from ..exchange.symbols import is_root
from ..lake.folders import lies_at
from ..lake.manifest import AbsentInput, PartitionInput, RawInput
from ..lake.paths import Partition, partition_date
from ..settings import Settings
from ..stages.reads import Read, ReadEarlier
from ..stages.registry import producer, registered_stages
from ..stages.staleness import Currency
from ..vendor.raw_index import current_digest
from .inventory import Found, look_at

ABSENT = "absent"


@dataclass(frozen=True)
class RawNode:
    """A raw file: ``state`` is current, changed or archived."""

    path: str
    bytes: int
    sha256: str
    state: str


@dataclass(frozen=True)
class Sessions:
    """A table of other sessions, of which no tree is drawn.

    Attributes
    ----------
    dataset : str
    partitions : tuple of (str, str, str)
        Symbol, date, and state or `ABSENT`.
    """

    dataset: str
    partitions: tuple[tuple[str, str, str], ...]

    @property
    def counts(self) -> dict[str, int]:
        """Number of sessions by state."""
        return dict(Counter(state for _, _, state in self.partitions))


@dataclass(frozen=True)
class Node:
    """A partition and what lies above, or below, it.

    Attributes
    ----------
    found : Found
    is_known : bool
        It was drawn before, and its own tree is left out here.
    raw : tuple of RawNode
    nodes : tuple of Node
        Of the same date.
    sessions : tuple of Sessions
        Of other dates.
    """

    found: Found
    is_known: bool = False
    raw: tuple[RawNode, ...] = ()
    nodes: tuple[Node, ...] = ()
    sessions: tuple[Sessions, ...] = ()


class Lineage:
    """Draws the trees of partitions.

    Parameters
    ----------
    settings : Settings
        Of the runs that keep the lake.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._currency = Currency(settings, {}, producer)
        self._drawn: set[Partition] = set()

    def up(self, partition: Partition) -> Node:
        """Return what a partition was made from.

        Raises
        ------
        LakeError
            There is no such partition, or it cannot be read. One above it that cannot be read
            is marked as damaged.
        """
        self._begin(partition)
        return self._up(partition)

    def down(self, partition: Partition) -> Node:
        """Return what was made of a partition; raises as `up`."""
        self._begin(partition)
        return self._down(partition)

    def resolve(self, partition: Partition) -> Partition:
        """Return the partition of a contract where a product root is named.

        Raises
        ------
        PartitionNotFoundError
            The root has none, or several.
        """
        if not is_root(partition.symbol):
            return partition
        listing = self._currency.view.listing
        found = listing.contracts(partition.dataset, partition.symbol, partition.date)
        if len(found) != 1:
            told = "no contract of it is in the lake on that date; status tells what there is"
            if found:
                told = f"there are several contracts: {', '.join(found)}; name one"
            raise PartitionNotFoundError(f"{partition}: {told}")
        return Partition(partition.dataset, found[0], partition.date)

    def _begin(self, partition: Partition) -> None:
        self._drawn = set()
        if look_at(self._currency, partition).summary is None:
            # Says what is wrong, or that there is none.
            self._currency.view.summary(partition)

    def _up(self, partition: Partition) -> Node:
        found = look_at(self._currency, partition)
        if partition in self._drawn or found.summary is None:
            return Node(found, is_known=partition in self._drawn)
        self._drawn.add(partition)
        raw, nodes, others = [], [], []
        for one in found.summary.inputs:
            if isinstance(one, RawInput):
                raw.append(self._raw(one))
            elif isinstance(one, PartitionInput) and one.dt == found.summary.dt:
                where = Partition(dataset(one.dataset), one.symbol, partition.date)
                nodes.append(self._up(where))
            else:
                others.append(one)
        return Node(found, False, tuple(raw), tuple(nodes), tuple(self._sessions(others)))

    def _sessions(self, inputs: list[PartitionInput | AbsentInput]) -> Iterator[Sessions]:
        for key in dict.fromkeys(one.dataset for one in inputs):
            mine = [one for one in inputs if one.dataset == key]
            yield Sessions(key, tuple((one.symbol, one.dt, self._state(one)) for one in mine))

    def _state(self, one: PartitionInput | AbsentInput) -> str:
        if isinstance(one, AbsentInput):
            return ABSENT
        where = Partition(dataset(one.dataset), one.symbol, dt.date.fromisoformat(one.dt))
        return str(look_at(self._currency, where).state)

    def _raw(self, was: RawInput) -> RawNode:
        root = self._settings.lake_root
        try:
            now = current_digest(root, was.path)
        except InputError:
            state = "archived" if not lies_at(root / was.path) else "unreadable"
        else:
            state = "current" if (now.bytes, now.sha256) == (was.bytes, was.sha256) else "changed"
        return RawNode(was.path, was.bytes, was.sha256, state)

    def _down(self, partition: Partition) -> Node:
        found = look_at(self._currency, partition)
        if partition in self._drawn:
            return Node(found, is_known=True)
        self._drawn.add(partition)
        key, date = partition.dataset.key, partition.date
        nodes, sessions = [], []
        listing = self._currency.view.listing
        for stage in registered_stages():
            reads = [one for one in stage.reads if one.key == key]
            for table in stage.writes:
                days = listing.dates(table)
                if any(isinstance(one, Read) for one in reads):
                    mine = days.get(partition.symbol)
                    if mine is not None and date in mine.there | mine.removed:
                        nodes.append(self._down(Partition(table, partition.symbol, date)))
                earlier = [one for one in reads if isinstance(one, ReadEarlier)]
                later = [
                    Partition(table, symbol, day)
                    for symbol, dates in days.items()
                    for day in sorted(dates.there | dates.removed)
                    if day > date and any(date in one.dates(day) for one in earlier)
                ]
                told = tuple(self._reader(one) for one in later if self._has_read(one, partition))
                if told:
                    sessions.append(Sessions(table.key, told))
        return Node(found, False, (), tuple(nodes), tuple(sessions))

    def _has_read(self, reader: Partition, partition: Partition) -> bool:
        try:
            inputs = self._currency.view.recorded(reader).inputs
        except LakeError:
            return False  # what it has read is not known
        wanted = partition.dataset.key, partition.symbol, partition.date.isoformat()
        return any(
            isinstance(one, PartitionInput) and (one.dataset, one.symbol, one.dt) == wanted
            for one in inputs
        )

    def _reader(self, reader: Partition) -> tuple[str, str, str]:
        state = str(look_at(self._currency, reader).state)
        return reader.symbol, reader.date.isoformat(), state


def parse_partition(words: list[str]) -> tuple[Path | None, Partition]:
    """Return the lake root, where a path tells it, and the partition that words name.

    Parameters
    ----------
    words : list of str
        ``DATASET SYMBOL YYYY-MM-DD``, or the path of a partition's folder.

    Raises
    ------
    UsageError
        They name none.

    Examples
    --------
    >>> root, found = parse_partition(["lake/silver/product_type=future/symbol=ESM5/"
    ...                                "table=level/dt=2025-06-05"])
    >>> str(root), str(found)
    ('lake', 'silver.future.level ESM5 2025-06-05')
    """
    if len(words) == 3:
        check_symbol(words[1], "SYMBOL")
        return None, Partition(dataset(words[0]), words[1], parse_date(words[2]))
    if len(words) == 1:
        path = Path(words[0])
        date = partition_date(path.name)
        for table in registry().values() if date is not None else ():
            parts = Path(table.path).parts
            mine = path.parts[-len(parts) - 1 : -1]
            at = parts.index("symbol={symbol}")
            if date is None or table.layer == "raw" or len(mine) != len(parts):
                continue
            symbol = mine[at].removeprefix("symbol=")
            if mine == (*parts[:at], f"symbol={symbol}", *parts[at + 1 :]):
                root = Path(*path.parts[: -len(parts) - 1])
                return root, Partition(table, symbol, date)
    raise UsageError(
        f"{' '.join(words)}: names no partition; give DATASET SYMBOL YYYY-MM-DD, or the path of a "
        "folder dt=YYYY-MM-DD of a lake"
    )
