"""Gold feature_vector: what its stage refuses."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from src.data_eng.catalogue.datasets import Dataset, dataset
from src.data_eng.catalogue.feature_tables import feature_table
from src.data_eng.catalogue.vectors import vector_parts
from src.data_eng.errors import ContractError
from src.data_eng.lake.inputs import LEVEL_PARAMETERS
from src.data_eng.lake.manifest import FileEntry, Manifest
from src.data_eng.lake.part import PartWriter
from src.data_eng.lake.paths import PART, Partition
from src.data_eng.lake.publish import PartitionBuild
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.pipeline.plan import selected_stages
from src.data_eng.records.grid import grid_batch
from src.data_eng.stages.gold.feature_vector import GoldFeatureVector
from src.data_eng.stages.outcome import Outcome, Status
from src.data_eng.stages.registry import producer
from src.data_eng.stages.stage import Stage
from tests.lakes import context, run
from tests.stages.silver.market_lake import DATE, rows

KEY = "gold.future.feature_vector_without_options"
PARTS = [dataset(key) for key in vector_parts()[KEY]]
TIMES = np.arange(5, dtype=np.int64) * 10**9 + 1_749_130_200 * 10**9


def write(
    lake: Path,
    table: Dataset,
    times: np.ndarray[tuple[int], np.dtype[np.int64]],
    value: float = np.nan,
    minutes: int | None = None,
) -> None:
    """Publish a part whose every feature has one value, by default a missing one."""
    contract = table.contract()
    names = [field.name for field in contract.fields[2:]]
    batch: pa.RecordBatch = grid_batch(
        times, {name: np.full(len(times), value) for name in names}, contract
    )
    partition = Partition(table, "ESM5", DATE)
    with PartitionBuild(lake, partition) as build:
        file = build.create(PART)
        with PartWriter(file, contract, str(partition)) as writer:
            writer.write(batch)
            writer.close()
        entry = FileEntry(PART, file.bytes, writer.rows, file.sha256, writer.footer_sha256)
        manifest = Manifest(
            dataset=table.key, symbol="ESM5", dt=DATE.isoformat(), stage="test", stage_version=1,
            contract_path=contract.path, contract_sha256=contract.sha256, parameters={},
            facts={} if minutes is None else {LEVEL_PARAMETERS: {"opening_range_minutes": minutes}},
            rows=writer.rows, files=(entry,), inputs=(), libraries={},
        )  # fmt: skip
        build.commit(manifest.to_bytes())


def test_parts_with_the_same_rows_are_joined(tmp_path: Path) -> None:
    for part in PARTS:
        write(tmp_path, part, TIMES)
    assert join(tmp_path).status is Status.WRITTEN
    found = rows(tmp_path, dataset(KEY), "ESM5", DATE)
    assert found.shape == (5, 2 + 60 + 4 * 45 + 44)


def test_levels_made_with_different_parameters_are_refused(tmp_path: Path) -> None:
    for part, minutes in zip(PARTS, (None, 30, 30, 30, 30, 30), strict=True):
        write(tmp_path, part, TIMES, minutes=minutes)
    assert join(tmp_path).status is Status.WRITTEN
    with PublishedPartition(tmp_path, Partition(dataset(KEY), "ESM5", DATE)) as published:
        assert published.manifest.facts[LEVEL_PARAMETERS] == {"opening_range_minutes": 30}
    write(tmp_path, PARTS[3], TIMES, minutes=15)
    with pytest.raises(ContractError, match=r"level_or_low_first3h|level_or_high_first3h"):
        join(tmp_path, refresh_stale=True)


def join(lake: Path, stage: Stage | None = None, **settings: Any) -> Outcome:
    """Run the stage of the vector on parts that are taken for current."""
    chosen = producer(KEY) if stage is None else stage
    keys = [one.key for one in chosen.reads]
    current = [Partition(dataset(key), "ESM5", DATE) for key in keys]
    return chosen.run(context(lake, current, **settings), "ESM5", DATE)[0]


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (TIMES[:-1], "level_or_low_first3h ESM5 2025-06-05: 4 rows where the others have 5"),
        (np.append(TIMES[:-1], TIMES[-1] + 1), r"level_or_low_first3h .* field ts, row 4"),
    ],
)
def test_other_rows_are_refused_and_nothing_is_published(
    tmp_path: Path, times: np.ndarray[tuple[int], np.dtype[np.int64]], message: str
) -> None:
    for part in PARTS:
        write(tmp_path, part, times if part.table == "level_or_low_first3h" else TIMES)
    with pytest.raises(ContractError, match=message):
        join(tmp_path)
    assert not (tmp_path / Partition(dataset(KEY), "ESM5", DATE).folder).exists()


def test_a_column_that_the_contract_does_not_know_is_refused(tmp_path: Path) -> None:
    options = dataset("gold.future_option.market_first3h")
    for part in PARTS:
        write(tmp_path, part, TIMES)
    write(tmp_path, options, TIMES, 0.5)
    twice = GoldFeatureVector(KEY, [*vector_parts()[KEY], options.key])
    with pytest.raises(ContractError, match="is not in gold/future/feature_vector_without_options"):
        join(tmp_path, twice)


def test_a_name_that_breaks_the_rules_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in PARTS:
        write(tmp_path, part, TIMES)
    tables = {part.key: feature_table(part) for part in PARTS}
    low = tables["gold.future.level_or_low_first3h"]
    twice = replace(low, columns=("or_low_distance_ticks", "quoted_spread_ticks"))
    monkeypatch.setattr(
        "src.data_eng.stages.gold.feature_vector.feature_table",
        lambda part: twice if part.key == low.key else tables[part.key],
    )
    with pytest.raises(ContractError, match="quoted_spread_ticks"):
        join(tmp_path)


def test_the_vector_with_options_is_of_runs_of_both_product_types() -> None:
    layers = ("bronze", "silver", "gold")
    keys = [one.writes[0].key for one in selected_stages(("future", "future_option"), layers)]
    assert {"gold.future.feature_vector", KEY} <= set(keys)
    alone = [one.writes[0].key for one in selected_stages(("future",), layers)]
    assert "gold.future.feature_vector" not in alone
    assert KEY in alone


def test_a_date_without_a_session_is_skipped(tmp_path: Path) -> None:
    found = run(KEY, tmp_path, "ESH4", dt.date(2023, 12, 25))
    assert found.status is Status.SKIPPED
