"""The unit of work: one stage, one product root, one date; and what it came to.

Tasks and results are plain values: data never travel through an executor, a stage reads and writes
the lake. A task that was lost with its worker is simply run again, and what it had published stays.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import metadata

from ..settings import Settings
from ..stages.outcome import Outcome, Standing, Status
from ..stages.stage import Stage
from ..version import __version__


@dataclass(frozen=True)
class Task:
    """One stage on one date.

    Attributes
    ----------
    stage : str
        The first dataset that the stage writes.
    symbol : str
        Contract, or the product root where the run has not told it.
    date : datetime.date
    settings : Settings
    known : tuple of (str, datetime.date, Standing)
        How the inputs stand that this run has settled.
    run : str
        Of one run; what was looked up outside of it holds as long.
    dry_run : bool
        Tell what would be done, and do nothing.
    written : tuple of (str, str, datetime.date)
        What this run has written of what the stage reads or follows: dataset, symbol, date.
    then : tuple of Task
        Of the same date, which the same worker does after it (`followers`); none of them has its
        own.
    """

    stage: str
    symbol: str
    date: dt.date
    settings: Settings
    known: tuple[tuple[str, dt.date, Standing], ...] = ()
    run: str = ""
    dry_run: bool = False
    written: tuple[tuple[str, str, dt.date], ...] = ()
    then: tuple[Task, ...] = ()


@dataclass(frozen=True)
class LogLine:
    """What a stage logged: level and text."""

    level: int
    text: str


@dataclass(frozen=True)
class Ran:
    """Where and when a task ran, and with what.

    Attributes
    ----------
    host : str
    pid : int
    started, ended : float
        Seconds since the epoch, by the clock of the host.
    versions : tuple of (str, str)
        Of the package, Python and the libraries that make the bytes.
    """

    host: str
    pid: int
    started: float
    ended: float
    versions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TaskResult:
    """What a task came to.

    Attributes
    ----------
    outcomes : tuple of Outcome
        Of each table of the stage.
    lines : tuple of LogLine
        Logged on the way.
    peak_bytes : int
        Largest resident size of the process so far.
    ran : Ran or None
        None where it did not run, or was lost with its worker.
    busy : bool
        Another process held what it needed: it may be run again later.
    requests : tuple of (str, int)
        Made of object storage, by kind.
    then : tuple of TaskResult
        What those that followed it came to, as far as they were run.
    """

    outcomes: tuple[Outcome, ...]
    lines: tuple[LogLine, ...] = ()
    peak_bytes: int = 0
    ran: Ran | None = None
    busy: bool = False
    requests: tuple[tuple[str, int], ...] = ()
    then: tuple[TaskResult, ...] = ()


Progress = Callable[[str, float], None]


def ran_now(started: float | None = None) -> Ran:
    """Return where this process runs: of something that started then and ends now."""
    now = time.time()
    begun = now if started is None else started
    return Ran(socket.gethostname(), os.getpid(), begun, now, versions())


@cache
def versions() -> tuple[tuple[str, str], ...]:
    """Return the versions of what runs a task here; imports none of it."""
    libraries = [(name, metadata.version(name)) for name in ("pyarrow", "numba")]
    return (("data_eng", __version__), ("python", platform.python_version()), *libraries)


def failed(stage: Stage, task: Task, reason: str, seconds: float = 0.0) -> tuple[Outcome, ...]:
    """Return the outcomes of a task that failed."""
    return tuple(
        Outcome(one.key, task.symbol, task.date, Status.FAILED, reason, seconds=seconds)
        for one in stage.writes
    )
