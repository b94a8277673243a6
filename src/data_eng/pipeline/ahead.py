"""What a plan reads of a lake on object storage: fetched side by side, before it is asked for.

A task asks for one manifest after the other, and each of them is a way to the store and back. Here
the process that owns the run brings all that the plan can name to the mirror of this host, where
its tasks find it. A worker, which may be on another host, brings what its task can name to its own.
Which contract a date has is told by Bronze; of others nothing is listed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final

from ..catalogue.datasets import Dataset, dataset
from ..errors import DataEngError, LakeError
from ..exchange.symbols import root_of
from ..lake.front import FUTURES
from ..lake.location import is_remote, open_lake
from ..lake.paths import Partition
from ..lake.side_by_side import side_by_side
from ..lake.store import store_of
from ..stages.reads import Follow, ReadEarlier
from ..stages.registry import producer
from ..stages.staleness import Outside
from ..vendor.raw_index import fetch_digests
from .plan import Graph, Request
from .run_memory import Memory, memory_of
from .task import Task

_Dates = dict[str, set[dt.date]]
"""Dates by dataset."""

_RAW: Final = "raw."


def fetch_ahead(request: Request, graph: Graph, run: str) -> None:
    """Fetch manifests, headers and hashes of raw files that the plan of a run asks for.

    Of a lake in a folder nothing is done. What cannot be fetched is told where it is read.
    """
    if not is_remote(request.settings.lake_root):
        return
    lake_root = open_lake(request.settings.lake_root, view=run)
    memory = memory_of(run)
    outside = memory.outside(replace(request.settings, lake_root=lake_root))
    written = [table.key for stage in graph.stages for table in stage.writes]
    dates = _read_by([(key, set(graph.dates)) for key in written])
    with contextlib.suppress(LakeError):
        _fetch(memory, outside, root_of(request.symbol), dates)


def fetch_for(task: Task) -> None:
    """Fetch what a task, and those that follow it, look up of what the run has not settled.

    Of what is not built yet its inputs too. Each is fetched once by a process of a run. Nothing is
    done, and nothing told, as in `fetch_ahead`.
    """
    settings = task.settings
    if not is_remote(settings.lake_root):
        return
    together, root = (task, *task.then), root_of(task.symbol)
    stages = [producer(one.stage) for one in together]
    settled = frozenset((key, day) for one in together for key, day, _ in one.known)
    with contextlib.suppress(DataEngError):
        lake_root = open_lake(settings.lake_root, view=task.run)
        memory = memory_of(task.run)
        outside = memory.outside(replace(settings, lake_root=lake_root))
        if (store := store_of(lake_root)) is not None:
            others = {found for one in together for found in one.written} - memory.seen
            side_by_side(lambda found: memory.look_at(store, found), sorted(others))
        written = [table for stage in stages for table in stage.writes]
        dates = _read_by([(table.key, {task.date}) for table in written], settled)
        for stage in stages:
            if not all(_is_there(outside, table, root, task.date) for table in stage.writes):
                for read in stage.reads:
                    days = read.dates(task.date) if isinstance(read, ReadEarlier) else [task.date]
                    dates.setdefault(read.key, set()).update(days)
        _fetch(memory, outside, root, dates)


def _is_there(outside: Outside, table: Dataset, root: str, date: dt.date) -> bool:
    listed = outside.view.listing.of_root(table, root).values()
    return any(date in dates.there for dates in listed)


def _fetch(memory: Memory, outside: Outside, root: str, dates: _Dates) -> None:
    # What was fetched before is not looked at again.
    for key in [one for one in dates if one.startswith(_RAW)]:
        folder = outside.raw.folder(outside.raw.place(dataset(key), root))
        files = {one.relative for day in dates[key] for one in folder.covering(day)}
        fetch_digests(outside.view.lake_root, files - memory.digests)
        memory.digests |= files
    wanted = [one for one in _partitions(outside, root, dates) if one not in memory.fetched]
    memory.fetched.update(wanted)
    outside.view.prepare(wanted)


def _partitions(outside: Outside, root: str, dates: _Dates) -> Iterator[Partition]:
    contracts = outside.view.listing.contracts
    for key in [one for one in dates if not one.startswith(_RAW)]:
        for day in sorted(dates[key]):
            for symbol in contracts(dataset(FUTURES), root, day):
                yield Partition(dataset(key), symbol, day)


def _read_by(
    written: Sequence[tuple[str, set[dt.date]]], settled: Collection[tuple[str, dt.date]] = ()
) -> _Dates:
    # What is written, and all that is read for it, down to the raw files or to what is settled.
    found: _Dates = {}
    followed: _Dates = {}  # of these what they were made from is not asked for
    left = list(written)
    while left:
        key, asked = left.pop()
        new = {one for one in asked if (key, one) not in settled} - found.setdefault(key, set())
        found[key] |= new
        for read in producer(key).reads if new and not key.startswith(_RAW) else ():
            if isinstance(read, Follow):
                followed.setdefault(read.key, set()).update(new)
            elif isinstance(read, ReadEarlier):
                left.append((read.key, {day for one in new for day in read.dates(one)}))
            else:
                left.append((read.key, new))
    for key, days in followed.items():
        found.setdefault(key, set()).update(days)
    return found
