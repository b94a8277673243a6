"""A small lake on which each stage can be run over nothing and over an older partition."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from src.data_eng.errors import PartitionNotFoundError
from src.data_eng.lake.manifest import manifest_sha256
from src.data_eng.lake.paths import MANIFEST, PART, SUCCESS, Partition
from src.data_eng.lake.publish import leftovers
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.pipeline.plan import selected_stages
from src.data_eng.sample import SampleFuture, write_future_day
from src.data_eng.stages.outcome import Outcome, Status
from src.data_eng.stages.stage import Stage
from tests.dbn_files import DATE
from tests.lakes import run_stage

CONTRACT = "ESM5"
RECORDS = 5_000

LIGHT = (
    *("bronze.future.market_by_price_10", "silver.future.market_by_price_10_clean"),
    *("silver.future.trades", "silver.future.ohlcv_2m", "silver.future.level"),
    "gold.future.market_by_price_10_first3h",
)
"""By whose stages each kind of stage is met that takes less than a tenth of a second: raw files to
records, a copied table, rows kept, sums, parameters of earlier dates, a time filter."""

Versions = list[str | None]


def stages() -> list[Stage]:
    """Return every stage of futures, the light ones first."""
    found = selected_stages(("future",), ("bronze", "silver", "gold"))
    return sorted(found, key=lambda one: one.writes[0].key not in LIGHT)


def light_stages() -> list[Stage]:
    """Return the stages that write `LIGHT`."""
    return [one for one in stages() if one.writes[0].key in LIGHT]


@dataclass(frozen=True)
class StageLake:
    """The lake; every table of it is built by the time that a stage is tried."""

    root: Path

    @classmethod
    def built(cls, root: Path, wanted: Sequence[Stage]) -> StageLake:
        """Build the tables of some stages, in the order of the registry."""
        root.mkdir()
        write_future_day(root / "raw", SampleFuture(date=DATE, records=RECORDS))
        lake = cls(root)
        for stage in selected_stages(("future",), ("bronze", "silver", "gold")):
            if any(stage is one for one in wanted):
                lake.run(stage)
        return lake

    def run(self, stage: Stage) -> tuple[Outcome, ...]:
        """Run a stage; what is stale is rebuilt."""
        symbol = "ES" if stage.is_raw else CONTRACT
        outcome = run_stage(stage, self.root, symbol, DATE, refresh_stale=True)
        assert outcome.status in (Status.WRITTEN, Status.COMPLETE), outcome
        return (outcome,)

    def partitions(self, stage: Stage) -> list[Partition]:
        """Return what a stage writes."""
        return [Partition(one, CONTRACT, DATE) for one in stage.writes]

    def versions(self, stage: Stage) -> Versions:
        """Return the manifest of each partition as readers see it, verified; None without one."""
        found: Versions = []
        for partition in self.partitions(stage):
            try:
                with PublishedPartition(self.root, partition) as published:
                    published.verify()
                    found.append(published.manifest_sha256)
            except PartitionNotFoundError:
                found.append(None)
        return found

    def left(self, stage: Stage) -> list[Path]:
        """Return the temporary folders of what a stage writes."""
        return [
            one for partition in self.partitions(stage) for one in leftovers(self.root, partition)
        ]

    def prepare(self, stage: Stage, *, is_old: bool) -> Versions:
        """Let partitions of an older version stand, or none; return their manifests."""
        for partition in self.partitions(stage):
            folder = self.root / partition.folder
            if not is_old:
                shutil.rmtree(folder)
                continue
            body = json.loads((folder / MANIFEST).read_text())
            body["stage"]["version"] = 0
            data = (json.dumps(body, indent=2, sort_keys=True) + "\n").encode()
            (folder / MANIFEST).write_bytes(data)
            (folder / SUCCESS).write_text(manifest_sha256(data) + "\n")
        return self.versions(stage)

    def data(self, stage: Stage) -> list[bytes]:
        """Return the bytes of the data files."""
        return [(self.root / one.folder / PART).read_bytes() for one in self.partitions(stage)]
