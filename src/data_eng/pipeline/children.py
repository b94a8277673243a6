"""Processes that a command starts: Ctrl-C, and a terminal that closes, are not theirs to act on.

Both go to the whole group of processes, and whoever started a process ends it. What ends by itself
leaves a traceback: a worker that still imports, one of Dask's, the tracker by which
`multiprocessing` removes its semaphores.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from multiprocessing import resource_tracker
from typing import Final

OF_TERMINAL: Final = (signal.SIGINT, signal.SIGHUP)


@contextlib.contextmanager
def spared() -> Iterator[None]:
    """Let processes that are started meanwhile never get what a terminal sends to all of a group.

    Signals that are blocked stay so in a new process, and in what a new thread starts later. Of
    this process they are handled afterwards.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, OF_TERMINAL)
    try:
        # Where it starts the tracker it lets SIGINT through again.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, OF_TERMINAL)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
