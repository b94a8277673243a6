"""Executors of this host: this process, or one long-lived worker process a slot.

Each slot has an executor of `concurrent.futures` with one process of its own, so that a worker that
is lost takes its own task alone. A worker ends with its parent, in whatever way that ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from ...errors import LostWorkerError
from ..children import spared
from ..run_task import run_task
from ..task import Progress, Task, TaskResult
from ..task_log import log_level, set_log_level
from . import Slot


class InProcessExecutor:
    """Runs each task in this process, at once.

    Parameters
    ----------
    progress : callable
        Told how far the task under way is.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._slots = (Slot("this process", socket.gethostname()),)

    def slots(self) -> Sequence[Slot]:
        """Return the one slot."""
        return self._slots

    def submit(self, task: Task, slot: Slot) -> Future[TaskResult]:
        """Run the task; return its result as a future that is done."""
        future: Future[TaskResult] = Future()
        future.set_result(run_task(task, self._progress))
        return future

    def close(self, *, now: bool) -> None:
        """Do nothing: there is no worker."""


class _Context(SpawnContext):
    # Remembers the workers: the caller may have other processes, which are not ours to end.
    def __init__(self) -> None:
        super().__init__()
        self.started: list[SpawnProcess] = []

    def Process(self, *args: Any, **kwargs: Any) -> SpawnProcess:  # type: ignore[override]  # noqa: N802
        process = SpawnProcess(*args, **kwargs)
        self.started.append(process)
        return process


class LocalExecutor:
    """Runs tasks in worker processes of this host.

    Parameters
    ----------
    workers : int
        How many.
    """

    def __init__(self, workers: int) -> None:
        host = socket.gethostname()
        self._slots = tuple(Slot(f"worker {n}", host) for n in range(workers))
        self._pools: dict[Slot, ProcessPoolExecutor] = {}
        self._lost: list[ProcessPoolExecutor] = []
        self._context = _Context()

    def slots(self) -> Sequence[Slot]:
        """Return a slot for each worker."""
        return self._slots

    def submit(self, task: Task, slot: Slot) -> Future[TaskResult]:
        """Give the task to the slot's process; one that was lost is replaced first."""
        done: Future[TaskResult] = Future()
        with spared():
            try:
                running = self._pool(slot).submit(run_task, task)
            except BrokenExecutor:
                # It died between two tasks: nothing is lost with it.
                self._drop(slot)
                running = self._pool(slot).submit(run_task, task)
        running.add_done_callback(lambda future: self._hand_on(slot, future, done))
        return done

    def close(self, *, now: bool) -> None:
        """End the workers."""
        # A copy: a pool whose worker ends is dropped by another thread.
        pools = [*self._pools.values(), *self._lost]
        if now:
            for worker in self._context.started:
                if worker.is_alive():
                    worker.terminate()
        for pool in pools:
            pool.shutdown(wait=True, cancel_futures=True)

    def _pool(self, slot: Slot) -> ProcessPoolExecutor:
        if slot not in self._pools:
            setup = start_worker, (log_level(),)
            self._pools[slot] = ProcessPoolExecutor(1, self._context, *setup)
        return self._pools[slot]

    def _drop(self, slot: Slot) -> None:
        # It ends by itself, and is waited for when all are closed: where Python ends meanwhile, its
        # thread leaves a traceback.
        pool = self._pools.get(slot)
        if pool is not None:
            self._lost.append(pool)
            self._pools.pop(slot, None)

    def _hand_on(self, slot: Slot, running: Future[TaskResult], done: Future[TaskResult]) -> None:
        error = running.exception()
        if isinstance(error, BrokenExecutor):
            self._drop(slot)
            done.set_exception(LostWorkerError(f"{slot.name} on {slot.host} ended"))
        elif error is not None:
            done.set_exception(error)
        else:
            done.set_result(running.result())


def start_worker(level: int) -> None:
    """Set up a worker that was started `spared`: its logging, and that it ends with its parent."""
    set_log_level(level)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    # Not by PR_SET_PDEATHSIG, which also fires when the thread that started the worker ends.
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGKILL)
