"""Stages and an executor for tests of the pipeline: no data, no lake, every result scripted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, ClassVar

from src.data_eng.catalogue.datasets import dataset_of_key
from src.data_eng.errors import LostWorkerError
from src.data_eng.pipeline.executors import Slot
from src.data_eng.pipeline.followers import run_together
from src.data_eng.pipeline.plan import Graph, Request
from src.data_eng.pipeline.scheduler import Run
from src.data_eng.pipeline.task import Task, TaskResult, failed
from src.data_eng.settings import Settings
from src.data_eng.stages.inputs import Inputs
from src.data_eng.stages.outcome import Outcome, Status
from src.data_eng.stages.reads import Declared, Follow, Read
from src.data_eng.stages.stage import Stage
from src.data_eng.stages.target import Context, Made, Target, Writers

CONTRACT = "ESM5"

Node = tuple[str, dt.date]


def key(name: str) -> str:
    """Return the dataset key of a table of a fake stage."""
    return f"silver.future.{name}"


class FakeStage(Stage):
    """A stage that is never run, only scheduled."""

    name: ClassVar[str] = "fake"
    version: ClassVar[int] = 1

    def __init__(
        self,
        *tables: str,
        reads: Sequence[Declared] = (),
        closed: Mapping[dt.date, str] | None = None,
    ) -> None:
        self.writes = tuple(dataset_of_key(key(one)) for one in tables)
        self.reads = tuple(reads)
        self._closed = dict(closed or {})

    def closure(self, date: dt.date) -> str | None:
        return self._closed.get(date)

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        raise NotImplementedError


def stage(
    *tables: str,
    read: Sequence[str] = (),
    follow: Sequence[str] = (),
    also: Sequence[Declared] = (),
    closed: Mapping[dt.date, str] | None = None,
) -> FakeStage:
    """Return a stage that writes tables, reads others of its date, and `also` what is declared."""
    named: list[Declared] = [
        *(Read(key(one)) for one in read),
        *(Follow(key(one)) for one in follow),
    ]
    return FakeStage(*tables, reads=[*named, *also], closed=closed)


class FakeExecutor:
    """Ends each task at once as it is told to, but for those that it holds.

    Parameters
    ----------
    graph : Graph
    slots : int
    status : mapping
        What a node comes to; written by default.
    symbols : mapping
        Contract of a node's outcomes, by default `CONTRACT`.
    lost : mapping
        How often a node's worker is lost.
    held : mapping
        A node that ends only once so many others were submitted after it.
    busy : mapping
        How often another process holds what a node writes.
    hosts : sequence of str
        Of the slots; all of one host by default.
    together : int
        Tasks that a slot takes as one.
    """

    def __init__(
        self,
        graph: Graph,
        slots: int = 1,
        *,
        status: Mapping[Node, Status] | None = None,
        symbols: Mapping[Node, str] | None = None,
        lost: Mapping[Node, int] | None = None,
        held: Mapping[Node, int] | None = None,
        busy: Mapping[Node, int] | None = None,
        hosts: Sequence[str] = (),
        together: int = 1,
    ) -> None:
        names = hosts or ["here"] * slots
        self._graph = graph
        self._slots = [Slot(f"slot {n}", one, together) for n, one in enumerate(names)]
        self._blocked = dict(busy or {})
        self.placed: list[tuple[Node, str]] = []
        self._status, self._symbols = dict(status or {}), dict(symbols or {})
        self._lost, self._held = dict(lost or {}), dict(held or {})
        self._waiting: dict[Node, tuple[Future[TaskResult], Task]] = {}
        self._busy: dict[Slot, Future[TaskResult]] = {}
        self.submitted: list[Task] = []
        self.ran: list[Task] = []
        self.closed: list[bool] = []

    @property
    def nodes(self) -> list[Node]:
        """What was submitted, in order."""
        return [(one.stage, one.date) for one in self.submitted]

    def slots(self) -> Sequence[Slot]:
        return self._slots

    def submit(self, task: Task, slot: Slot) -> Future[TaskResult]:
        before = self._busy.get(slot)
        assert before is None or before.done(), f"{slot} takes one task at a time"
        node, future = (task.stage, task.date), Future[TaskResult]()
        self._busy[slot] = future
        self.submitted.append(task)
        self.placed.append((node, slot.host))
        for one in list(self._waiting):
            self._held[one] -= 1
            if self._held[one] <= 0:
                self._end(*self._waiting.pop(one))
        if self._held.get(node, 0) > 0:
            self._waiting[node] = future, task
        else:
            self._end(future, task)
        return future

    def close(self, *, now: bool) -> None:
        self.closed.append(now)

    def _end(self, future: Future[TaskResult], task: Task) -> None:
        try:
            result = run_together(task, self._run, self._graph.stage_of.__getitem__)
        except LostWorkerError as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    def _run(self, task: Task) -> TaskResult:
        node = task.stage, task.date
        self.ran.append(task)
        if self._lost.get(node, 0) > 0:
            self._lost[node] -= 1
            raise LostWorkerError("gone")
        if self._blocked.get(node, 0) > 0:
            self._blocked[node] -= 1
            reason = "held by another process"
            told = failed(self._graph.stage_of[task.stage], task, reason)
            return TaskResult(told, busy=True)
        status = self._status.get(node, Status.WRITTEN)
        symbol = self._symbols.get(node, task.symbol if status is Status.FAILED else CONTRACT)
        there = None if status in (Status.FAILED, Status.SKIPPED, Status.BLOCKED) else "hash"
        reason = "" if status is Status.WRITTEN else f"{status} on purpose"
        return TaskResult(
            tuple(
                Outcome(one.key, symbol, task.date, status, reason, content_sha256=there)
                for one in self._graph.stage_of[task.stage].writes
            )
        )


def run_of(graph: Graph, executor: FakeExecutor, **settings: Any) -> Run:
    """Return a run of ES over a graph."""
    made = Settings(lake_root=Path("/nowhere"), **settings)
    request = Request("future", "all", "ES", graph.dates, made)
    return Run(request, graph, executor)


def outcomes_of(graph: Graph, executor: FakeExecutor) -> dict[Node, Outcome]:
    """Run a graph to its end; return what each partition came to, told once each."""
    told = [one for result in run_of(graph, executor).results() for one in result.outcomes]
    found = {(one.dataset, one.date): one for one in told}
    assert len(told) == len(found), "a partition was told twice"
    tables = [table.key for one in graph.stages for table in one.writes]
    assert found.keys() == {(table, date) for table in tables for date in graph.dates}
    return found
