"""What a process knows of a run, kept as long as its tasks come."""

from __future__ import annotations

import datetime as dt

from ..settings import Settings
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
    """

    def __init__(self, run: str = "") -> None:
        self.run = run
        self.found: Outside | None = None
        self.seen: set[tuple[str, str, dt.date]] = set()

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
