"""Every stage, by what it writes: the one place that a new table is entered.

Importing it imports no compiled code: a stage imports what it computes with where it transforms.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from ..catalogue.datasets import dataset
from ..catalogue.vectors import vector_parts
from ..errors import UsageError
from ..features.level.levels import level_names
from .bronze.market_by_price_10 import BronzeMarketByPrice10
from .bronze.option_definition import BronzeOptionDefinition
from .bronze.option_nbbo import BronzeOptionNbbo
from .bronze.option_statistics import BronzeOptionStatistics
from .bronze.option_trades import BronzeOptionTrades
from .gold.feature_vector import GoldFeatureVector
from .gold.first3h import GoldFirst3h
from .gold.level_outcome import GoldLevelOutcome
from .silver.best_quote import SilverBestQuote
from .silver.book_scan import SilverBookScan
from .silver.clean import SilverClean
from .silver.future_market import SilverFutureMarket
from .silver.level import SilverLevel
from .silver.level_1s import SilverLevelSeconds
from .silver.level_features import SilverLevelFeatures
from .silver.level_touch import SilverLevelTouch
from .silver.ohlcv_2m import SilverOhlcv2m
from .silver.option_market import SilverOptionMarket
from .silver.trades import SilverTrades
from .stage import Stage

BRONZE_TABLES: Final = {
    "future": ("market_by_price_10",),
    "future_option": ("definition", "trades", "nbbo", "statistics"),
}
FRONT_MONTH_TABLES: Final = {
    "future": "bronze.future.market_by_price_10",
    "future_option": "bronze.future_option.definition",
}
"""The Bronze table of a product type whose partitions name the contract of a date."""


def registered_stages() -> tuple[Stage, ...]:
    """Return every stage, those that others read before them."""
    return _stages(level_names())


@cache
def _stages(levels: tuple[str, ...]) -> tuple[Stage, ...]:
    return (
        BronzeMarketByPrice10(),
        BronzeOptionDefinition(),
        BronzeOptionTrades(),
        BronzeOptionNbbo(),
        BronzeOptionStatistics(),
        *(_clean(product_type, table) for product_type, table in _bronze_tables()),
        SilverTrades(),
        SilverBestQuote(),
        SilverBookScan(),
        SilverOhlcv2m(),
        SilverLevel(),
        SilverLevelSeconds(),
        SilverLevelTouch(),
        *(SilverLevelFeatures(level) for level in levels),
        SilverFutureMarket(),
        SilverOptionMarket(),
        *(_first3h(source) for source in _windowed(levels)),
        GoldLevelOutcome(),
        *(GoldFeatureVector(key, parts) for key, parts in vector_parts().items()),
    )


@cache
def _producers(levels: tuple[str, ...]) -> dict[str, Stage]:
    return {table.key: stage for stage in _stages(levels) for table in stage.writes}


def producer(key: str) -> Stage:
    """Return the stage that writes a dataset; raises `UsageError` where there is none."""
    producers = _producers(level_names())
    try:
        return producers[key]
    except KeyError:
        raise UsageError(f"no stage writes {key}; known are {', '.join(producers)}") from None


def _bronze_tables() -> list[tuple[str, str]]:
    return [(kind, table) for kind, tables in BRONZE_TABLES.items() for table in tables]


def _clean(product_type: str, table: str) -> SilverClean:
    return SilverClean(
        dataset(f"bronze.{product_type}.{table}"), dataset(f"silver.{product_type}.{table}_clean")
    )


def _windowed(levels: tuple[str, ...]) -> list[str]:
    # Bars and levels are inputs of features; no one reads three hours of them.
    clean = [f"{product_type}.{table}_clean" for product_type, table in _bronze_tables()]
    features = ["future.market", *(f"future.level_{one}" for one in levels), "future_option.market"]
    return [*clean, *features]


def _first3h(name: str) -> GoldFirst3h:
    output = f"gold.{name.removesuffix('_clean')}_first3h"
    return GoldFirst3h(dataset(f"silver.{name}"), dataset(output))
