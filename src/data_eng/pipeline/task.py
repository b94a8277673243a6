"""The unit of work: one stage, one product root, one date; run in whatever process takes it.

Tasks and results are plain values: data never travel through an executor, a stage reads and writes
the lake. A task that was lost with its worker is simply run again, and what it had published stays.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import platform
import resource
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata

from ..catalogue.datasets import dataset
from ..edge import unexpected
from ..errors import DataEngError, LakeBusyError, PartitionNotFoundError, UsageError, with_names
from ..exchange.symbols import is_root
from ..lake.front import published_contracts
from ..lake.location import open_lake, take_requests
from ..lake.paths import Partition
from ..lake.store import store_of
from ..lake.view import LakeView
from ..settings import Settings
from ..stages.outcome import Outcome, Standing, Status
from ..stages.registry import FRONT_MONTH_TABLES, producer
from ..stages.stage import Stage
from ..stages.staleness import Currency, Outside
from ..stages.target import Context
from ..version import __version__

log = logging.getLogger(__name__)

_ROOT_LOGGER = __name__.rpartition(".pipeline")[0]
_KILOBYTE = 1024


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
    """

    stage: str
    symbol: str
    date: dt.date
    settings: Settings
    known: tuple[tuple[str, dt.date, Standing], ...] = ()
    run: str = ""
    dry_run: bool = False
    written: tuple[tuple[str, str, dt.date], ...] = ()


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
    """

    outcomes: tuple[Outcome, ...]
    lines: tuple[LogLine, ...] = ()
    peak_bytes: int = 0
    ran: Ran | None = None
    busy: bool = False
    requests: tuple[tuple[str, int], ...] = ()


Progress = Callable[[str, float], None]


def run_task(task: Task, progress: Progress = lambda _key, _share: None) -> TaskResult:
    """Run a task; whatever is wrong with it is told in its outcomes, never raised."""
    stage = producer(task.stage)
    started, began, busy = time.monotonic(), time.time(), False
    with _collected() as lines:
        try:
            outcomes = _run(stage, task, progress)
        except DataEngError as error:
            busy = isinstance(error, LakeBusyError)
            log.debug("%s failed", task.stage, exc_info=True)
            outcomes = failed(stage, task, str(error), time.monotonic() - started)
        except Exception as error:  # noqa: BLE001 - the edge: other partitions go on
            log.debug("%s", traceback.format_exc())
            reason = with_names(unexpected(error))
            outcomes = failed(stage, task, reason, time.monotonic() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KILOBYTE
    requests = tuple(sorted(take_requests().items()))
    return TaskResult(outcomes, tuple(lines), peak, ran_now(began), busy, requests)


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


def resolve_contract(
    settings: Settings, view: LakeView, product_type: str, root: str, date: dt.date
) -> str:
    """Return the contract that Bronze wrote for a root on a date.

    Raises
    ------
    PartitionNotFoundError
        Bronze has no complete partition of the root for the date.
    UsageError
        It has several, by different roll rules or from different deliveries.
    """
    lake_root, rule = settings.lake_root, settings.roll_rule
    bronze = dataset(FRONT_MONTH_TABLES[product_type])
    found = published_contracts(view, bronze, root, date, rule)
    if len(found) > 1:
        raise UsageError(f"{root} on {date}: Bronze holds {' and '.join(found)}; name the contract")
    if not found:
        raise PartitionNotFoundError(
            f"{bronze.key} {root} {date}: no complete Bronze partition by roll rule "
            f"{rule} in {lake_root}; run --layer bronze --symbol {root} first"
        )
    return found[0]


def _run(stage: Stage, task: Task, progress: Progress) -> tuple[Outcome, ...]:
    lake_root = open_lake(task.settings.lake_root, view=task.run)
    task = replace(task, settings=replace(task.settings, lake_root=lake_root))
    _look_at_written(task)
    symbol, currency = task.symbol, _currency(task)
    if not stage.is_raw and is_root(symbol) and stage.closure(task.date) is None:
        product_type = stage.writes[0].product_type
        symbol = resolve_contract(task.settings, currency.view, product_type, symbol, task.date)
    key = task.stage
    context = Context(task.settings, currency, lambda share: progress(key, share))
    act = stage.preview if task.dry_run else stage.run
    outcomes = act(context, symbol, task.date)
    written = (one for one in outcomes if one.status is Status.WRITTEN)
    _memory.of(task.run).seen.update((one.dataset, one.symbol, one.date) for one in written)
    return outcomes


class _Memory:
    """What this process knows of a run, kept as long as its tasks come.

    What was looked up outside of it, and which of its partitions were written or seen here.
    """

    def __init__(self) -> None:
        self.run = ""
        self.found: Outside | None = None
        self.seen: set[tuple[str, str, dt.date]] = set()

    def of(self, run: str) -> _Memory:
        if run != self.run or not run:
            self.run, self.found, self.seen = run, None, set()
        return self

    def outside(self, settings: Settings) -> Outside:
        if self.found is None:
            self.found = Outside(settings.lake_root)
        return self.found


_memory = _Memory()


def _look_at_written(task: Task) -> None:
    # What other processes of the run have written is not in what was listed before.
    store, seen = store_of(task.settings.lake_root), _memory.of(task.run).seen
    if store is None:
        return
    for one in task.written:
        if one not in seen:
            key, symbol, date = one
            store.refresh(Partition(dataset(key), symbol, date).folder.as_posix())
            seen.add(one)


def _currency(task: Task) -> Currency:
    known = {(key, date): standing for key, date, standing in task.known}
    outside = _memory.of(task.run).outside(task.settings)
    return Currency(task.settings, known, producer, outside)


class _Collector(logging.Handler):
    def __init__(self, lines: list[LogLine]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        text = with_names(record.getMessage())
        if record.exc_info:
            text += "\n" + logging.Formatter().formatException(record.exc_info)
        self._lines.append(LogLine(record.levelno, text))


@contextmanager
def _collected() -> Iterator[list[LogLine]]:
    # What is logged is told with the outcome, by the process that shows the run.
    lines: list[LogLine] = []
    ours = logging.getLogger(_ROOT_LOGGER)
    handlers, propagate = ours.handlers, ours.propagate
    ours.handlers, ours.propagate = [_Collector(lines)], False
    try:
        yield lines
    finally:
        ours.handlers, ours.propagate = handlers, propagate


def emit(result: TaskResult) -> None:
    """Log what a task logged, in this process; the records carry which partition it was of."""
    ours = logging.getLogger(_ROOT_LOGGER)
    first = result.outcomes[0]
    extra = {"dataset": first.dataset, "symbol": first.symbol, "dt": first.date.isoformat()}
    for line in result.lines:
        ours.log(line.level, "%s", line.text, extra=extra)


def log_level() -> int:
    """Return the level at which this process logs, for a worker to do the same."""
    return logging.getLogger(_ROOT_LOGGER).level


def set_log_level(level: int) -> None:
    """Log from this level on; what a worker logs goes with its outcomes."""
    logging.getLogger(_ROOT_LOGGER).setLevel(level)
