from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import fastavro.schema
import pyarrow as pa
import pytest

from src.data_eng.catalogue.contract import CONTRACTS, Contract, load_contract

PATHS = sorted(path.relative_to(CONTRACTS) for path in CONTRACTS.rglob("*.avsc"))
NEW_YORK = pa.timestamp("ns", "America/New_York")

every_contract = pytest.mark.parametrize("path", PATHS, ids=str)


def text(path: Path) -> Any:
    return json.loads((CONTRACTS / path).read_bytes())


def tables(layer: str, suffix: str) -> set[tuple[str, str]]:
    return {
        (path.parts[1], path.stem.removesuffix(suffix)) for path in PATHS if path.parts[0] == layer
    }


def of(layer: str, product_type: str, table: str) -> Contract:
    return load_contract(Path(layer, product_type, f"{table}.avsc"))


@every_contract
def test_another_avro_implementation_parses_it(path: Path) -> None:
    parsed = fastavro.schema.parse_schema(text(path))
    assert isinstance(parsed, dict)
    assert parsed["name"] == f"data_eng.{path.parts[0]}.{path.parts[1]}.{path.stem}"


@every_contract
def test_name_and_namespace_are_those_of_the_path(path: Path) -> None:
    contract = load_contract(path)
    assert contract.name == path.stem
    assert contract.path == path.as_posix()
    assert contract.doc.endswith(".")
    assert text(path)["namespace"] == ".".join(("data_eng", *path.parts[:-1]))


@every_contract
def test_every_field_says_its_meaning_and_null_rule(path: Path) -> None:
    for field in load_contract(path).fields:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", field.name)
        assert len(field.doc) > 20, field.name
        rule = field.null_rule or field.doc
        assert re.search(r"\b[Nn]ull\b", rule), f"{field.name} has no null rule"
        assert ("ever null" in rule) is not field.nullable, field.name


@every_contract
def test_types_are_those_of_the_lake(path: Path) -> None:
    for field in load_contract(path).fields:
        if pa.types.is_timestamp(field.type):
            assert field.type == (
                NEW_YORK if field.name.endswith("_est") else pa.timestamp("ns", "UTC")
            )
        elif re.match(r"(price|(bid|ask)_px_\d\d|strike_price)\Z", field.name):
            assert field.type == pa.float64()
        elif field.symbols:
            assert len(set(field.symbols)) == len(field.symbols)
        assert not pa.types.is_float32(field.type)


@every_contract
def test_an_empty_table_satisfies_it(path: Path) -> None:
    contract = load_contract(path)
    batch = pa.RecordBatch.from_pylist([], schema=contract.arrow_schema)
    contract.check(batch, "here")


def test_every_event_table_is_in_all_three_layers() -> None:
    bronze = tables("bronze", "")
    assert bronze == {
        ("future", "market_by_price_10"),
        *(("future_option", name) for name in ("trades", "nbbo", "statistics", "definition")),
    }
    assert bronze <= tables("silver", "_clean")
    assert bronze <= tables("gold", "_first3h")


@pytest.mark.parametrize(("product_type", "table"), sorted(tables("bronze", "")))
def test_silver_is_bronze_with_the_time_in_new_york_and_gold_is_silver(
    product_type: str, table: str
) -> None:
    bronze = of("bronze", product_type, table).fields
    silver = of("silver", product_type, f"{table}_clean").fields
    added = [field for field in silver if field.name not in {f.name for f in bronze}]
    (nullable,) = (field.nullable for field in bronze if field.name == "ts_event")
    assert [(f.name, f.type, f.nullable) for f in added] == [("ts_event_est", NEW_YORK, nullable)]
    assert [f for f in silver if f not in added] == list(bronze)
    assert of("gold", product_type, f"{table}_first3h").fields == silver
