"""Who runs tasks: this process, worker processes of this host, a Dask cluster.

An executor has three methods; the one loop that owns graph, retries and display is `scheduler`.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, Protocol

from ..task import Task, TaskResult

EXECUTORS: Final = ("local", "dask")


@dataclass(frozen=True)
class Slot:
    """Who can take one task at a time.

    Attributes
    ----------
    name : str
    host : str
    together : int
        How many tasks of a date it takes as one (`followers`).
    """

    name: str
    host: str
    together: int = 1


class Executor(Protocol):
    """Anything that runs tasks."""

    def slots(self) -> Sequence[Slot]:
        """Return who can take a task now or later; may change as workers come and go."""

    def submit(self, task: Task, slot: Slot) -> Future[TaskResult]:
        """Run a task on a slot that is free.

        The future's exception is `LostWorkerError` where the worker ended; a stage that fails
        gives a result.
        """

    def close(self, *, now: bool) -> None:
        """Release the workers, with ``now`` also those at work."""
