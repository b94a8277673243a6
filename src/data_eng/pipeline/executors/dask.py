"""An executor on a Dask cluster: one that runs, or one of this host made for the run.

The worker of a task is named by us, one task a worker at a time, so that stealing and the threads
of a foreign cluster do not matter. Keys carry run and attempt: a scheduler answers a key that it
knows with the old result. Retries are the loop's alone (`scheduler`), no future is an argument.
Before a worker gets its first task it must show that it has this release and this lake.
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

from ...errors import LakeError, LostWorkerError, UsageError
from ...version import __version__
from ..task import Task, TaskResult, log_level, run_task, set_log_level
from . import Slot

MEMORY_LIMIT: Final = "2GiB"
"""Of a worker of ours: twice what a stage may take."""
WORKERS_TIMEOUT_S: Final = 120.0
"""How long a run waits where no worker is there."""
_POLL_S: Final = 1.0
_FETCH_S: Final = 60.0

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

    Raises
    ------
    UsageError
        Dask is not installed, or no scheduler answers at the address.
    """

    def __init__(self, workers: int, scheduler: str | None, lake_root: Path) -> None:
        try:
            import dask  # noqa: PLC0415 - an extra
            import distributed  # noqa: PLC0415
        except ImportError as error:
            raise UsageError("Dask is not installed; install data-eng[dask]") from error
        self._cluster: Any = None
        self._run = secrets.token_hex(4)
        self._count = 0
        self._checked: set[str] = set()
        self._running: dict[Any, tuple[Slot, Future[TaskResult]]] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        with dask.config.set(_CONFIG):
            if scheduler is None:
                self._cluster = distributed.LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    memory_limit=MEMORY_LIMIT,
                    dashboard_address=None,
                    silence_logs=logging.ERROR,
                )
            address = self._cluster if scheduler is None else scheduler
            try:
                self._client = distributed.Client(address, timeout=10, set_as_default=False)
            except (OSError, TimeoutError, ValueError) as error:
                raise UsageError(f"--scheduler {scheduler}: no Dask scheduler answers") from error
        self._lake_root = lake_root
        threading.Thread(target=self._watch, name="dask", daemon=True).start()

    def slots(self) -> Sequence[Slot]:
        """Return a slot for each worker that is there; waits for the first one.

        Raises
        ------
        UsageError
            A worker has another release, or does not see the lake.
        LostWorkerError
            There is no worker.
        """
        deadline = time.monotonic() + WORKERS_TIMEOUT_S
        while not (found := sorted(self._addresses())):
            if time.monotonic() > deadline:
                raise LostWorkerError(
                    f"the Dask cluster had no worker for {WORKERS_TIMEOUT_S:g} s; start workers "
                    "and run again"
                )
            time.sleep(_POLL_S)
        for address in found:
            if address not in self._checked and self._check(address):
                self._checked.add(address)
        able = [one for one in found if one in self._checked]
        return [Slot(one, urlsplit(one).hostname or one) for one in able]

    def submit(self, task: Task, slot: Slot) -> Future[TaskResult]:
        """Run a task on a worker."""
        done: Future[TaskResult] = Future()
        self._count += 1
        key = f"{self._run}/{task.stage}/{task.symbol}/{task.date}#{self._count}"
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
        if now:
            with self._lock:
                left = list(self._running)
            self._client.cancel(left, force=True)
        self._client.close(timeout=5)
        if self._cluster is not None:
            self._cluster.close(timeout=10)

    def _addresses(self) -> set[str]:
        workers: dict[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        return set(workers)

    def _check(self, address: str) -> bool:
        # False where the worker ended meanwhile.
        path, token = _write_token(self._lake_root, self._run)
        try:
            arguments = str(path), log_level()
            found = self._client.run(look_around, *arguments, workers=[address])[address]
        except Exception as error:
            if address not in self._addresses():
                return False
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            raise UsageError(
                f"worker {address}: cannot import data_eng {__version__} ({reason}); install it "
                "there, and start the run by its installed form"
            ) from error
        finally:
            with contextlib.suppress(OSError):  # it says nothing, and the next one is another's
                path.unlink()
        version, seen = found
        if version != __version__:
            raise UsageError(f"worker {address}: has data_eng {version}, this is {__version__}")
        if seen != token:
            raise UsageError(
                f"worker {address}: does not see the lake at {self._lake_root}; mount it there"
            )
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
        self._tell(running, slot, done, found)

    def _tell(
        self, running: Any, slot: Slot, done: Future[TaskResult], found: TaskResult | None
    ) -> None:
        with self._lock:
            self._running.pop(running, None)
        with contextlib.suppress(InvalidStateError):  # told already
            if found is not None:
                done.set_result(found)
            else:
                done.set_exception(LostWorkerError(f"worker {slot.name} ended"))
        running.release()

    def _watch(self) -> None:
        # A task that waits for a worker which is gone would wait for ever.
        while not self._closed.wait(_POLL_S):
            try:
                there = self._addresses()
            except (OSError, TimeoutError, ValueError):
                there = set()  # the scheduler is gone, and every worker of it for us
            with self._lock:
                running = list(self._running.items())
            for one, (slot, done) in running:
                if slot.name not in there:
                    self._tell(one, slot, done, None)


def look_around(token: str, level: int) -> tuple[str, str | None]:
    """Return the release on a worker, and what it reads in the lake; sets its log level."""
    set_log_level(level)
    try:
        return __version__, Path(token).read_text()
    except OSError:
        return __version__, None


def _write_token(lake_root: Path, run: str) -> tuple[Path, str]:
    path, token = lake_root / f".dask-{run}", secrets.token_hex(16)
    try:
        lake_root.mkdir(parents=True, exist_ok=True)
        path.write_text(token)
    except OSError as error:
        raise LakeError(
            f"{path}: cannot be written ({error.strerror}); check the lake root"
        ) from error
    return path, token
