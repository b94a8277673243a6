"""What a process knows of a run, kept as long as its tasks come."""

from __future__ import annotations

import datetime as dt

from ..catalogue.datasets import dataset
from ..lake.paths import SUCCESS, Partition
from ..lake.store import Store
from ..settings import Settings
from ..stages.outcome import Standing
from ..stages.staleness import Outside


class Memory:
    """What was looked up in a lake outside of a run, and what of the run was written or seen here.

    Attributes
    ----------
    run : str
        Its id.
    found : Outside or None
    seen : set of (str, str, datetime.date)
        Partitions that the run has written, by dataset, symbol and date.
    fetched : set of Partition
        Those whose manifests were fetched ahead (`ahead`).
    digests : set of str
        Raw files of which was fetched what other hosts know.
    """

    def __init__(self, run: str = "") -> None:
        self.run = run
        self.found: Outside | None = None
        self.seen: set[tuple[str, str, dt.date]] = set()
        self.fetched: set[Partition] = set()
        self.digests: set[str] = set()

    def look_at(self, store: Store, written: tuple[str, str, dt.date]) -> None:
        """Look at a partition again that the run has written, by whatever process; once."""
        if written not in self.seen:
            key, symbol, date = written
            store.refresh(Partition(dataset(key), symbol, date).folder.as_posix())
            self.seen.add(written)

    def look_for(self, store: Store, key: str, date: dt.date, standing: Standing) -> None:
        """Look again, once, for what the run found complete and this process has not listed.

        Another run has built it since.
        """
        where = key, standing.symbol, date
        if standing.content_sha256 is None or where in self.seen:
            return
        path = Partition(dataset(key), standing.symbol, date).path
        if store.state(f"{path}/{SUCCESS}") is None:
            self.look_at(store, where)

    def outside(self, settings: Settings) -> Outside:
        """Return what was looked up, begun at the first call."""
        if self.found is None:
            self.found = Outside(settings.lake_root)
        return self.found


def memory_of(run: str) -> Memory:
    """Return what this process knows of a run; of another one it forgets all."""
    if not run or run != _memory[0].run:
        _memory[0] = Memory(run)
    return _memory[0]


def outside_of(run: str, settings: Settings) -> Outside:
    """Return what this process looks up in a lake outside of a run, kept as long as the run."""
    return memory_of(run).outside(settings)


_memory = [Memory()]
