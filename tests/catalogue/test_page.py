from __future__ import annotations

import re
from pathlib import Path

import pytest

from src.data_eng.catalogue import page as catalogue
from src.data_eng.catalogue.datasets import Dataset, registry
from src.data_eng.catalogue.feature_tables import feature_datasets, feature_table
from src.data_eng.catalogue.page import catalogue_page
from tests.research.checks.pools import dataset_of

PAGE = Path(__file__).parents[2] / "docs" / "features.md"


def test_the_page_in_docs_is_what_the_contracts_declare() -> None:
    assert PAGE.read_text() == catalogue_page(registry().values()), (
        "docs/features.md is stale; run python -m src.data_eng.catalogue"
    )


def test_every_feature_stands_on_the_page_once_with_its_doc() -> None:
    page = catalogue_page(registry().values())
    rows = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    tables = {
        (table := feature_table(found)).base_key: table.columns
        for found in feature_datasets(registry().values())
    }
    for columns in tables.values():
        for name in columns:
            assert rows.count(name) == 1


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
        "silver.future.level_pm_low",
    ]
    assert "- [`silver.future.market`](#silverfuturemarket): 2 features" in page
    assert "`gold.future.market_first3h` has the same columns. Table market" in page
    assert "trades" not in page
    # Markdown's own marks in a doc are escaped, so that a row keeps its three cells.
    assert "| `volume_60s` | double, nullable | volume\\_60s\\|1. Null: no. |" in page
    assert "| `ts` | timestamp[ns, tz=UTC] | Grid time. Never null. |" in page


def test_gold_that_differs_is_told(tmp_path: Path) -> None:
    datasets = [
        dataset_of(tmp_path, "silver.future.market", ["spread_ticks", "volume_60s"]),
        dataset_of(tmp_path, "gold.future.market_first3h", ["spread_ticks"]),
    ]
    assert "`gold.future.market_first3h` differs in `volume_60s`." in catalogue_page(datasets)


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


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    datasets = {found.key: found for found in declared(tmp_path)}
    monkeypatch.setattr(catalogue, "registry", lambda: datasets)
    return tmp_path / "features.md"


def test_the_command_writes_and_checks(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check = ["--output", str(page), "--check"]
    assert catalogue.main(check) == 1
    assert "is stale" in capsys.readouterr().err
    assert not page.exists()
    assert catalogue.main(["--output", str(page)]) == 0
    assert catalogue.main(check) == 0
    page.write_text(page.read_text() + "x")
    assert catalogue.main(check) == 1


def test_a_page_that_cannot_be_written_is_an_error(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert catalogue.main(["--output", str(page / "none" / "features.md")]) == 1
    assert capsys.readouterr().err.startswith("error: ")


def test_a_contract_that_is_not_valid_is_an_error(
    page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "silver/future/market.avsc").write_text("{")
    assert catalogue.main(["--output", str(page)]) == 1
    assert "contract is not JSON" in capsys.readouterr().err
    assert not page.exists()
