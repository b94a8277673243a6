"""Lakes with levels and their features, for the tests of LEVEL stages."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from src.data_eng.catalogue.datasets import Dataset, dataset
from src.data_eng.catalogue.tables import LEVEL_SECONDS, LEVEL_TOUCH
from src.data_eng.features.level.levels import level_names
from src.data_eng.stages.outcome import Outcome, Status
from tests.built_once import built_once
from tests.lakes import run
from tests.stages.silver.market_lake import DATE, sample_day

LEVEL = dataset("silver.future.level")


def features(name: str) -> Dataset:
    return dataset(f"silver.future.level_{name}")


def lake_of_touches(factory: pytest.TempPathFactory) -> Path:
    """Return a lake of a sample day, built up to the features of its levels and their touches."""
    return built_once(factory, "touches", _build)


def _build(lake: Path) -> None:
    symbol = sample_day(lake, records=120_000)
    add_levels(lake, symbol, DATE)
    assert {o.status for o in add_features(lake, symbol, DATE)} == {Status.WRITTEN}
    add_touches(lake, symbol, DATE)


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
