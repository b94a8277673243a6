"""A lake as one run sees it: folders are listed once, manifests that look unchanged not parsed."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from ..catalogue.datasets import Dataset
from ..errors import ContractError, LakeError, PartitionRemovedError
from .index import PartitionIndex, State, line_of, object_state_of, state_of
from .listing import LakeListing
from .paths import Partition
from .reader import PublishedPartition
from .settle import Settled
from .side_by_side import side_by_side
from .store import Store, store_of
from .summary import Summary, summary_of
from .tombstone import read_tombstone


class LakeView:
    """What a run, or a command, looks up in a lake.

    Which partitions there are is told as of the first look; what one is, as it is now.

    Parameters
    ----------
    lake_root : Path
    indexed : bool
        Believe, and keep, the lake's index of manifests.

    Attributes
    ----------
    listing : LakeListing
    settled : Settled
        What was settled.
    damaged : set of Partition
        Of which it was told.
    """

    def __init__(self, lake_root: Path, *, indexed: bool = False) -> None:
        self.lake_root, self._root = lake_root, str(lake_root)
        self.listing = LakeListing(lake_root)
        self.settled = Settled()
        self.damaged: set[Partition] = set()
        self._store = store_of(lake_root)
        self._index = PartitionIndex(lake_root) if indexed else None

    def summary(self, partition: Partition) -> Summary:
        """Return what a complete partition is.

        Raises
        ------
        PartitionNotFoundError, PartitionRemovedError, CorruptPartitionError, NewerLakeError
            It is not there, or not whole.
        LakeError
            It cannot be read.
        """
        if self._index is None:
            return self._read(partition)
        # Looked at before it is read: what changes meanwhile looks changed the next time.
        state = self._state(partition)
        if state is None:
            return self._read(partition)
        found = self._index.find(partition, state)
        if found is None:
            found = self._read(partition)
            # What was replaced in a listing meanwhile has another ETag, which may come again.
            if self._store is None or self._state(partition) == state:
                self._index.keep(partition, state, found)
        return found

    def summaries(
        self, table: Dataset, symbol: str, dates: Collection[dt.date]
    ) -> dict[dt.date, Summary]:
        """Return what complete partitions of a table's symbol are, without those that are not so.

        What is wrong with one that is left out, `summary` tells.
        """
        found = self._known(table, symbol, dates)
        for date in dates:
            if date not in found:
                with contextlib.suppress(ContractError, LakeError):
                    found[date] = self.summary(Partition(table, symbol, date))
        if self._index is not None:
            # A lake of years has hundreds of MB of lines: what they say is in the summaries.
            self._index.release(table.key, symbol)
        return found

    def _known(
        self, table: Dataset, symbol: str, dates: Collection[dt.date]
    ) -> dict[dt.date, Summary]:
        # Of the index, many at a time: very nearly all of a lake of years.
        if self._index is None or self._store is not None:
            return {}
        return self._index.find_all(table.key, symbol, self._states(table, symbol, dates))

    def _states(
        self, table: Dataset, symbol: str, dates: Iterable[dt.date]
    ) -> dict[dt.date, State]:
        folder = f"{self._root}/{table.path.format(symbol=symbol)}"
        states = ((date, state_of(f"{folder}/dt={date.isoformat()}")) for date in dates)
        return {date: state for date, state in states if state is not None}

    def is_unknown(self, table: Dataset, symbol: str) -> bool:
        """Tell whether the index knows nothing of a symbol of a table.

        Not of a lake on object storage: there `prepare` fetches what is not known.
        """
        if self._index is None or self._store is not None:
            return False
        return not self._index.has(table.key, symbol)

    def learn(self, table: Dataset, symbol: str, lines: Iterable[tuple[str, str]]) -> None:
        """Keep in the index what `lines_of` read, in whatever process."""
        if self._index is not None:
            for name, line in lines:
                self._index.put(table.key, symbol, name, line)

    def lines_of(
        self, table: Dataset, symbol: str, dates: Iterable[dt.date]
    ) -> list[tuple[str, str]]:
        """Return for the index what complete partitions of a symbol are, by date.

        What cannot be read, or kept, is left out: whoever looks it up reads it, and tells.
        """
        found = []
        for date, state in self._states(table, symbol, dates).items():
            with contextlib.suppress(ContractError, LakeError):
                summary = self._read(Partition(table, symbol, date))
                line = line_of(state, summary)
                if line is not None:
                    found.append((summary.dt, line))
        return found

    def prepare(self, partitions: Sequence[Partition]) -> None:
        """Fetch side by side what is not known of partitions that will be looked up.

        On object storage each of them is requests, one after the other; elsewhere nothing is done.
        """
        if self._store is not None and self._index is not None:
            fetch_manifests(self._store, [one for one in partitions if not self._is_known(one)])

    def recorded(self, partition: Partition) -> Summary:
        """Return what a complete partition is, or a removed one was; raises as `summary`."""
        try:
            return self.summary(partition)
        except PartitionRemovedError:
            found = self.tombstone(partition)
            if found is None:  # it was published again meanwhile
                return self.summary(partition)
            return found

    def tombstone(self, partition: Partition) -> Summary | None:
        """Return what a partition was that was removed, None where it was not.

        Raises
        ------
        CorruptPartitionError, LakeError
            The tombstone is malformed, or cannot be read.
        """
        return read_tombstone(self.lake_root, partition)

    def _is_known(self, partition: Partition) -> bool:
        # As it is now, and not only as it was once.
        state = self._state(partition)
        if state is None or self._index is None:
            return False
        return self._index.find(partition, state) is not None

    def _state(self, partition: Partition) -> State | None:
        if self._store is not None:
            return object_state_of(self._store, partition.path)
        return state_of(f"{self._root}/{partition.path}")

    def _read(self, partition: Partition) -> Summary:
        with PublishedPartition(self.lake_root, partition) as published:
            return summary_of(published.manifest, published.manifest_sha256)


def fetch_manifests(store: Store, partitions: Sequence[Partition]) -> None:
    """Bring the manifests of partitions to the mirror, side by side."""
    side_by_side(lambda one: store.fetch_manifest(one.path), partitions)
