"""Lakes with levels and their features, for the tests of LEVEL stages."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from src.data_eng.catalogue.datasets import Dataset, dataset
from src.data_eng.catalogue.tables import LEVEL_SECONDS, LEVEL_TOUCH
from src.data_eng.features.level.levels import level_names
from src.data_eng.stages.outcome import Outcome, Status
from tests.lakes import run

LEVEL = dataset("silver.future.level")


def features(name: str) -> Dataset:
    return dataset(f"silver.future.level_{name}")


def add_levels(lake: Path, symbol: str, date: dt.date, **settings: Any) -> None:
    """Run the levels of a date."""
    outcome = run(LEVEL.key, lake, symbol, date, **settings)
    assert outcome.status is Status.WRITTEN, outcome.reason


def add_touches(lake: Path, symbol: str, date: dt.date, **settings: Any) -> None:
    """Run the touches of a date with levels."""
    outcome = run(LEVEL_TOUCH, lake, symbol, date, **settings)
    assert outcome.status is Status.WRITTEN, outcome.reason


def add_features(lake: Path, symbol: str, date: dt.date, **settings: Any) -> list[Outcome]:
    """Run the levels by second, where it can be, and the feature tables of a date."""
    run(LEVEL_SECONDS, lake, symbol, date, **settings)
    return [run(features(name).key, lake, symbol, date, **settings) for name in level_names()]
