"""A lake with everything that research reads of one sample day of futures."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from src.data_eng.catalogue.tables import LEVEL_TOUCH
from src.data_eng.catalogue.vectors import OUTCOME, VECTOR_WITHOUT_OPTIONS, vector_parts
from tests.lakes import build
from tests.stages.silver.level_lake import add_features, add_levels
from tests.stages.silver.market_lake import DATE, MARKET, sample_day


def build_research_lake(root: Path, date: dt.date = DATE, records: int = 120_000) -> None:
    """Run a sample day of futures up to outcomes and vector."""
    symbol = sample_day(root, date, records=records)
    add_levels(root, symbol, date)
    add_features(root, symbol, date)
    parts = vector_parts()[VECTOR_WITHOUT_OPTIONS]
    build([MARKET.key, *parts, LEVEL_TOUCH, OUTCOME, VECTOR_WITHOUT_OPTIONS], root, symbol, date)
