"""Tables that no index knows are looked at by several processes, before a plan asks for them.

Reading, hashing and parsing a hundred thousand of them is most of a plan without an index. Each
process reads the dates of a symbol of a table at a time, and hands back what the index keeps. What
they leave out, whatever the cause, is read as without them.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from ..catalogue.datasets import Dataset
from ..lake.view import LakeView
from .children import spared
from .executors.local import start_worker
from .task_log import log_level

Series = tuple[Dataset, str, list[dt.date]]
"""Dates of a symbol of a table."""

_MANY: Final = 4000
"""Manifests that take longer to read than processes to start."""


def readers() -> int:
    """Return how many processes read manifests: two, which a small machine has."""
    return min(2, len(os.sched_getaffinity(0)))


def read_ahead(view: LakeView, series: Iterable[Series], processes: int) -> None:
    """Let processes read the partitions of tables' symbols that the index of a view does not know.

    Fewer than some thousands are left to whoever asks for them, and what is new of those that it
    knows. It starts processes as
    `multiprocessing` does: for commands alone, whose main module may be imported again.

    Parameters
    ----------
    view : LakeView
    series : iterable of Series
    processes : int
        With one, nothing is done.
    """
    if processes < 2:
        return
    unknown = [one for one in series if view.is_unknown(one[0], one[1])]
    if sum(len(dates) for _, _, dates in unknown) < _MANY:
        return
    setup = start_worker, (log_level(),)
    with spared():
        pool = ProcessPoolExecutor(processes, get_context("spawn"), *setup)
    with pool:
        try:
            with spared():
                lines = pool.map(_read, [(view.lake_root, *one) for one in unknown])
            for (table, symbol, _), read in zip(unknown, lines, strict=True):
                view.learn(table, symbol, read)
        except BrokenExecutor:
            return  # killed, or out of memory: this process reads the rest
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _read(one: tuple[Path, Dataset, str, list[dt.date]]) -> list[tuple[str, str]]:
    lake_root, table, symbol, dates = one
    return LakeView(lake_root).lines_of(table, symbol, dates)
