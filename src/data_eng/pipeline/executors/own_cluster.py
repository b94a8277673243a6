"""A Dask cluster of this host, made for one run."""

from __future__ import annotations

import logging
from typing import Any, Final

from ...errors import LostWorkerError
from ..children import spared

MEMORY_LIMIT: Final = "2GiB"
"""Of a worker: twice what a stage may take."""


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
