"""Runs a graph of tasks on an executor: the one loop that owns order, retries and what is blocked.

0. What is complete is told first, and takes part in nothing of this (`complete`).
1. What is ready is taken oldest date first, within a date what others wait for longest. At most one
   date more than there are slots is open at a time, so that finished days appear early.
2. A task is told how its inputs stand that this run has settled; its contract is theirs.
3. A failed input of the same date blocks what reads it. Earlier sessions are waited for only.
4. A task that is lost with its worker is run again, at most `MAX_LOST` times.
5. A task whose partition another process holds is put back, and others go first (`Held`).
6. A date stays with the host that began it, unless that host is gone or another one idles.
"""

from __future__ import annotations

import datetime as dt
import graphlib
import logging
import time
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from typing import Final

from ..errors import LostWorkerError
from ..exchange.symbols import is_root
from ..settings import Settings
from ..stages.outcome import Outcome, Standing, Status, standing_of
from ..stages.reads import Follow, Read, ReadEarlier
from ..stages.stage import Stage
from .complete import CompleteNodes
from .executors import Executor, Slot
from .held import Held
from .plan import Graph, Node, Request
from .ready import ReadyNodes
from .run_log import new_run_id
from .task import Task, TaskResult, failed
from .verdicts import inputs_of, why_blocked

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
    name : str
        Id of the run.
    peak_bytes : int
        Largest resident size of a process that ran tasks.
    requests : Counter
        Made of object storage by tasks, by kind.
    """

    request: Request
    graph: Graph
    executor: Executor
    name: str = field(default_factory=new_run_id)
    peak_bytes: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    _done: dict[tuple[str, dt.date], Outcome] = field(default_factory=dict)
    _lost: Counter[Node] = field(default_factory=Counter)
    _held: dict[Node, Held] = field(default_factory=dict)
    _home: dict[dt.date, str] = field(default_factory=dict)

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
        complete = CompleteNodes(self.request, self.graph, self.name)
        for found in complete.results():
            yield self._take(found)
        begun = [node for node in self.graph.nodes if node not in complete.nodes]
        sorter = graphlib.TopologicalSorter(
            {node: set(self.graph.before(node)) - complete.nodes for node in begun}
        )
        sorter.prepare()
        ready = ReadyNodes(self.graph.height, self._home, self._held)
        left = Counter(date for _, date in begun)
        opened: set[dt.date] = set()
        running: dict[Future[TaskResult], _Running] = {}
        while sorter.is_active() or running:
            # Whether it is blocked is settled with what it waited for: looked at once.
            blocked = False
            for node in sorter.get_ready():
                result = self._blocked(node)
                if result is None:
                    ready.add(node)
                    continue
                blocked = True
                sorter.done(node)
                left[node[1]] -= 1
                yield self._take(result)
            if blocked:
                continue  # what waited for them is ready now
            is_slot_free = self._fill(ready, running, opened, left)
            for future in self._ended(ready, running, may_try=is_slot_free):
                one = running.pop(future)
                ended = self._result(one, future)
                if ended is None:
                    ready.add(one.node)
                    continue
                sorter.done(one.node)
                left[one.node[1]] -= 1
                yield self._take(ended)

    def _ended(
        self, ready: ReadyNodes, running: Mapping[Future[TaskResult], _Running], *, may_try: bool
    ) -> set[Future[TaskResult]]:
        # Waits until something ends or, where a slot is free, what is held may be tried again.
        held = self._held.items() if may_try else ()
        again = [one.again for node, one in held if node in ready]
        pause = max(min(again) - time.monotonic(), 0.0) if again else None
        if running:
            return wait(running, pause, return_when=FIRST_COMPLETED).done
        if pause:
            time.sleep(pause)
        return set()

    def _fill(
        self,
        ready: ReadyNodes,
        running: dict[Future[TaskResult], _Running],
        opened: set[dt.date],
        left: Mapping[dt.date, int],
    ) -> bool:
        # Gives the free slots what is ready; returns whether one stays free.
        slots = list(self.executor.slots())
        hosts = {one.host for one in slots}
        busy = {one.slot for one in running.values()}
        for slot in [one for one in slots if one not in busy]:
            opened -= {date for date in opened if not left[date]}
            node = ready.take(opened, len(slots) + 1, hosts - {slot.host})
            if node is None:
                return True
            opened.add(node[1])
            if self._home.get(node[1]) not in hosts:
                self._home[node[1]] = slot.host
            task = self._task(node)
            running[self.executor.submit(task, slot)] = _Running(node, task, slot)
        return False

    def _result(self, one: _Running, future: Future[TaskResult]) -> TaskResult | None:
        # None where the task is to be run again.
        error = future.exception()
        if error is None:
            result = future.result()
            if result.busy:
                return self._put_back(one, result)
            self._held.pop(one.node, None)
            return result
        if not isinstance(error, LostWorkerError):
            raise error
        self._lost[one.node] += 1
        key, date = one.node
        if self._lost[one.node] < MAX_LOST:
            log.warning("a worker died; %s %s is run again", key, date)
            return None
        reason = (
            "its worker process died twice (killed, or out of memory: a stage takes up to 1 GiB; "
            f"last: {error}); give the processes more memory, or try --workers 1"
        )
        return TaskResult(failed(self.graph.stage_of[key], one.task, reason))

    def _put_back(self, one: _Running, result: TaskResult) -> TaskResult | None:
        # None where it is to be tried again, when others had their turn.
        now, limit = time.monotonic(), self.request.settings.lock_timeout_s
        held = self._held.setdefault(one.node, Held(now))
        if now - held.since < limit:
            held.put_back(now)
            if held.tries == Held.TOLD_AFTER:
                log.warning("%s; this run goes on with others and waits", result.outcomes[0].reason)
            return None
        del self._held[one.node]
        waited = f" (waited {limit:g} s: lock_timeout_s)"
        told = tuple(replace(each, reason=each.reason + waited) for each in result.outcomes)
        return replace(result, outcomes=told)

    def _take(self, result: TaskResult) -> TaskResult:
        for outcome in result.outcomes:
            self._done[(outcome.dataset, outcome.date)] = outcome
        self.peak_bytes = max(self.peak_bytes, result.peak_bytes)
        self.requests.update(dict(result.requests))
        return result

    @property
    def _settings(self) -> Settings:
        # A worker waits for no lock: it takes another task meanwhile.
        return replace(self.request.settings, lock_timeout_s=0.0)

    def _task(self, node: Node) -> Task:
        key, date = node
        stage = self.graph.stage_of[key]
        known: list[tuple[str, dt.date, Standing]] = []
        written: list[tuple[str, str, dt.date]] = []
        for read in stage.reads:
            followed = self._done.get((read.key, date)) if isinstance(read, Follow) else None
            if followed is not None and followed.status is Status.WRITTEN:
                written.append((read.key, followed.symbol, date))
            for day in read.dates(date) if isinstance(read, Read | ReadEarlier) else ():
                outcome = self._done.get((read.key, day))
                if outcome is not None and outcome.status is Status.WRITTEN:
                    written.append((read.key, outcome.symbol, day))
                # Of what came to nothing the lake may hold an older partition: the task looks.
                if outcome is not None and outcome.status not in (Status.FAILED, Status.BLOCKED):
                    known.append((read.key, day, standing_of(outcome)))
        return Task(
            key,
            self._symbol(stage, date),
            date,
            self._settings,
            tuple(known),
            self.name,
            self.request.dry_run,
            tuple(written),
        )

    def _symbol(self, stage: Stage, date: dt.date) -> str:
        # The contract of the inputs made in this run, or what was asked for.
        for outcome in inputs_of(stage, date, self._done):
            if not is_root(outcome.symbol):
                return outcome.symbol
        return self.request.symbol

    def _blocked(self, node: Node) -> TaskResult | None:
        key, date = node
        stage = self.graph.stage_of[key]
        verdict = why_blocked(stage, date, self._done)
        if verdict is None:
            return None
        status, reason, cause = verdict
        symbol = self._symbol(stage, date)
        return TaskResult(
            tuple(
                Outcome(one.key, symbol, date, status, reason, cause=cause) for one in stage.writes
            )
        )
