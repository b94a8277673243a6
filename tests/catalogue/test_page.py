from __future__ import annotations

import re
from pathlib import Path

from src.data_eng.catalogue.datasets import Dataset, registry
from src.data_eng.catalogue.distributions import Distribution
from src.data_eng.catalogue.feature_tables import feature_datasets, feature_table
from src.data_eng.catalogue.page import catalogue_page, unknown_features
from tests.research.checks.pools import dataset_of


def test_every_feature_stands_on_the_page_once_with_its_doc() -> None:
    page = catalogue_page(registry().values())
    rows = re.findall(r"^\| `([\w{}]+)` \|", page, re.MULTILINE)
    for found in feature_datasets(registry().values()):
        table = feature_table(found)
        for name in table.columns:
            of_all = f"{{level}}_{name.removeprefix(table.prefix)}" if table.prefix else name
            assert rows.count(of_all) == 1, of_all


def declared(folder: Path) -> list[Dataset]:
    return [
        dataset_of(folder, "silver.future.market", ["spread_ticks", "volume_60s"]),
        dataset_of(folder, "silver.future.trades_clean", ["price"]),
        dataset_of(folder, "gold.future.market_first3h", ["spread_ticks", "volume_60s"]),
        dataset_of(folder, "silver.future.level_pm_low", ["pm_low_distance_ticks"]),
    ]


def test_a_page_has_a_section_a_table_and_a_row_a_feature(tmp_path: Path) -> None:
    page = catalogue_page(declared(tmp_path))
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == [
        "silver.future.market",
        "silver.future.level_{level}",
    ]
    assert "- [`silver.future.market`](#silverfuturemarket): 2 features" in page
    assert "`gold.future.market_first3h` has the same columns. Table market" in page
    assert "trades" not in page
    # Markdown's own marks in a doc are escaped, so that a row keeps its three cells.
    assert "| `volume_60s` | double, nullable | volume\\_60s&#124;1. Null: no. |" in page
    assert "| `ts` | timestamp[ns, tz=UTC] | Grid time. Never null. |" in page


def test_gold_that_differs_is_told(tmp_path: Path) -> None:
    datasets = [
        dataset_of(tmp_path, "silver.future.market", ["spread_ticks", "volume_60s"]),
        dataset_of(tmp_path, "gold.future.market_first3h", ["spread_ticks"]),
    ]
    assert "`gold.future.market_first3h` differs in `volume_60s`." in catalogue_page(datasets)


def test_what_levels_share_stands_once_and_what_some_have_names_them(tmp_path: Path) -> None:
    tables = [
        dataset_of(tmp_path, f"{layer}.future.level_{level}{end}", [f"{level}_{n}" for n in names])
        for layer, end in (("silver", ""), ("gold", "_first3h"))
        for level, names in (("pm_low", ["a", "b"]), ("sma_90", ["a"]))
    ]
    for table in tables:
        assert table.contract_path is not None
        file = Path(table.contract_path)  # a doc that names its level in words
        words = "Pre-Market Low" if "pm_low" in table.key else "SMA 90"
        for prefix in ("pm_low_", "sma_90_"):
            file.write_text(
                file.read_text().replace(f'"doc": "{prefix}', f'"doc": "From {words}: ')
            )
    page = catalogue_page(tables)
    assert (
        "- [`silver.future.level_{level}`](#silverfuturelevel_level): 2 levels, 2 features" in page
    )
    assert "| `pm_low` | Pre-Market Low | the lowest trade price" in page
    assert "| `silver.future.level_sma_90`, `gold.future.level_sma_90_first3h` | 1 |" in page
    assert "| feature | type | definition | levels |" in page
    assert "| `{level}_a` | double, nullable | From level: a&#124;1. Null: no. | |" in page
    assert "| `{level}_b` | double, nullable | From level: b&#124;1. Null: no. | `pm_low` |" in page


def test_a_feature_is_shown_with_its_distribution(tmp_path: Path) -> None:
    tables = [
        dataset_of(tmp_path, "silver.future.market", ["a", "b"]),
        dataset_of(tmp_path, "silver.future.level_pm_low", ["pm_low_a"]),
    ]
    known = {
        "future.market": {"a": Distribution(0.25, -1.0, 0.5, 2.0, (0, 20, 5))},
        "future.level": {"{level}_a": Distribution(1.0, None, None, None, ())},
    }
    page = catalogue_page(tables, known)
    assert 'd="M0 20V20h1V0h1V15h1V20z"/></svg> 0.5 (-1 to 2), 25% null |' in page
    assert "| `b` | double, nullable | b&#124;1. Null: no. | |" in page
    assert "pm_low" in page
    assert page.rstrip().endswith("| no value |")
    assert unknown_features(tables, known) == set()
    known["future.level"]["{level}_gone"] = known["future.level"]["{level}_a"]
    known["future.old"] = {"x": known["future.market"]["a"]}
    assert unknown_features(tables, known) == {
        ("future.level", "{level}_gone"),
        ("future.old", "x"),
    }


def test_bounds_stand_beside_the_type(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, "silver.future.market", ["a", "b", "c"])
    assert dataset.contract_path is not None
    file = Path(dataset.contract_path)
    text = file.read_text()
    for name, bounds in (
        ("a", '"minimum": 0'),
        ("b", '"maximum": 1'),
        ("c", '"minimum": -1, "maximum": 1'),
    ):
        text = text.replace(f'"name": "{name}"', f'"name": "{name}", {bounds}')
    file.write_text(text)
    page = catalogue_page([dataset])
    assert "| `a` | double, nullable, ≥ 0 |" in page
    assert "| `b` | double, nullable, ≤ 1 |" in page
    assert "| `c` | double, nullable, -1 to 1 |" in page


def test_without_a_feature_table_the_page_says_so() -> None:
    assert catalogue_page([]).endswith("\nNone yet.\n")


def test_what_the_features_say_of_themselves_has_columns(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, "silver.future.market", ["a", "b"])
    assert dataset.contract_path is not None
    file = Path(dataset.contract_path)
    said = '"name": "a", "unit": "ticks", "null_rule": "Null|0.", "mirror": "odd"'
    file.write_text(file.read_text().replace('"name": "a"', said))
    page = catalogue_page([dataset])
    assert (
        "| feature | type | definition | unit | null rule | mirror |\n|---|---|---|---|---|---|"
        in page
    )
    assert "| `a` | double, nullable | a&#124;1. Null: no. | ticks | Null&#124;0. | odd |" in page
    assert "| `b` | double, nullable | b&#124;1. Null: no. | | | |" in page
