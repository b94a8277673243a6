"""A Dask cluster of this host, made for one run, and how a run gets at one."""

from __future__ import annotations

import logging
from typing import Any, Final

from ...errors import LostWorkerError, UsageError
from ..children import spared

MEMORY_LIMIT: Final = "2GiB"
"""Of a worker: twice what a stage may take."""


def connected(cluster: Any) -> Any:
    """Return a client of a cluster, or of the scheduler at an address; whoever asks closes it.

    Raises
    ------
    UsageError
        No scheduler answers there.
    """
    import distributed  # noqa: PLC0415 - an extra

    # One that was never connected would wait 20 s when it is deleted, and leave a traceback.
    kind = type("Client", (distributed.Client,), {"__del__": lambda _: None})
    try:
        return kind(cluster, timeout=10, set_as_default=False)
    except Exception as error:
        if not isinstance(cluster, str):
            raise
        # What answers and is no scheduler, as its dashboard, says how much memory Dask asks for.
        raise UsageError(
            f"--scheduler {cluster}: no Dask scheduler answers; give its address, such as "
            "tcp://HOST:8786"
        ) from error


def silence_dask() -> None:
    """Let this process log nothing of Dask's: what it means is told in one line of ours.

    A worker's heartbeat whose scheduler has just ended is a traceback, after a run that went well.
    """
    # Each of their loggers has its own level.
    for name in ("tornado.application", *logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL)


def own_cluster(workers: int) -> Any:
    """Return a running `distributed.LocalCluster` with so many workers of one thread.

    Raises
    ------
    LostWorkerError
        It could not be started.
    """
    import distributed  # noqa: PLC0415 - an extra

    try:
        with spared():
            return distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                memory_limit=MEMORY_LIMIT,
                # Any free port: another run of this host may have the usual one.
                scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                silence_logs=logging.ERROR,
            )
    except (OSError, TimeoutError, RuntimeError) as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise LostWorkerError(
            f"no Dask cluster could be started here ({reason}); run again, with fewer --workers "
            "where the machine is busy"
        ) from error
