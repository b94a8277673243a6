"""What a run finds complete: told before anything is begun, by the process that owns the run.

A nightly run over years finds nearly all of its partitions complete. They are looked at here, date
by date, without a task each. What is not complete, what waits for it, and whatever cannot be told
here is left to the loop (`scheduler`), whose tasks look again.
"""

from __future__ import annotations

import datetime as dt
import resource
import time
from collections.abc import Iterator
from typing import Final

from ..exchange.symbols import is_root, root_of
from ..lake.listing import LakeListing
from ..lake.location import is_remote
from ..lake.paths import Partition
from ..stages.outcome import Outcome, Status, standing_of
from ..stages.reads import Follow, Read, ReadEarlier
from ..stages.registry import producer
from ..stages.stage import Stage
from ..stages.staleness import Currency
from ..stages.target import Context
from .plain import PlainNodes
from .plan import Graph, Node, Request, node_key
from .read_ahead import Series, read_ahead
from .run_memory import outside_of
from .run_task import contract_for
from .task import TaskResult, ran_now
from .task_log import collected
from .verdicts import inputs_of, why_blocked

_KILOBYTE: Final = 1024
_STAYS: Final = frozenset({Status.COMPLETE, Status.SKIPPED})


class CompleteNodes:
    """Finds the nodes of a graph of which nothing is to be done.

    Parameters
    ----------
    request : Request
    graph : Graph
    run : str
        Id of the run.
    readers : int
        Processes that read manifests which no index knows (`read_ahead`).

    Attributes
    ----------
    nodes : set of Node
        Those found so far.
    """

    def __init__(self, request: Request, graph: Graph, run: str, readers: int = 1) -> None:
        self.nodes: set[Node] = set()
        self._request, self._graph = request, graph
        self._done: dict[tuple[str, dt.date], Outcome] = {}
        self._left: set[tuple[str, dt.date]] = set()
        self._run, self._readers = run, readers

    def results(self) -> Iterator[tuple[Node, TaskResult]]:
        """Yield each of them and what it came to, in order of date."""
        settings = self._request.settings
        if settings.force or is_remote(settings.lake_root):
            return  # all is built; or another host may know better what it has fetched
        # Nothing that is found here was built in this run: it is as if it were outside of it.
        currency = Currency(settings, {}, producer, outside_of(self._run, settings))
        read_ahead(currency.view, self._series(currency.view.listing), self._readers)
        context = Context(settings, currency)
        plain = PlainNodes(self._request, self._graph, currency)
        for date in self._graph.dates:
            yield from self._of_date(context, plain, date)

    def _series(self, listing: LakeListing) -> Iterator[Series]:
        asked, dates = self._request.symbol, frozenset(self._graph.dates)
        for table in (one for stage in self._graph.stages for one in stage.writes):
            for symbol, found in listing.of_root(table, root_of(asked)).items():
                if asked in (symbol, root_of(asked)):
                    yield table, symbol, sorted(dates & found.there)

    def _of_date(
        self, context: Context, plain: PlainNodes, date: dt.date
    ) -> list[tuple[Node, TaskResult]]:
        found = []
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KILOBYTE
        plain.begin(date)
        with collected() as lines:
            for stage in self._graph.stages:
                began, before = time.time(), len(lines)
                node = node_key(stage), date
                outcomes = None if self._waits_for_earlier(stage, date) else plain.outcomes(stage)
                if outcomes is not None:
                    self._take(node, outcomes)
                    found.append((node, TaskResult(outcomes, (), peak)))
                    continue
                plain.end()
                outcomes = self._outcomes(context, stage, date)
                if outcomes is None:
                    self._left.update((table.key, date) for table in stage.writes)
                    continue
                self._take(node, outcomes)
                for table, one in zip(stage.writes, outcomes, strict=True):
                    where = Partition(table, one.symbol, date)
                    context.currency.note(where, standing_of(one))
                told = tuple(lines[before:])
                found.append((node, TaskResult(outcomes, told, peak, ran_now(began))))
        context.currency.view.damaged.clear()  # their tasks tell it
        return found

    def _take(self, node: Node, outcomes: tuple[Outcome, ...]) -> None:
        self.nodes.add(node)
        for one in outcomes:
            self._done[one.dataset, one.date] = one

    def _outcomes(
        self, context: Context, stage: Stage, date: dt.date
    ) -> tuple[Outcome, ...] | None:
        # None where there is something to do, or to tell.
        if self._waits(stage, date) or why_blocked(stage, date, self._done) is not None:
            return None
        try:
            symbol = self._symbol(context, stage, date)
            found = stage.stays(context, symbol, date, dry_run=self._request.dry_run)
        except Exception:  # noqa: BLE001 - the task looks again, and tells it
            return None
        if found is None or not all(one.status in _STAYS for one in found):
            return None
        return found

    def _waits(self, stage: Stage, date: dt.date) -> bool:
        same = (one.key for one in stage.reads if isinstance(one, Read | Follow))
        if any(key in self._graph.writer_of and (key, date) not in self._done for key in same):
            return True
        return self._waits_for_earlier(stage, date)

    def _waits_for_earlier(self, stage: Stage, date: dt.date) -> bool:
        return bool(self._left) and any(
            (read.key, day) in self._left
            for read in stage.reads
            if isinstance(read, ReadEarlier)
            for day in read.dates(date)
        )

    def _symbol(self, context: Context, stage: Stage, date: dt.date) -> str:
        for outcome in inputs_of(stage, date, self._done):
            if not is_root(outcome.symbol):
                return outcome.symbol
        asked = self._request.symbol
        return contract_for(stage, context.settings, context.currency.view, asked, date)
