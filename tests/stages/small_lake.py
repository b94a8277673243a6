"""Lakes of six dates for tests of stages: cheap stages over real Bronze, built by real runs.

The stages above Bronze write no rows: their content is in their facts. One writes two tables, one
reads the three sessions before.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.exchange.calendar import sessions_before
from src.data_eng.lake.paths import Partition
from src.data_eng.pipeline.executors.local import InProcessExecutor
from src.data_eng.pipeline.plan import Request, build_graph
from src.data_eng.pipeline.scheduler import Run
from src.data_eng.settings import Settings
from src.data_eng.stages import registry
from src.data_eng.stages.bronze.market_by_price_10 import BronzeMarketByPrice10
from src.data_eng.stages.inputs import Inputs
from src.data_eng.stages.outcome import Outcome, Status
from src.data_eng.stages.reads import Read, ReadEarlier
from src.data_eng.stages.silver.clean import SilverClean
from src.data_eng.stages.stage import Stage
from src.data_eng.stages.target import Context, Made, Target, Writers
from tests.dbn_files import DAY_NS, START_NS, day_ns, mbp10_records, write_mbp10

BRONZE, CLEAN = "bronze.future.market_by_price_10", "silver.future.market_by_price_10_clean"
BARS, LEVEL, MARKET = "silver.future.ohlcv_2m", "silver.future.level", "silver.future.market"
END = "gold.future.market_first3h"
TABLES = (BRONZE, CLEAN, BARS, LEVEL, MARKET, END)
DATES = tuple(sorted(sessions_before(dt.date(2025, 6, 12), 6)))
D1, D2, D3, D4, D5, D6 = DATES
BACK = 3
RAW = "raw/source=databento/product_type=future/symbol=ES/table=market_by_price_10"

Found = dict[tuple[str, dt.date], Outcome]


class Two(Stage):
    """Writes two tables in one pass: what the bars are, and what they were made with."""

    name: ClassVar[str] = "two"
    version: ClassVar[int] = 1
    reads = (Read(CLEAN),)
    writes = (dataset(BARS), dataset(LEVEL))

    def __init__(self) -> None:
        self.passes: list[tuple[dt.date, list[str]]] = []

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        return {"minutes": settings.opening_range_minutes}

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        wanted = [one.key for one in self.writes if writers.wants(one)]
        self.passes.append((target.date, wanted))
        return Made(facts={"records": inputs[CLEAN].table.rows // 10})


class Market(Stage):
    """Reads the bars of three sessions before."""

    name: ClassVar[str] = "market"
    version: ClassVar[int] = 1
    reads = (Read(CLEAN), Read(BARS), ReadEarlier(BARS, BACK))
    writes = (dataset(MARKET),)

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        earlier = [
            None if one.table is None else one.table.manifest.facts["records"]
            for one in inputs.earlier(BARS)
        ]
        return Made(facts={"earlier": earlier, "own": inputs[BARS].manifest.facts["records"]})


class End(Stage):
    """Reads the market."""

    name: ClassVar[str] = "end"
    version: ClassVar[int] = 1
    reads = (Read(MARKET),)
    writes = (dataset(END),)

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        return Made(facts=inputs[MARKET].manifest.facts)


class Lake:
    """A lake of these stages."""

    def __init__(self, root: Path, two: Two) -> None:
        self.root, self.two = root, two

    def deliver(self, date: dt.date, records: int) -> Path:
        start = day_ns(date) + START_NS % DAY_NS
        path = self.root / RAW / f"{date}.dbn.zst"
        return write_mbp10(path, mbp10_records(records, start_ns=start), date=date)

    def run(
        self, *dates: dt.date, layer: str = "all", dry_run: bool = False, **settings: Any
    ) -> Found:
        made = Settings(lake_root=self.root, **settings)
        symbol = "ES" if layer == "all" else "ESM5"
        request = Request("future", layer, symbol, dates or DATES, made, dry_run)
        executor = InProcessExecutor(lambda _key, _share: None)
        results = Run(request, build_graph(request), executor).results()
        told = [one for result in results for one in result.outcomes]
        found = {(one.dataset, one.date): one for one in told}
        assert len(found) == len(told)
        return found

    def folder(self, key: str, date: dt.date) -> Path:
        return self.root / Partition(dataset(key), "ESM5", date).folder

    def remove(self, key: str, date: dt.date) -> None:
        shutil.rmtree(self.folder(key, date))

    def files(self) -> dict[str, tuple[int, bytes]]:
        """Return every file of the layers with its time, which a rewritten one has anew."""
        return {
            str(path.relative_to(self.root)): (path.stat().st_mtime_ns, path.read_bytes())
            for layer in ("bronze", "silver", "gold")
            for path in (self.root / layer).rglob("*")
            if path.is_file()
        }


def statuses(found: Found, status: Status) -> set[tuple[str, dt.date]]:
    return {where for where, one in found.items() if one.status is status}


def build_lake(root: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """Return a lake whose six dates are built by these stages, which take the place of ours."""
    two = Two()
    bronze = BronzeMarketByPrice10()
    stages = (bronze, SilverClean(dataset(BRONZE), dataset(CLEAN)), two, Market(), End())
    producers = {table.key: one for one in stages for table in one.writes}
    monkeypatch.setattr(registry, "_stages", lambda _levels: stages)
    monkeypatch.setattr(registry, "_producers", lambda _levels: producers)
    made = Lake(root, two)
    for date in DATES:
        made.deliver(date, 20)
    assert statuses(made.run(), Status.WRITTEN) == {(key, day) for key in TABLES for day in DATES}
    assert statuses(made.run(), Status.COMPLETE) == {(key, day) for key in TABLES for day in DATES}
    return made
