"""What a plan reads of a lake on object storage: fetched side by side, before it is asked for.

A task asks for one manifest after the other, and each of them is a way to the store and back. Here
the process that owns the run brings all that the plan can name to the mirror of this host, where
its tasks find it. Which contract a date has is told by Bronze; of others nothing is listed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ..catalogue.datasets import dataset
from ..errors import LakeError
from ..exchange.symbols import root_of
from ..lake.front import FUTURES
from ..lake.location import is_remote, open_lake
from ..lake.paths import Partition
from ..stages.reads import Follow, ReadEarlier
from ..stages.registry import producer
from ..stages.staleness import Outside
from ..vendor.raw_index import fetch_digests
from .plan import Graph, Request
from .run_memory import outside_of

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
    outside = outside_of(run, replace(request.settings, lake_root=lake_root))
    root, dates = root_of(request.symbol), _read_by(graph)
    with contextlib.suppress(LakeError):
        for key in [one for one in dates if one.startswith(_RAW)]:
            folder = outside.raw.folder(lake_root / dataset(key).folder(root))
            fetch_digests(
                lake_root, {one.relative for day in dates[key] for one in folder.covering(day)}
            )
        outside.view.prepare(list(_partitions(outside, root, dates)))


def _partitions(outside: Outside, root: str, dates: _Dates) -> Iterator[Partition]:
    contracts = outside.view.listing.contracts
    for key in [one for one in dates if not one.startswith(_RAW)]:
        for day in sorted(dates[key]):
            for symbol in contracts(dataset(FUTURES), root, day):
                yield Partition(dataset(key), symbol, day)


def _read_by(graph: Graph) -> _Dates:
    # What the graph writes, and all that is read for it, down to the raw files.
    found: _Dates = {}
    followed: _Dates = {}  # of these what they were made from is not asked for
    left = [(table.key, set(graph.dates)) for stage in graph.stages for table in stage.writes]
    while left:
        key, asked = left.pop()
        new = asked - found.setdefault(key, set())
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
