from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import pytest

from src.data_eng.catalogue.contract import CONTRACTS
from src.data_eng.catalogue.datasets import Dataset, dataset, registry
from src.data_eng.errors import ContractError, UsageError

DATASETS = list(registry().values())
STORED = [d for d in DATASETS if d.layer != "raw"]

# The vendor's schemas.
SCHEMAS = {
    "mbo", "mbp-1", "mbp-10", "tbbo", "trades", "bbo-1s", "bbo-1m", "ohlcv-1s", "ohlcv-1m",
    "ohlcv-1h", "ohlcv-1d", "definition", "statistics", "status", "imbalance",
}  # fmt: skip

every_dataset = pytest.mark.parametrize("found", DATASETS, ids=lambda d: d.key)
every_stored = pytest.mark.parametrize("found", STORED, ids=lambda d: d.key)


@every_dataset
def test_a_key_is_layer_product_type_and_table(found: Dataset) -> None:
    assert dataset(found.key) is found
    assert found.key == f"{found.layer}.{found.product_type}.{found.table}"
    assert found.layer in ("raw", "bronze", "silver", "gold")
    assert found.product_type in ("future", "future_option", "all")
    assert re.fullmatch(r"[a-z][a-z0-9_]*", found.table)


@every_dataset
def test_a_path_is_that_of_the_key(found: Dataset) -> None:
    source = "source=databento/" if found.layer in ("raw", "bronze") else ""
    assert found.path == (
        f"{found.layer}/{source}product_type={found.product_type}/symbol={{symbol}}"
        f"/table={found.table}"
    )
    folder = found.folder("ESU5")
    assert folder == Path(found.path.replace("{symbol}", "ESU5"))
    assert not folder.is_absolute()


@every_stored
def test_a_stored_dataset_has_the_contract_of_its_key(found: Dataset) -> None:
    expected = PurePosixPath(found.layer, found.product_type, f"{found.table}.avsc")
    assert found.contract_path == str(expected)
    contract = found.contract()
    assert contract.name == found.table
    assert contract.path == found.contract_path
    assert found.schemas == ()


@pytest.mark.parametrize("found", [d for d in DATASETS if d.layer == "raw"], ids=lambda d: d.key)
def test_a_raw_dataset_has_vendor_schemas_and_no_contract(found: Dataset) -> None:
    assert found.schemas
    assert set(found.schemas) <= SCHEMAS
    with pytest.raises(UsageError, match=f"{found.key} is raw: it has no contract"):
        found.contract()


def test_no_two_datasets_share_a_folder() -> None:
    assert len({d.path for d in DATASETS}) == len(DATASETS)


def test_every_contract_belongs_to_a_dataset() -> None:
    files = {path.relative_to(CONTRACTS).as_posix() for path in CONTRACTS.rglob("*.avsc")}
    assert files == {d.contract_path for d in STORED}


@pytest.mark.parametrize(
    "key",
    [
        "raw.future.market_by_price_10",
        "bronze.future.market_by_price_10",
        "silver.future.market_by_price_10_clean",
        "gold.future.market_by_price_10_first3h",
        *(
            f"{layer}.future_option.{table}{suffix}"
            for table in ("trades", "nbbo", "statistics", "definition")
            for layer, suffix in (
                ("raw", ""),
                ("bronze", ""),
                ("silver", "_clean"),
                ("gold", "_first3h"),
            )
        ),
    ],
)
def test_every_event_table_of_the_design_is_declared(key: str) -> None:
    assert dataset(key).key == key


def test_an_unknown_key_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no dataset gold\.x\.y; known are .*bronze\.future\."):
        dataset("gold.x.y")


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("gold.future.feature_vectr", "gold.future.feature_vector"),
        ("level_outcome", "gold.future.level_outcome"),
        ("market", "silver.future.market or silver.future_option.market"),
        ("best_quo", "silver.future.best_quote"),
    ],
)
def test_a_key_that_is_nearly_one(key: str, meant: str) -> None:
    with pytest.raises(UsageError, match=rf"^no dataset {key}; did you mean {re.escape(meant)}\?$"):
        dataset(key)


def test_a_dataset_without_its_contract_file_is_a_contract_error() -> None:
    lost = Dataset("gold.future.lost", "gold", "gold/future/lost.avsc", ())
    with pytest.raises(ContractError, match=r"lost\.avsc: contract cannot be read"):
        lost.contract()
