"""A lake with everything that research reads of one sample day of futures."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.catalogue.vectors import VECTOR_WITHOUT_OPTIONS, vector_parts
from src.data_eng.features.level.levels import level_names
from src.data_eng.stages.gold.feature_vector import GoldFeatureVector
from src.data_eng.stages.gold.first3h import GoldFirst3h
from src.data_eng.stages.stage import Status
from tests.stages.gold.test_level_outcome import outcome_stage
from tests.stages.silver.level_lake import add_features, add_levels
from tests.stages.silver.market_lake import DATE, market_stage, run, sample_day

VECTOR_PARTS = [dataset(key) for key in vector_parts()[VECTOR_WITHOUT_OPTIONS]]


def build_research_lake(root: Path, date: dt.date = DATE, records: int = 120_000) -> None:
    """Run a sample day of futures up to outcomes and vector."""
    symbol = sample_day(root, date, records=records)
    add_levels(root, symbol, date)
    add_features(root, symbol, date)
    windows = [
        GoldFirst3h(dataset(f"silver.future.{name}"), dataset(f"gold.future.{name}_first3h"))
        for name in ("market", *(f"level_{level}" for level in level_names()))
    ]
    vector = GoldFeatureVector(VECTOR_PARTS, dataset(VECTOR_WITHOUT_OPTIONS))
    for stage in (market_stage(), *windows, outcome_stage(), vector):
        assert run(stage, root, symbol, date).status is Status.WRITTEN
