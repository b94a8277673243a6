"""Who does the tasks of a backfill, and what of it can be hurt."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import psutil

from tests.dask_cluster import Cluster

from .attempt import Attempt

Executor = Literal["local", "dask", "cluster"]
"""Worker processes, a Dask cluster that the run makes, one that runs (``--scheduler``)."""
EXECUTORS: Final[tuple[Executor, ...]] = ("local", "dask", "cluster")
WORKERS: Final = 2


class Crew:
    """The workers of a run and, of a cluster that runs, its scheduler.

    Parameters
    ----------
    kind : str
    home : Path
        For the folders of a cluster.
    environment : mapping of str to str
        By which its workers find the lake.
    """

    def __init__(self, kind: Executor, home: Path, environment: Mapping[str, str]) -> None:
        self.kind, self._home, self._environment = kind, home, environment
        self._cluster: Cluster | None = None
        self._started = self._hosts = 0
        home.mkdir()

    def flags(self) -> list[str]:
        """Return the flags of a run; a cluster without a scheduler is replaced first."""
        if self.kind == "local":
            return []
        if self.kind == "dask":
            return ["--executor", "dask"]
        if self._cluster is None or self._cluster.scheduler.poll() is not None:
            self.close()
            self._started += 1
            home = self._home / str(self._started)
            home.mkdir()
            self._cluster = Cluster(home)
        self._fill(self._cluster)
        return ["--executor", "dask", "--scheduler", self._cluster.address]

    def refill(self) -> None:
        """Start a worker for each that is gone, while the run goes on."""
        if self._cluster is not None and self._cluster.scheduler.poll() is None:
            self._fill(self._cluster)

    def workers(self, attempt: Attempt) -> list[psutil.Process]:
        """Return the processes that do tasks."""
        if self._cluster is None:
            return attempt.workers()
        alive = [one.pid for one in self._cluster.workers.values() if one.poll() is None]
        return [psutil.Process(pid) for pid in alive]

    def scheduler(self) -> psutil.Process | None:
        """Return the scheduler's process, where it is one of its own."""
        if self._cluster is None or self._cluster.scheduler.poll() is not None:
            return None
        return psutil.Process(self._cluster.scheduler.pid)

    def close(self) -> None:
        """End a cluster."""
        if self._cluster is not None:
            self._cluster.__exit__()
            self._cluster = None

    def _fill(self, cluster: Cluster) -> None:
        alive = sum(one.poll() is None for one in cluster.workers.values())
        for _ in range(WORKERS - alive):
            self._hosts += 1
            # Addresses of their own, as hosts have; the folder of a scheduler's cluster is new.
            host = f"127.0.{1 + self._hosts // 250}.{1 + self._hosts % 250}"
            cluster.add(host, **self._environment)
