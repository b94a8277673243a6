"""The derived contracts against the agreed list of features, row by row."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from src.data_eng.catalogue.derive import feature_contracts
from src.data_eng.catalogue.feature_tables import KEYS
from tests.conftest import SHARED_DATA

FEATURES_CSV = SHARED_DATA.parent / "features_2.csv"
MARKETS = {"futures": "silver.future.market", "options": "silver.future_option.market"}
SLACK = 1e-6  # of a bound that rounding can pass

Row = Mapping[str, str]


def agreed() -> list[Row]:
    if not FEATURES_CSV.is_file():
        return []
    with FEATURES_CSV.open(newline="") as file:
        return list(csv.DictReader(file))


def table_of(row: Row) -> str:
    return MARKETS.get(row["group"], f"silver.future.level_{row['group']}")


@cache
def declared() -> dict[str, dict[str, Mapping[str, Any]]]:
    """The features of each table by name, as its contract has them."""
    return {
        key: {field["name"]: field for field in record["fields"] if field["name"] not in KEYS}
        for key, record in feature_contracts()
    }


@pytest.fixture(autouse=True)
def there_is_a_list() -> None:
    if not FEATURES_CSV.is_file():
        pytest.skip(f"no list of features: {FEATURES_CSV} does not exist")


def differences(row: Row, field: Mapping[str, Any]) -> list[str]:
    found = [
        f"{what} {field.get(what)!r} for {row[what]!r}"
        for what in ("unit", "mirror")
        if field.get(what) != row[what]
    ]
    for what in ("minimum", "maximum"):
        bound, wanted = field.get(what), float(row[what]) if row[what] else None
        is_same = bound is wanted is None or None not in (bound, wanted)
        if not is_same or abs((bound or 0.0) - (wanted or 0.0)) > SLACK:
            found.append(f"{what} {bound} for {wanted}")
    found += [f"no {what}" for what in ("window", "null_rule", "source") if not field.get(what)]
    return found


@pytest.mark.parametrize("row", agreed(), ids=lambda row: row["name"])
def test_a_feature_is_declared_as_agreed(row: Row) -> None:
    features = declared()[table_of(row)]
    assert row["name"] in features, f"{table_of(row)} has no such column"
    assert differences(row, features[row["name"]]) == []


@pytest.mark.parametrize("key", sorted(declared()))
def test_a_table_has_the_agreed_features_alone(key: str) -> None:
    names = {row["name"] for row in agreed() if table_of(row) == key}
    assert sorted(set(declared()[key]) - names) == []


def test_the_list_is_of_the_tables_that_are_there() -> None:
    assert {table_of(row) for row in agreed()} == set(declared())
