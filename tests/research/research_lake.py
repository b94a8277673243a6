"""A lake with everything that research reads of one sample day of futures."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.data_eng.catalogue.tables import LEVEL_TOUCH
from src.data_eng.catalogue.vectors import OUTCOME, VECTOR_WITHOUT_OPTIONS, vector_parts
from tests.built_once import built_once
from tests.lakes import build
from tests.stages.silver.level_lake import add_features, add_levels
from tests.stages.silver.market_lake import DATE, MARKET, sample_day


def research_lake(factory: pytest.TempPathFactory) -> Path:
    """Return a lake of a sample day of futures, built up to outcomes and vector."""
    return built_once(factory, "research", _build)


def _build(root: Path) -> None:
    symbol = sample_day(root, records=120_000)
    add_levels(root, symbol, DATE)
    add_features(root, symbol, DATE)
    parts = vector_parts()[VECTOR_WITHOUT_OPTIONS]
    build([MARKET.key, *parts, LEVEL_TOUCH, OUTCOME, VECTOR_WITHOUT_OPTIONS], root, symbol, DATE)
