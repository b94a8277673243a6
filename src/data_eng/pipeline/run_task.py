"""Run a task, in whatever process takes it."""

from __future__ import annotations

import datetime as dt
import logging
import resource
import time
import traceback
from dataclasses import replace

from ..catalogue.datasets import dataset
from ..edge import unexpected
from ..errors import DataEngError, LakeBusyError, PartitionNotFoundError, UsageError, with_names
from ..exchange.symbols import is_root
from ..lake.front import published_contracts
from ..lake.location import open_lake, take_requests
from ..lake.store import store_of
from ..lake.view import LakeView
from ..settings import Settings
from ..stages.outcome import Outcome, Status
from ..stages.registry import FRONT_MONTH_TABLES, producer
from ..stages.stage import Stage
from ..stages.staleness import Currency
from ..stages.target import Context
from .ahead import fetch_for
from .followers import run_together
from .run_memory import memory_of, outside_of
from .task import Progress, Task, TaskResult, failed, ran_now
from .task_log import collected

log = logging.getLogger(__name__)

_KILOBYTE = 1024


def run_task(task: Task, progress: Progress = lambda _key, _share: None) -> TaskResult:
    """Run a task and what follows it; what is wrong is told in the outcomes, never raised."""
    return run_together(task, lambda one: _run_one(one, task, progress), producer)


def _run_one(task: Task, whole: Task, progress: Progress) -> TaskResult:
    # The first one fetches for those that follow it too.
    stage = producer(task.stage)
    started, began, busy = time.monotonic(), time.time(), False
    with collected() as lines:
        try:
            if task.stage == whole.stage:
                fetch_for(whole)
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


def contract_for(
    stage: Stage, settings: Settings, view: LakeView, symbol: str, date: dt.date
) -> str:
    """Return for what a stage is run that was asked for by root or contract.

    Raises
    ------
    PartitionNotFoundError, UsageError
        As `resolve_contract`.
    """
    if stage.is_raw or not is_root(symbol) or stage.closure(date) is not None:
        return symbol
    return resolve_contract(settings, view, stage.writes[0].product_type, symbol, date)


def _run(stage: Stage, task: Task, progress: Progress) -> tuple[Outcome, ...]:
    lake_root = open_lake(task.settings.lake_root, view=task.run)
    task = replace(task, settings=replace(task.settings, lake_root=lake_root))
    _look_at_written(task)
    currency = _currency(task)
    symbol = contract_for(stage, task.settings, currency.view, task.symbol, task.date)
    key = task.stage
    context = Context(task.settings, currency, lambda share: progress(key, share))
    act = stage.preview if task.dry_run else stage.run
    outcomes = act(context, symbol, task.date)
    written = (one for one in outcomes if one.status is Status.WRITTEN)
    memory_of(task.run).seen.update((one.dataset, one.symbol, one.date) for one in written)
    return outcomes


def _look_at_written(task: Task) -> None:
    # What other processes of the run have written, or other runs, is not in what was listed before.
    store, memory = store_of(task.settings.lake_root), memory_of(task.run)
    if store is not None:
        for one in task.written:
            memory.look_at(store, one)
        for found in task.known:
            memory.look_for(store, *found)


def _currency(task: Task) -> Currency:
    known = {(key, date): standing for key, date, standing in task.known}
    return Currency(task.settings, known, producer, outside_of(task.run, task.settings))
