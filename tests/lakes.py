"""Lakes for tests, built by the registered stages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from src.data_eng.lake.paths import Partition
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.pipeline.executors.local import InProcessExecutor
from src.data_eng.pipeline.plan import Request, build_graph, selected_stages
from src.data_eng.pipeline.scheduler import Run
from src.data_eng.pipeline.task_log import emit
from src.data_eng.settings import Settings
from src.data_eng.stages.outcome import Outcome, Standing, Status
from src.data_eng.stages.registry import producer
from src.data_eng.stages.stage import Stage
from src.data_eng.stages.staleness import Currency
from src.data_eng.stages.target import Context


def context(lake: Path, current: Sequence[Partition] = (), **settings: Any) -> Context:
    """Return what a stage is run with on a lake; some partitions are taken for current."""
    made = Settings(lake_root=lake, **settings)
    known = {}
    for one in current:
        with PublishedPartition(lake, one) as published:
            content = published.manifest.content_sha256
        known[(one.dataset.key, one.date)] = Standing(one.symbol, content)
    return Context(made, Currency(made, known, producer))


def run_stage(stage: Stage, lake: Path, symbol: str, date: dt.date, **settings: Any) -> Outcome:
    """Run a stage on one date; return the outcome of its first table."""
    return stage.run(context(lake, **settings), symbol, date)[0]


def run(key: str, lake: Path, symbol: str, date: dt.date, **settings: Any) -> Outcome:
    """Run the stage that writes a table; return the table's outcome."""
    outcomes = producer(key).run(context(lake, **settings), symbol, date)
    return next(one for one in outcomes if one.dataset == key)


def build(keys: list[str], lake: Path, symbol: str, date: dt.date, **settings: Any) -> None:
    """Run the stages that write some tables, in this order; each must write."""
    for key in keys:
        outcome = run(key, lake, symbol, date, **settings)
        is_built = outcome.status in (Status.WRITTEN, Status.COMPLETE)
        # On a date without a regular session there is nothing to build of some tables.
        assert is_built or outcome.status is Status.SKIPPED, outcome


def tables_of(product_type: str, *layers: str) -> list[str]:
    """Return the datasets that a run of some layers writes for a contract and date."""
    stages = selected_stages((product_type,), layers)
    return [table.key for stage in stages for table in stage.writes]


def run_request(
    product_type: str,
    layer: str,
    dates: list[dt.date],
    lake: Path,
    symbol: str = "ES",
    **settings: Any,
) -> list[Outcome]:
    """Run what a command line asks for, in this process; return every outcome."""
    made = Settings(lake_root=lake, **settings)
    request = Request(product_type, layer, symbol, tuple(dates), made)
    executor = InProcessExecutor(lambda _key, _share: None)
    run = Run(request, build_graph(request), executor)
    outcomes: list[Outcome] = []
    for result in run.results():
        emit(result)
        outcomes += result.outcomes
    return outcomes
