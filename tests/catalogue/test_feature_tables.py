from __future__ import annotations

from pathlib import Path

import pytest

from src.data_eng.catalogue.datasets import Dataset
from src.data_eng.catalogue.feature_tables import FeatureTable, feature_table, is_feature_table
from tests.research.checks.pools import dataset_of


@pytest.mark.parametrize(
    ("key", "base", "prefix"),
    [
        ("silver.future.market", "future.market", ""),
        ("gold.future_option.market_first3h", "future_option.market", ""),
        ("silver.future.level_pm_high", "future.level_pm_high", "pm_high_"),
        ("gold.future.level_sma_90_first3h", "future.level_sma_90", "sma_90_"),
    ],
)
def test_a_feature_table_is_known_by_its_name(key: str, base: str, prefix: str) -> None:
    assert is_feature_table(Dataset(key, "", None, ()))
    table = FeatureTable(key, ())
    assert (table.base_key, table.prefix) == (base, prefix)
    assert table.layer == key.split(".", maxsplit=1)[0]


@pytest.mark.parametrize(
    "key",
    [
        "raw.future.market_by_price_10",
        "silver.future.market_by_price_10_clean",
        "gold.future.market_by_price_10_first3h",
        "silver.future.level",
        "silver.future.level_reference",
        "gold.future.level_outcome",
        "gold.future.feature_vector",
        "bronze.future.market",
        "silver.future.ohlcv_2m",
    ],
)
def test_other_tables_are_none(key: str) -> None:
    assert not is_feature_table(Dataset(key, "", None, ()))


def test_key_columns_are_no_features(tmp_path: Path) -> None:
    found = feature_table(dataset_of(tmp_path, "silver.future.market", ["b", "a"]))
    assert found == FeatureTable("silver.future.market", ("b", "a"))


def test_no_prefix_without_a_feature_table() -> None:
    with pytest.raises(ValueError, match="trades is no feature table"):
        _ = FeatureTable("silver.future.trades", ()).prefix
