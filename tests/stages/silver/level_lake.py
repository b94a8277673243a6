"""Lakes with levels and their features, for the tests of LEVEL stages."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from src.data_eng.catalogue.datasets import Dataset, dataset
from src.data_eng.features.level.levels import level_names
from src.data_eng.settings import Settings
from src.data_eng.stages.silver.level import SilverLevel
from src.data_eng.stages.silver.level_features import SilverLevelFeatures
from src.data_eng.stages.stage import Context, Outcome, Status
from tests.stages.silver.market_lake import BARS, CLEAN, run

LEVEL = dataset("silver.future.level")


def features(name: str) -> Dataset:
    return dataset(f"silver.future.level_{name}")


def feature_stages() -> list[SilverLevelFeatures]:
    return [SilverLevelFeatures(CLEAN, BARS, LEVEL, features(name)) for name in level_names()]


def add_levels(lake: Path, symbol: str, date: dt.date, **settings: Any) -> None:
    """Run the levels of a date."""
    outcome = run(SilverLevel(CLEAN, BARS, LEVEL), lake, symbol, date, **settings)
    assert outcome.status is Status.WRITTEN, outcome.reason


def add_features(lake: Path, symbol: str, date: dt.date, **settings: Any) -> list[Outcome]:
    """Run the five feature tables of a date, as a chain does."""
    context = Context(Settings(lake_root=lake, **settings))
    return [stage.run(context, symbol, date) for stage in feature_stages()]
