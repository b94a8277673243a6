"""The executor that a command line names."""

from __future__ import annotations

from ...settings import Settings
from ..task import Progress
from . import Executor


def make_executor(
    name: str,
    settings: Settings,
    scheduler: str | None,
    progress: Progress,
) -> Executor:
    """Return the executor of a name; ``local`` is this process for one worker.

    Parameters
    ----------
    name : str
        ``local`` or ``dask``.
    settings : Settings
        Number of workers, and the lake that they must see.
    scheduler : str or None
        Address of a Dask scheduler that runs; None starts one on this host.
    progress : callable
        Told how far the task under way is, where it runs in this process.
    """
    # What an executor needs is imported where it is asked for.
    if name == "dask":
        from .dask import DaskExecutor  # noqa: PLC0415

        return DaskExecutor(
            settings.workers, scheduler, settings.lake_root, shared=settings.shared_lake
        )
    from .local import InProcessExecutor, LocalExecutor  # noqa: PLC0415

    one = settings.workers == 1
    return InProcessExecutor(progress) if one else LocalExecutor(settings.workers)
