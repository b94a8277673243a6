"""Runs a graph of tasks on an executor: the one loop that owns order, retries and what is blocked.

1. What is ready is taken oldest date first, within a date what others wait for longest. At most one
   date more than there are slots is open at a time, so that finished days appear early.
2. A task is told how its inputs stand that this run has settled; its contract is theirs.
3. A failed input of the same date blocks what reads it. Earlier sessions are waited for only.
4. A task that is lost with its worker is run again, at most `MAX_LOST` times.
"""

from __future__ import annotations

import datetime as dt
import graphlib
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Final

from ..errors import LostWorkerError
from ..exchange.symbols import is_root
from ..settings import Settings
from ..stages.outcome import Outcome, Standing, Status, standing_of
from ..stages.reads import Follow, Read, ReadEarlier
from ..stages.stage import Stage
from .executors import Executor, Slot
from .plan import Graph, Node, Request
from .task import Task, TaskResult, failed

log = logging.getLogger(__name__)

MAX_LOST: Final = 2
"""How often a task may lose its worker before it is given up."""


@dataclass
class _Running:
    node: Node
    task: Task
    slot: Slot


@dataclass
class Run:
    """One run of a graph.

    Attributes
    ----------
    request : Request
    graph : Graph
    executor : Executor
    peak_bytes : int
        Largest resident size of a process that ran tasks.
    """

    request: Request
    graph: Graph
    executor: Executor
    peak_bytes: int = 0
    _done: dict[tuple[str, dt.date], Outcome] = field(default_factory=dict)
    _lost: Counter[Node] = field(default_factory=Counter)
    _name: str = field(default_factory=lambda: secrets.token_hex(4))

    def results(self) -> Generator[TaskResult, None, None]:
        """Yield what each task came to, as it ends.

        A caller that stops early ends the workers that are at work.
        """
        finished = False
        try:
            yield from self._loop()
            finished = True
        finally:
            self.executor.close(now=not finished)

    def _loop(self) -> Iterator[TaskResult]:
        sorter = graphlib.TopologicalSorter(self.graph.waits_for)
        sorter.prepare()
        ready: list[Node] = []
        left = Counter(date for _, date in self.graph.nodes)
        opened: set[dt.date] = set()
        running: dict[Future[TaskResult], _Running] = {}
        while sorter.is_active() or running:
            ready += sorter.get_ready()
            blocked = self._blocked_now(ready)
            for node, result in blocked:
                ready.remove(node)
                sorter.done(node)
                left[node[1]] -= 1
                yield self._take(result)
            if blocked:
                continue  # what waited for them is ready now
            self._fill(ready, running, opened, left)
            for future in wait(running, return_when=FIRST_COMPLETED).done if running else ():
                one = running.pop(future)
                found = self._result(one, future)
                if found is None:
                    ready.append(one.node)
                    continue
                sorter.done(one.node)
                left[one.node[1]] -= 1
                yield self._take(found)

    def _fill(
        self,
        ready: list[Node],
        running: dict[Future[TaskResult], _Running],
        opened: set[dt.date],
        left: Mapping[dt.date, int],
    ) -> None:
        # Give the free slots what is ready.
        slots = list(self.executor.slots())
        busy = {one.slot for one in running.values()}
        for slot in [one for one in slots if one not in busy]:
            opened -= {date for date in opened if not left[date]}
            node = self._next(ready, opened, len(slots) + 1)
            if node is None:
                return
            ready.remove(node)
            opened.add(node[1])
            task = self._task(node)
            running[self.executor.submit(task, slot)] = _Running(node, task, slot)

    def _next(self, ready: Sequence[Node], opened: set[dt.date], most: int) -> Node | None:
        height = self.graph.height
        for node in sorted(ready, key=lambda one: (one[1], -height[one[0]], one[0])):
            if node[1] in opened or len(opened) < most:
                return node
        return None

    def _result(self, one: _Running, future: Future[TaskResult]) -> TaskResult | None:
        # None where the task is to be run again.
        error = future.exception()
        if error is None:
            return future.result()
        if not isinstance(error, LostWorkerError):
            raise error
        self._lost[one.node] += 1
        key, date = one.node
        if self._lost[one.node] < MAX_LOST:
            log.warning("a worker died; %s %s is run again", key, date)
            return None
        reason = (
            "its worker process died twice (killed, or out of memory: a stage takes up to 1 GiB); "
            "give the processes more memory, or try --workers 1"
        )
        return TaskResult(failed(self.graph.stage_of[key], one.task, reason))

    def _take(self, result: TaskResult) -> TaskResult:
        for outcome in result.outcomes:
            self._done[(outcome.dataset, outcome.date)] = outcome
        self.peak_bytes = max(self.peak_bytes, result.peak_bytes)
        return result

    def _task(self, node: Node) -> Task:
        key, date = node
        stage = self.graph.stage_of[key]
        known: list[tuple[str, dt.date, Standing]] = []
        for read in stage.reads:
            for day in read.dates(date) if isinstance(read, Read | ReadEarlier) else ():
                outcome = self._done.get((read.key, day))
                # Of what came to nothing the lake may hold an older partition: the task looks.
                if outcome is not None and outcome.status not in (Status.FAILED, Status.BLOCKED):
                    known.append((read.key, day, standing_of(outcome)))
        return Task(
            key,
            self._symbol(stage, date),
            date,
            self.request.settings,
            tuple(known),
            self._name,
            self.request.dry_run,
        )

    def _symbol(self, stage: Stage, date: dt.date) -> str:
        # The contract of the inputs made in this run, or what was asked for.
        for outcome in self._inputs(stage, date):
            if not is_root(outcome.symbol):
                return outcome.symbol
        return self.request.symbol

    def _inputs(self, stage: Stage, date: dt.date) -> list[Outcome]:
        read = [one.key for one in stage.reads if isinstance(one, Read)]
        return [self._done[(key, date)] for key in read if (key, date) in self._done]

    def _blocked_now(self, ready: Sequence[Node]) -> list[tuple[Node, TaskResult]]:
        found = []
        for node in ready:
            stage = self.graph.stage_of[node[0]]
            verdict = self._why_blocked(stage, node[1])
            if verdict is not None:
                status, reason = verdict
                symbol = self._symbol(stage, node[1])
                outcomes = tuple(
                    Outcome(one.key, symbol, node[1], status, reason) for one in stage.writes
                )
                found.append((node, TaskResult(outcomes)))
        return found

    def _why_blocked(self, stage: Stage, date: dt.date) -> tuple[Status, str] | None:
        if stage.closure(date) is not None:
            return None  # it is skipped with that reason
        followed = [one.key for one in stage.reads if isinstance(one, Read | Follow)]
        for key in followed:
            outcome = self._done.get((key, date))
            if outcome is not None and outcome.status in (Status.FAILED, Status.BLOCKED):
                return Status.BLOCKED, f"upstream {key} {_state(outcome)}"
        inputs = self._inputs(stage, date)
        contracts = {one.symbol for one in inputs if not is_root(one.symbol)}
        if len(contracts) > 1:
            which = " and ".join(sorted(contracts))
            return (
                Status.FAILED,
                f"its inputs are of {which}; rebuild the date with --refresh-stale",
            )
        needed = {
            one.key for one in stage.reads if isinstance(one, Read) and not one.may_be_left_out
        }
        for outcome in inputs:
            if outcome.status is Status.SKIPPED and outcome.dataset in needed:
                return Status.SKIPPED, outcome.reason
        for outcome in inputs:
            if outcome.status is Status.PLANNED and is_root(outcome.symbol):
                return Status.PLANNED, f"would follow {outcome.dataset}"
        return None


def _state(outcome: Outcome) -> str:
    return "failed" if outcome.status is Status.FAILED else "is blocked"


def make_executor(
    name: str,
    settings: Settings,
    scheduler: str | None,
    progress: Callable[[str, float], None],
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
        from .executors.dask import DaskExecutor  # noqa: PLC0415

        return DaskExecutor(settings.workers, scheduler, settings.lake_root)
    from .executors.local import InProcessExecutor, LocalExecutor  # noqa: PLC0415

    one = settings.workers == 1
    return InProcessExecutor(progress) if one else LocalExecutor(settings.workers)
