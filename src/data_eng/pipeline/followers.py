"""Tasks of a date that one worker does one after the other, given to it as one.

Handing a task out costs an executor time: on a Dask cluster some ten milliseconds of processors,
as much as a small table takes. What a task comes to is told to those after it where they run; one
that cannot be run by what is known there is left to the run (`scheduler`), which knows all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

from ..exchange.symbols import is_root
from ..stages.outcome import Outcome, Standing, Status, standing_of
from ..stages.reads import Follow, Read, ReadEarlier
from ..stages.stage import Stage
from .task import Task, TaskResult
from .verdicts import Done, inputs_of, why_blocked


def told(task: Task, stage: Stage, done: Done) -> Task:
    """Return a task that is told what was settled of what its stage reads or follows."""
    date = task.date
    known: list[tuple[str, dt.date, Standing]] = list(task.known)
    written = list(task.written)
    for read in stage.reads:
        followed = done.get((read.key, date)) if isinstance(read, Follow) else None
        if followed is not None and followed.status is Status.WRITTEN:
            written.append((read.key, followed.symbol, date))
        for day in read.dates(date) if isinstance(read, Read | ReadEarlier) else ():
            outcome = done.get((read.key, day))
            if outcome is not None and outcome.status is Status.WRITTEN:
                written.append((read.key, outcome.symbol, day))
            # Of what came to nothing the lake may hold an older partition: the task looks.
            if outcome is not None and outcome.status not in (Status.FAILED, Status.BLOCKED):
                known.append((read.key, day, standing_of(outcome)))
    symbol = symbol_of(stage, date, done, task.symbol)
    return replace(task, symbol=symbol, known=tuple(known), written=tuple(written))


def symbol_of(stage: Stage, date: dt.date, done: Done, otherwise: str) -> str:
    """Return the contract of the inputs that were settled, or what was asked for."""
    for outcome in inputs_of(stage, date, done):
        if not is_root(outcome.symbol):
            return outcome.symbol
    return otherwise


def run_together(
    task: Task, run: Callable[[Task], TaskResult], producer: Callable[[str], Stage]
) -> TaskResult:
    """Run a task, and of those that follow it what can be run.

    Parameters
    ----------
    task : Task
        Its ``then`` are in an order in which each comes after what it reads.
    run : callable
        Runs one task.
    producer : callable
        The stage that writes a dataset.
    """
    first, results = run(replace(task, then=())), []
    if not task.then:
        return first
    done = {} if first.busy else _done(first)
    made = {one.key for each in (task, *task.then) for one in producer(each.stage).writes}
    for one in task.then:
        ready = _ready(one, producer(one.stage), made, done)
        if ready is None:
            continue
        result = run(ready)
        # What another process holds is the run's to wait for.
        if not result.busy:
            done.update(_done(result))
            results.append(result)
    return replace(first, then=tuple(results))


def _done(result: TaskResult) -> dict[tuple[str, dt.date], Outcome]:
    return {(one.dataset, one.date): one for one in result.outcomes}


def _ready(
    task: Task, stage: Stage, made: set[str], done: Mapping[tuple[str, dt.date], Outcome]
) -> Task | None:
    # None where an input of these tasks is not there, or makes it anything else than a task.
    read = [one.key for one in stage.reads if isinstance(one, Read | Follow)]
    if any(key in made and (key, task.date) not in done for key in read):
        return None
    if why_blocked(stage, task.date, done) is not None:
        return None
    contract = symbol_of(stage, task.date, done, task.symbol)
    if not is_root(task.symbol) and contract != task.symbol:
        return None  # of two contracts
    return told(task, stage, done)
