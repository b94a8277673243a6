"""The feature vectors: which tables each joins, in the order of its columns; their outcomes."""

from __future__ import annotations

from typing import Final

from ..features.level.levels import levels

VECTOR: Final = "gold.future.feature_vector"
VECTOR_WITHOUT_OPTIONS: Final = "gold.future.feature_vector_without_options"
MARKET: Final = "gold.future.market_first3h"
OPTION_MARKET: Final = "gold.future_option.market_first3h"
OUTCOME: Final = "gold.future.level_outcome"


def level_tables() -> dict[str, str]:
    """Return the Gold feature table of each level by the level's name, in order."""
    return {level.name: f"gold.future.{level.table}_first3h" for level in levels()}


def vector_parts() -> dict[str, tuple[str, ...]]:
    """Return the tables of each vector by its key, in the order of its columns."""
    tables = tuple(level_tables().values())
    return {
        VECTOR: (MARKET, OPTION_MARKET, *tables),
        VECTOR_WITHOUT_OPTIONS: (MARKET, *tables),
    }
