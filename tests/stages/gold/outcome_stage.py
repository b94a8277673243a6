"""The stage of outcomes over the tables of the tests' lakes."""

from __future__ import annotations

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.stages.gold.level_outcome import GoldLevelOutcome
from tests.stages.silver.level_lake import LEVEL
from tests.stages.silver.market_lake import BARS, CLEAN

OUTCOME = dataset("gold.future.level_outcome")


def outcome_stage() -> GoldLevelOutcome:
    return GoldLevelOutcome(CLEAN, BARS, LEVEL, OUTCOME)
