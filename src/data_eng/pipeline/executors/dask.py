"""An executor on a Dask cluster: one that runs, or one of this host made for the run.

The worker of a task is named by us, one task a worker at a time, so that stealing and the threads
of a foreign cluster do not matter. Keys carry run and attempt: a scheduler answers a key that it
knows with the old result. Retries are the loop's alone (`scheduler`), no future is an argument.
Before a worker gets its first task it must show that it has this release and this lake: one of the
first that has not ends the run, one that comes later is told and left alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ...errors import LostSchedulerError, LostWorkerError, UsageError
from ...version import __version__
from ..run_task import run_task
from ..task import Task, TaskResult
from ..task_log import log_level
from . import Slot
from .own_cluster import connected, own_cluster, silence_dask
from .worker_check import look_around, remove_token, require_fit, write_token

log = logging.getLogger(__name__)

WORKERS_TIMEOUT_S: Final = 120.0
"""How long a run waits where no worker is there."""
SCHEDULER_TIMEOUT_S: Final = 10.0
"""How long a scheduler may not answer before it is taken for gone."""
TOGETHER: Final = 8
"""Tasks of a date that go to a worker as one: a table of a small day takes less than the way."""
_POLL_S: Final = 0.5
_FETCH_S: Final = 60.0
_ANSWER_S: Final = 30.0

_CONFIG: Final = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.work-stealing": False,
    # Nothing of Dask's is to be spilled, and a worker that is paused waits for ever.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
}


class DaskExecutor:
    """Runs tasks on the workers of a Dask cluster.

    Parameters
    ----------
    workers : int
        Processes of a cluster made for the run.
    scheduler : str or None
        Address of a scheduler that runs; None makes a cluster on this host.
    lake_root : Path
        Absolute; every worker must see it.
    shared : bool
        It may lie on a network file system.

    Raises
    ------
    UsageError
        Dask is not installed, or no scheduler answers at the address.
    LostWorkerError
        No cluster could be started.
    """

    def __init__(
        self, workers: int, scheduler: str | None, lake_root: Path, *, shared: bool = False
    ) -> None:
        try:
            import dask  # noqa: PLC0415 - an extra
            import distributed  # noqa: PLC0415
        except ImportError as error:
            raise UsageError("Dask is not installed; install data-eng[dask]") from error
        self._cluster: Any = None
        self._token = secrets.token_hex(4)
        self._count = 0
        self._checked: set[str] = set()
        self._unfit: set[str] = set()
        self._gone = threading.Event()
        self._there: set[str] = set()
        self._left: set[str] = set()  # lost a task since the scheduler was asked who is there
        # What a client raises whose scheduler is gone.
        self._broken = (OSError, TimeoutError, ValueError, distributed.client.ClosedClientError)
        self._running: dict[Any, tuple[Slot, Future[TaskResult]]] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        silence_dask()
        with dask.config.set(_CONFIG):
            if scheduler is None:
                self._cluster = own_cluster(workers)
            self._client = connected(self._cluster or scheduler)
        self._lake_root, self._shared = lake_root, shared
        self._address = scheduler or "of this run"
        threading.Thread(target=self._watch, name="dask", daemon=True).start()

    def slots(self) -> Sequence[Slot]:
        """Return a slot for each worker that is there; waits for the first one.

        Raises
        ------
        UsageError
            A worker that was there at first has another release, or does not see the lake.
        LostWorkerError
            There is no worker.
        LostSchedulerError
            The scheduler ended.
        """
        deadline = time.monotonic() + WORKERS_TIMEOUT_S
        while not (able := self._able()):
            if self._gone.is_set():
                raise self._lost()
            if time.monotonic() > deadline:
                raise LostWorkerError(
                    f"the Dask cluster had no worker for {WORKERS_TIMEOUT_S:g} s; start workers "
                    "and run again"
                )
            time.sleep(_POLL_S)
        return [Slot(one, urlsplit(one).hostname or one, TOGETHER) for one in able]

    def submit(self, task: Task, slot: Slot) -> Future[TaskResult]:
        """Run a task on a worker."""
        done: Future[TaskResult] = Future()
        self._count += 1  # of attempts: a task that is run again has another key
        key = f"{task.run}/{task.stage}/{task.symbol}/{task.date}#{self._count}"
        running = self._client.submit(
            run_task, task, key=key, pure=False, workers=[slot.name], retries=0
        )
        with self._lock:
            self._running[running] = (slot, done)
        running.add_done_callback(self._hand_on)
        return done

    def close(self, *, now: bool) -> None:
        """Leave the cluster; one made for the run ends."""
        self._closed.set()
        with contextlib.suppress(
            *self._broken
        ):  # the scheduler may be gone, and its workers with it
            if now:
                with self._lock:
                    left = list(self._running)
                self._client.cancel(left, force=True)
            self._client.close(timeout=5)
        if self._cluster is not None:
            self._cluster.close(timeout=10)

    def _addresses(self) -> set[str] | None:
        # None where the scheduler does not answer.
        if self._client.status != "running":
            return None
        try:
            # Asked itself: what the client keeps of the answer is overwritten, without the workers,
            # by what it asks for itself from time to time.
            ask = self._client.scheduler.identity
            found = self._client.sync(ask, n_workers=-1, callback_timeout=_ANSWER_S)
        except self._broken:
            return None
        return set(found["workers"])

    def _able(self) -> list[str]:
        # The workers that have this release and this lake; of who is there the watch has a list.
        with self._lock:
            there = self._there - self._left
        found, is_first = sorted(there or self._addresses() or ()), not self._checked
        for address in found:
            if address in self._checked or address in self._unfit:
                continue
            try:
                if self._check(address):
                    self._checked.add(address)
            except UsageError as error:
                if is_first:
                    raise
                self._unfit.add(address)
                log.warning("%s; it gets no task", error)
        return [one for one in found if one in self._checked]

    def _lost(self) -> LostSchedulerError:
        return LostSchedulerError(
            f"the Dask scheduler {self._address} ended; what was published stays: start it and its "
            "workers, and run again"
        )

    def _check(self, address: str) -> bool:
        # False where the worker ended meanwhile.
        path, token = write_token(self._lake_root, self._token)
        try:
            if self._cluster is not None:
                self._client.run(silence_dask, workers=[address])
            arguments = str(path), log_level()
            found = self._client.run(look_around, *arguments, workers=[address])[address]
        except Exception as error:
            if address not in (self._addresses() or ()):
                return False
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            raise UsageError(
                f"worker {address}: cannot import data_eng {__version__} ({reason}); install it "
                "there, and start the run by its installed form"
            ) from error
        finally:
            remove_token(path)
        require_fit(address, found, token, self._lake_root, shared=self._shared)
        return True

    def _hand_on(self, running: Any) -> None:
        with self._lock:
            slot, done = self._running.get(running, (None, None))
        if slot is None or done is None:
            return
        found: TaskResult | None = None
        if running.status == "finished":
            # A worker that ends with the result is found by the watch meanwhile.
            with contextlib.suppress(Exception, asyncio.CancelledError):
                found = running.result(timeout=_FETCH_S)
        if found is None and self._client.status != "running":
            return  # the scheduler does not answer: the watch tells whether it is gone
        reason = f"worker {slot.name} ended"
        if running.status == "error":
            with contextlib.suppress(*self._broken):
                reason = f"worker {slot.name}: {running.exception(timeout=_FETCH_S)}"
        if found is None:
            with self._lock:
                self._left.add(slot.name)
        self._tell(running, done, found or LostWorkerError(reason))

    def _tell(self, running: Any, done: Future[TaskResult], found: TaskResult | Exception) -> None:
        with self._lock:
            self._running.pop(running, None)
        with contextlib.suppress(InvalidStateError):  # told already
            if isinstance(found, Exception):
                done.set_exception(found)
            else:
                done.set_result(found)
        with contextlib.suppress(*self._broken):
            running.release()

    def _watch(self) -> None:
        # A task that waits for a worker which is gone would wait for ever.
        answered = time.monotonic()
        while not self._closed.wait(_POLL_S):
            # First the tasks, then who is there: a worker may come between the two.
            with self._lock:
                running = list(self._running.items())
                self._left = set()
            there = self._addresses()
            with self._lock:
                self._there = there or set()
            if there is not None:
                answered = time.monotonic()
            elif time.monotonic() - answered > SCHEDULER_TIMEOUT_S:
                self._gone.set()
            for one, (slot, done) in running:
                if self._gone.is_set():
                    self._tell(one, done, self._lost())
                elif there is not None and slot.name not in there:
                    self._tell(one, done, LostWorkerError(f"worker {slot.name} ended"))
