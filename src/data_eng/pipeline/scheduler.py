"""Runs a graph of tasks on an executor: the one loop that owns order, retries and what is blocked.

0. What is complete is told first, and takes part in nothing of this (`complete`).
1. What is ready is taken oldest date first, within a date what others wait for longest. At most one
   date more than there are slots is open at a time, so that finished days appear early.
2. A task is told how its inputs stand that this run has settled; its contract is theirs.
3. A failed input of the same date blocks what reads it. Earlier sessions are waited for only.
4. A task that is lost with its worker is run again, at most `MAX_LOST` times.
5. A task whose partition another process holds is put back, and others go first (`Held`).
6. A date stays with the host that began it, unless that host is gone or another one idles.
7. A slot that takes several tasks as one (`Slot.together`) is given more of the date, while other
   dates wait to be opened. What was lost so with its worker is run again by itself.
"""

from __future__ import annotations

import datetime as dt
import graphlib
import logging
import time
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from typing import Final

from ..errors import LostWorkerError
from ..settings import Settings
from ..stages.outcome import Outcome
from .ahead import fetch_ahead
from .complete import CompleteNodes
from .executors import Executor, Slot
from .followers import symbol_of, told
from .held import Held
from .plan import Graph, Node, Request
from .ready import ReadyNodes
from .run_log import new_run_id
from .task import Task, TaskResult, failed
from .verdicts import why_blocked

log = logging.getLogger(__name__)

MAX_LOST: Final = 2
"""How often a task may lose its worker before it is given up."""


@dataclass
class _Running:
    node: Node
    task: Task
    slot: Slot
    then: tuple[Node, ...] = ()


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
    readers : int
        Processes that read manifests which no index knows (`read_ahead`).
    peak_bytes : int
        Largest resident size of a process that ran tasks.
    requests : Counter
        Made of object storage by tasks, by kind.
    """

    request: Request
    graph: Graph
    executor: Executor
    name: str = field(default_factory=new_run_id)
    readers: int = 1
    peak_bytes: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    _done: dict[tuple[str, dt.date], Outcome] = field(default_factory=dict)
    _lost: Counter[Node] = field(default_factory=Counter)
    _held: dict[Node, Held] = field(default_factory=dict)
    _home: dict[dt.date, str] = field(default_factory=dict)
    _settled: set[Node] = field(default_factory=set)
    _early: dict[Node, TaskResult] = field(default_factory=dict)  # of what is not ready by itself
    _alone: set[Node] = field(default_factory=set)

    def results(self) -> Generator[TaskResult, None, None]:
        """Yield what each task came to, as it ends.

        A caller that stops early ends the workers that are at work.
        """
        finished = False
        try:
            fetch_ahead(self.request, self.graph, self.name)
            complete = CompleteNodes(self.request, self.graph, self.name, self.readers)
            for node, found in complete.results():
                yield self._take(node, found)
            yield from self._loop([one for one in self.graph.nodes if one not in complete.nodes])
            finished = True
        finally:
            self.executor.close(now=not finished)

    def _loop(self, nodes: Sequence[Node]) -> Iterator[TaskResult]:
        sorter = graphlib.TopologicalSorter(
            {node: set(self.graph.waits_for(node)) - self._settled for node in nodes}
        )
        sorter.prepare()
        ready = ReadyNodes(self.graph.height, self._home, self._held)
        left = Counter(date for _, date in nodes)
        opened: set[dt.date] = set()
        running: dict[Future[TaskResult], _Running] = {}
        while sorter.is_active() or running:
            # Whether it is blocked is settled with what it waited for: looked at once.
            settled = False
            for node in sorter.get_ready():
                result = self._early.pop(node, None) or self._blocked(node)
                if result is None:
                    ready.add(node)
                    continue
                settled = True
                sorter.done(node)
                left[node[1]] -= 1
                yield self._take(node, result)
            if settled:
                continue  # what waited for them is ready now
            is_slot_free = self._fill(ready, running, opened, left)
            for future in self._ended(ready, running, may_try=is_slot_free):
                for node, ended in self._results(running.pop(future), future).items():
                    if node not in ready.taken:
                        # Not ready by itself: it is when what it waited for is told.
                        if ended is not None:
                            self._early[node] = ended
                        continue
                    if ended is None:
                        ready.add(node)
                        continue
                    sorter.done(node)
                    left[node[1]] -= 1
                    yield self._take(node, ended)

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
            then: tuple[Node, ...] = ()
            if slot.together > 1 and node not in self._alone and ready.is_any_unopened(opened):
                then = self._followers(node, slot.together, running)
            for one in then:
                ready.remove(one)
            task = replace(self._task(node), then=tuple(self._task(one) for one in then))
            running[self.executor.submit(task, slot)] = _Running(node, task, slot, then)
        return False

    def _followers(
        self, first: Node, most: int, running: Mapping[Future[TaskResult], _Running]
    ) -> tuple[Node, ...]:
        # What a slot does after a node: of its date, ready now or once those before it are done.
        given = {one for each in running.values() for one in (each.node, *each.then)}
        found = {first: None}
        for key in self.graph.in_order:
            node = key, first[1]
            is_out = node in found or node in given or node in self._settled or node in self._early
            if is_out or node in self._alone or node in self._held:
                continue
            before = self.graph.waits_for(node)
            is_next = all(one in self._settled or one in found for one in before)
            if is_next and self._blocked(node) is None:
                found[node] = None
            if len(found) == most:
                break
        return tuple(found)[1:]

    def _results(self, one: _Running, future: Future[TaskResult]) -> dict[Node, TaskResult | None]:
        # Of each node; None where it is to be run again, or was not run.
        error = future.exception()
        if one.then and isinstance(error, LostWorkerError):
            # Which of them took the worker down is seen when each is run by itself.
            nodes = (one.node, *one.then)
            self._alone.update(nodes)
            log.warning("a worker died; %d tasks of %s are run again", len(nodes), one.node[1])
            return dict.fromkeys(nodes)
        found = {one.node: self._result(one, future), **dict.fromkeys(one.then)}
        if one.then:
            for each in future.result().then:
                first = each.outcomes[0]
                found[self.graph.writer_of[first.dataset], first.date] = each
        return found

    def _result(self, one: _Running, future: Future[TaskResult]) -> TaskResult | None:
        # None where the task is to be run again.
        error = future.exception()
        if error is None:
            result = replace(future.result(), then=())
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

    def _take(self, node: Node, result: TaskResult) -> TaskResult:
        self._settled.add(node)
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
        task = Task(
            key, self.request.symbol, date, self._settings, (), self.name, self.request.dry_run
        )
        return told(task, stage, self._done)

    def _blocked(self, node: Node) -> TaskResult | None:
        key, date = node
        stage = self.graph.stage_of[key]
        verdict = why_blocked(stage, date, self._done)
        if verdict is None:
            return None
        status, reason, cause = verdict
        symbol = symbol_of(stage, date, self._done, self.request.symbol)
        return TaskResult(
            tuple(
                Outcome(one.key, symbol, date, status, reason, cause=cause) for one in stage.writes
            )
        )
