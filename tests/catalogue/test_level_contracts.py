"""The contracts of the five LEVEL tables: one catalogue, no drift, the names that were agreed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from src.data_eng.catalogue import level_contracts
from src.data_eng.catalogue.contract_files import CONTRACTS
from src.data_eng.catalogue.datasets import dataset, registry
from src.data_eng.catalogue.feature_tables import (
    LEVELS,
    feature_datasets,
    feature_table,
    is_feature_table,
)
from src.data_eng.catalogue.names import name_findings
from src.data_eng.features.level.catalogue import ALL, FEATURES, VALUES, WORDS
from tests.conftest import SHARED_DATA

FEATURES_CSV = SHARED_DATA.parent / "features.csv"


def base_names(key: str) -> list[str]:
    table = feature_table(dataset(key))
    return [name.removeprefix(table.prefix) for name in table.columns]


def test_the_files_are_what_the_catalogue_declares() -> None:
    written = dict(level_contracts.level_contracts())
    assert len(written) == 10
    for path, text in written.items():
        assert (CONTRACTS / path).read_text() == text, path
    assert level_contracts.main(["--check"]) == 0


def test_a_changed_file_is_found_and_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for layer in ("silver", "gold"):
        (tmp_path / layer / "future").mkdir(parents=True)
    assert level_contracts.main([], tmp_path) == 0
    file = tmp_path / "silver" / "future" / "level_pm_low.avsc"
    text = file.read_text()
    file.write_text(text.replace("ticks", "points"))
    assert level_contracts.main(["--check"], tmp_path) == 1
    assert "level_pm_low.avsc is stale" in capsys.readouterr().err
    assert level_contracts.main([], tmp_path) == 0
    assert file.read_text() == text


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_has_its_features_alike_in_silver_and_gold(level: str) -> None:
    expected = [feature.name for feature in FEATURES if level in feature.levels]
    assert len(expected) == 39
    assert base_names(f"silver.future.level_{level}") == expected
    silver, gold = (
        dataset(f"{key}").contract().fields
        for key in (f"silver.future.level_{level}", f"gold.future.level_{level}_first3h")
    )
    assert silver == gold


def test_the_levels_differ_only_in_what_the_catalogue_says() -> None:
    assert ALL == LEVELS
    assert set(WORDS) == set(VALUES) == set(LEVELS)
    extremes = [base_names(f"silver.future.level_{level}") for level in LEVELS[:4]]
    assert all(names == extremes[0] for names in extremes)
    moving = base_names("silver.future.level_sma_90")
    assert set(extremes[0]) - set(moving) == {
        "seconds_since_extreme_set",
        "formation_volume_share_within_2_ticks",
    }
    assert set(moving) - set(extremes[0]) == {"slope_ticks_per_bar", "slope_ticks_per_bar_10_bars"}


def test_the_names_are_those_agreed() -> None:
    if not FEATURES_CSV.exists():
        pytest.skip(f"no list of features: {FEATURES_CSV} does not exist")
    with FEATURES_CSV.open() as file:
        agreed = [row for row in csv.DictReader(file) if row["table"] == "level"]
    core = [row for row in agreed if row["tier"] == "C"]
    assert len(core) == 195
    for level in LEVELS:
        names = [row["base_name"] for row in core if row["group"] == level]
        assert base_names(f"silver.future.level_{level}") == names


def test_every_name_keeps_the_rules() -> None:
    tables = [feature_table(found) for found in feature_datasets(registry().values())]
    assert name_findings(tables) == []
    assert len({name for table in tables for name in table.columns}) == 57 + 25 + 195


def test_prices_and_outcomes_are_no_features() -> None:
    assert not is_feature_table(dataset("silver.future.level"))
    assert not is_feature_table(dataset("gold.future.level_outcome"))
