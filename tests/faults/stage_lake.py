"""A small lake on which each stage can be run over nothing and over an older partition."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

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
from tests.option_files import write_day as write_option_day

from .campaign import Budget

CONTRACT = "ESM5"
RECORDS = 5_000

LIGHT = (
    *("bronze.future.market_by_price_10", "silver.future.market_by_price_10_clean"),
    *("silver.future.trades", "silver.future.ohlcv_2m", "silver.future.level"),
    "gold.future.market_by_price_10_first3h",
    *("bronze.future_option.definition", "bronze.future_option.trades"),
    *("bronze.future_option.nbbo", "bronze.future_option.statistics"),
    *("silver.future_option.definition_clean", "gold.future_option.definition_first3h"),
)
"""By whose stages each kind of stage is met that takes less than a tenth of a second: raw files to
records, a copied table, rows kept, sums, parameters of earlier dates, a time filter; of options
definitions too, by which their other raw files are read."""

CALLS: Final = 48
"""A stage that writes one table makes fewer: past its end it ends undisturbed."""
STRIDE: Final = 37
"""Apart from the number of points: numbers that follow each other are not neighbours."""

Versions = list[str | None]
"""Manifests of a stage's partitions by their SHA-256."""


def _registered() -> Sequence[Stage]:
    return selected_stages(("future", "future_option"), ("bronze", "silver", "gold"))


def stages() -> list[Stage]:
    """Return every stage, the light ones first."""
    return sorted(_registered(), key=lambda one: one.writes[0].key not in LIGHT)


def light_stages() -> list[Stage]:
    """Return the stages that write `LIGHT`."""
    return [one for one in stages() if one.writes[0].key in LIGHT]


def _stages_of_long_runs() -> list[Stage]:
    # The light ones; of options and of what takes them in, those that take seconds too.
    return [
        one
        for one in stages()
        if one.writes[0].key in LIGHT
        or one.writes[0].product_type == "future_option"
        or one.writes[0].table == "feature_vector"
    ]


class StagePoint(NamedTuple):
    """A stage, whether an older partition stands, and the call at which something happens."""

    stage: Stage
    is_old: bool
    at: int

    @classmethod
    def of(cls, number: int, bounded: int) -> StagePoint:
        """Return the point of a number: of a bounded campaign of a light stage."""
        tried = light_stages() if number < bounded else _stages_of_long_runs()
        if number >= bounded:
            number -= bounded
        at, which = divmod(number * STRIDE % (len(tried) * 2 * CALLS), len(tried) * 2)
        return cls(tried[which // 2], bool(which % 2), at)


def stages_to_build(budget: Budget, bounded: int) -> list[Stage]:
    """Return what must be there for the numbers of a budget."""
    is_bounded = budget.cases is not None and budget.first + budget.cases <= bounded
    return light_stages() if is_bounded else stages()


@dataclass(frozen=True)
class StageLake:
    """The lake; every table of it is built by the time that a stage is tried.

    Attributes
    ----------
    whole : dict
        Manifests and data files of each stage as it was built, by its first table.
    """

    root: Path
    whole: dict[str, tuple[Versions, list[bytes]]] = field(default_factory=dict)

    @classmethod
    def built(cls, root: Path, wanted: Sequence[Stage]) -> StageLake:
        """Build the tables of some stages, in the order of the registry."""
        root.mkdir()
        write_future_day(root / "raw", SampleFuture(date=DATE, records=RECORDS))
        write_option_day(root)
        lake = cls(root)
        for stage in _registered():
            if any(stage is one for one in wanted):
                lake.run(stage)
                lake.whole[stage.writes[0].key] = lake.versions(stage), lake.data(stage)
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
