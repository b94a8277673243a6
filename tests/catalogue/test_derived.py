"""Derived contracts and the page: what the declarations say, fresh in the repository."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from src.data_eng.catalogue import contract as contract_module
from src.data_eng.catalogue.command import main
from src.data_eng.catalogue.contract import CONTRACTS
from src.data_eng.catalogue.datasets import dataset, registry
from src.data_eng.catalogue.derive import derived_contracts
from src.data_eng.catalogue.feature_tables import (
    KEYS,
    feature_datasets,
    feature_table,
    is_feature_table,
)
from src.data_eng.catalogue.field import Field
from src.data_eng.catalogue.names import name_findings
from src.data_eng.catalogue.properties import property_findings
from src.data_eng.catalogue.vectors import level_tables, vector_parts
from src.data_eng.features.level.columns import FEATURES, features_of
from src.data_eng.features.level.level_inputs import OPENING_RANGE, PRE_MARKET
from src.data_eng.features.level.levels import MOVING, level_names, levels
from tests.conftest import SHARED_DATA

PAGE = Path(__file__).parents[2] / "docs" / "features.md"
FEATURES_CSV = SHARED_DATA.parent / "features.csv"
WRITTEN_BY_HAND = {
    *(f"bronze.future_option.{table}" for table in ("trades", "nbbo", "statistics", "definition")),
    "bronze.future.market_by_price_10",
    *(f"silver.future.{table}" for table in ("trades", "best_quote", "ohlcv_2m")),
    *(f"silver.future.{table}" for table in ("market_by_price_10_1s", "displayed_size_1s")),
}

OPEN = ("{level}", "{seconds}", "{levels}", "{ticks}", "{bars}")  # what a declaration fills in


def features(key: str) -> list[Field]:
    return [field for field in dataset(key).contract().fields if field.name not in KEYS]


def base_names(key: str) -> list[str]:
    table = feature_table(dataset(key))
    return [name.removeprefix(table.prefix) for name in table.columns]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the contracts that the command works on."""
    shutil.copytree(CONTRACTS, tmp_path / "contracts")
    monkeypatch.setattr(contract_module, "CONTRACTS", tmp_path / "contracts")
    return tmp_path


def test_everything_derived_is_fresh() -> None:
    assert main(["--check", "--page", str(PAGE)]) == 0, "run python -m src.data_eng.catalogue"


def test_every_contract_is_derived_or_written_by_hand() -> None:
    by_hand = {dataset(key).contract_path for key in WRITTEN_BY_HAND}
    stored = {found.contract_path for found in registry().values() if found.layer != "raw"}
    assert set(derived_contracts()) == stored - by_hand


@pytest.mark.parametrize(
    "path",
    [
        "silver/future/market.avsc",
        "silver/future/level_pm_low.avsc",
        "silver/future_option/nbbo_clean.avsc",
        "gold/future/market_by_price_10_first3h.avsc",
        "gold/future/feature_vector.avsc",
    ],
)
def test_a_changed_file_is_found_and_mended(
    folder: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = ["--page", str(folder / "features.md")]
    assert main(page) == 0
    assert main(["--check", *page]) == 0
    file = folder / "contracts" / path
    text = file.read_text()
    file.write_text(text.replace("America/New_York", "New York", 1))
    assert main(["--check", *page]) == 1
    assert f"{path} is stale; run python -m src.data_eng.catalogue" in capsys.readouterr().err
    assert main(page) == 0
    assert capsys.readouterr().out == f"wrote {file}\n"
    assert file.read_text() == text


def test_a_changed_page_is_found_and_mended(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = folder / "features.md"
    assert main(["--check", "--page", str(page)]) == 1
    assert f"{page} is stale" in capsys.readouterr().err
    assert not page.exists()
    assert main(["--page", str(page)]) == 0
    page.write_text(page.read_text() + "x")
    assert main(["--check", "--page", str(page)]) == 1


def test_a_contract_of_no_dataset_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lost = folder / "contracts/gold/future/lost.avsc"
    lost.write_text("{}")
    assert main(["--page", str(folder / "features.md")]) == 1
    assert f"{lost} belongs to no dataset; remove it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"), [(None, "cannot be read"), ("{", "contract is not JSON")]
)
def test_a_broken_contract_written_by_hand_is_an_error(
    folder: Path, text: str | None, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "contracts/bronze/future_option/trades.avsc"
    file.unlink()
    if text is not None:
        file.write_text(text)
    assert main(["--page", str(folder / "features.md")]) == 1
    assert message in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_an_error(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "file").write_text("")
    assert main(["--page", str(folder / "file" / "features.md")]) == 1
    assert capsys.readouterr().err.startswith("error: ")


def test_every_feature_says_its_unit_null_rule_and_mirror() -> None:
    for found in feature_datasets(registry().values()):
        for field in features(found.key):
            assert field.unit, field.name
            assert field.null_rule.endswith("."), field.name
            assert field.mirror, field.name
            assert field.doc.endswith("."), field.name
            assert not any(mark in field.doc for mark in ("Unit:", "Window:", *OPEN)), field.name
            assert not any(mark in field.null_rule for mark in ("Source:", *OPEN)), field.name


def test_names_and_what_the_features_say_keep_the_rules() -> None:
    declared = feature_datasets(registry().values())
    assert name_findings([feature_table(found) for found in declared]) == []
    assert property_findings(declared) == []


def test_a_level_has_its_features_alike_in_silver_and_gold() -> None:
    names = {one.name: [f.name for f in features_of(one)] for one in levels()}
    for name, key in level_tables().items():
        silver = f"silver.future.level_{name}"
        assert base_names(silver) == names[name]
        assert features(silver) == features(key)


def test_the_kinds_of_level_differ_in_what_the_declarations_say() -> None:
    of_kind: dict[str, set[str]] = {}
    for feature in FEATURES:
        for kind in feature.kinds:
            of_kind.setdefault(kind, set()).add(feature.name)
    formed = ("touch_count", "volume_share_within_2_ticks", "fraction_elapsed_at_extreme")
    assert of_kind == {
        PRE_MARKET: {f"pre_market_{name}" for name in formed},
        OPENING_RANGE: {f"opening_range_{name}" for name in formed},
        MOVING: {"slope_ticks_per_bar", "slope_ticks_per_bar_10_bars"},
    }
    for level in levels():
        assert set(base_names(f"silver.future.{level.table}")) == {
            f.name for f in FEATURES if not f.kinds or {level.kind, level.window} & set(f.kinds)
        }


def test_a_vector_has_the_columns_of_its_parts() -> None:
    for key, parts in vector_parts().items():
        expected = [field for part in parts for field in features(part)]
        assert features(key) == expected
        assert list(dict.fromkeys(field.name for field in expected)) == [f.name for f in expected]


def test_the_levels_of_contracts_written_by_hand_are_those_declared() -> None:
    for key in ("silver.future.level", "gold.future.level_outcome"):
        assert dataset(key).contract().fields[0].symbols == level_names()


def test_prices_and_outcomes_are_no_features() -> None:
    assert not is_feature_table(dataset("silver.future.level"))
    assert not is_feature_table(dataset("gold.future.level_outcome"))


def test_the_texts_are_json_with_a_field_a_line() -> None:
    for path, text in derived_contracts().items():
        fields = json.loads(text)["fields"]
        assert len(text.splitlines()) == len(fields) + 8, path
