from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data_eng.catalogue.contract import Contract, Field
from src.data_eng.errors import ContractError

ENUM = pa.dictionary(pa.int32(), pa.string())
SYMBOLS = ("A", "B", "N")
CONTRACT = Contract(
    "table",
    "A table.",
    "silver/future/table.avsc",
    (
        Field("ts", "Time.", pa.timestamp("ns", "UTC"), nullable=False),
        Field("side", "Side.", ENUM, nullable=False, symbols=SYMBOLS),
        Field("depth", "Level.", pa.int32(), nullable=False, minimum=0, maximum=9),
        Field("price", "Price.", pa.float64(), nullable=True, minimum=-10.5, maximum=1e6),
        Field("tick", "Tick.", ENUM, nullable=True, symbols=SYMBOLS),
        Field("symbol", "Symbol.", pa.string(), nullable=True),
        Field("flag", "Flag.", pa.bool_(), nullable=False),
        Field("size", "Size.", pa.int32(), nullable=True, minimum=0),
        Field("id", "Id.", pa.int64(), nullable=True, maximum=(1 << 62) + 1),
    ),
)
NAMES = [field.name for field in CONTRACT.fields]
NOTHING: Mapping[str, tuple[int, Any]] = MappingProxyType({})
NULLABLE = {field.name for field in CONTRACT.fields if field.nullable}


def batch(
    count: int, seed: int = 0, changed: Mapping[str, tuple[int, Any]] = NOTHING
) -> pa.RecordBatch:
    """Valid rows, with one value of a column replaced for each (row, value) given."""
    rng = np.random.default_rng(seed)
    values: dict[str, list[Any]] = {
        "ts": rng.integers(0, 1 << 60, count).tolist(),
        "side": rng.choice(SYMBOLS, count).tolist(),
        "depth": rng.integers(0, 10, count).tolist(),
        "price": rng.uniform(-10.5, 1e6, count).tolist(),
        "tick": rng.choice(SYMBOLS, count).tolist(),
        "symbol": ["ESU5"] * count,
        "flag": (rng.random(count) < 0.5).tolist(),
        "id": rng.integers(0, 1 << 62, count).tolist(),
        "size": rng.integers(0, 1 << 31, count).tolist(),
    }
    for name in NULLABLE:
        values[name] = [None if rng.random() < 0.3 else value for value in values[name]]
    for name, (row, value) in changed.items():
        values[name][row] = value
    return pa.record_batch([array(f, values[f.name]) for f in CONTRACT.fields], schema=schema())


def array(field: Field, values: list[Any]) -> pa.Array:
    if field.symbols:
        return pa.array(values, pa.string()).dictionary_encode().cast(ENUM)
    if pa.types.is_timestamp(field.type):
        return pa.array(values, pa.int64()).cast(field.type)
    return pa.array(values, field.type)


def schema() -> pa.Schema:
    return CONTRACT.arrow_schema


def arranged(names: list[str]) -> pa.RecordBatch:
    return batch(3).select(names)


VIOLATIONS: list[tuple[str, Any, str]] = [
    ("ts", None, "is null, but the field is not nullable"),
    ("side", None, "is null, but the field is not nullable"),
    ("flag", None, "is null, but the field is not nullable"),
    ("side", "X", "is not one of A, B, N"),
    ("side", "", "is not one of A, B, N"),
    ("tick", "a", "is not one of A, B, N"),
    ("depth", -1, "is below 0"),
    ("depth", 10, "is above 9"),
    ("price", -10.6, "is below -10.5"),
    ("price", 1e6 + 1, "is above 1000000.0"),
    ("price", float("inf"), "is above 1000000.0"),
    ("price", float("nan"), "is not a number"),
    ("id", (1 << 62) + 2, "is above 4611686018427387905"),
    ("size", -1, "is below 0"),
]


@given(st.integers(0, 60), st.integers(0, 1 << 32))
@settings(max_examples=40)
def test_valid_rows_pass(count: int, seed: int) -> None:
    CONTRACT.check(batch(count, seed), "ESU5 2025-06-05")


def test_the_bounds_themselves_pass() -> None:
    rows = {"depth": (0, 0), "price": (0, -10.5), "id": (0, (1 << 62) + 1), "size": (0, 0)}
    CONTRACT.check(batch(2, changed=rows), "here")
    CONTRACT.check(batch(2, changed={"depth": (1, 9), "price": (1, 1e6)}), "here")


@pytest.mark.parametrize("name", sorted(NULLABLE))
def test_a_column_of_nulls_passes_where_nulls_may_be(name: str) -> None:
    index = NAMES.index(name)
    rows = batch(4).set_column(index, schema().field(name), pa.nulls(4, schema().field(name).type))
    CONTRACT.check(rows, "here")


@pytest.mark.parametrize(("name", "value", "rule"), VIOLATIONS)
@pytest.mark.parametrize("row", [0, 7, 19])
def test_a_violation_names_field_row_and_value(name: str, value: Any, rule: str, row: int) -> None:
    with pytest.raises(ContractError) as caught:
        CONTRACT.check(batch(20, changed={name: (row, value)}), "ESU5 2025-06-05", first_row=1000)
    assert str(caught.value).startswith(
        f"ESU5 2025-06-05: field {name}, row {1000 + row}: value {value!r} {rule}"
    )
    assert str(caught.value).endswith("(contract silver/future/table.avsc); nothing was published")


@given(
    st.sampled_from(VIOLATIONS),
    st.integers(0, 49),
    st.integers(1, 50),
    st.integers(0, 5),
    st.integers(0, 1 << 32),
)
@settings(max_examples=80)
def test_one_wrong_value_is_found_at_its_row_across_batches_and_slices(
    violation: tuple[str, Any, str], row: int, size: int, before: int, seed: int
) -> None:
    name, value, _ = violation
    rows = batch(50 + before, seed, {name: (before + row, value)}).slice(before)
    for first in range(0, 50, size):
        part = rows.slice(first, size)
        if first <= row < first + size:
            with pytest.raises(ContractError, match=f"field {name}, row {row}: value"):
                CONTRACT.check(part, "here", first)
        else:
            CONTRACT.check(part, "here", first)


@pytest.mark.parametrize(("name", "value", "rule"), VIOLATIONS)
def test_a_wrong_value_outside_of_a_slice_does_not_count(name: str, value: Any, rule: str) -> None:
    CONTRACT.check(batch(9, changed={name: (0, value)}).slice(1), rule)
    CONTRACT.check(batch(9, changed={name: (8, value)}).slice(0, 8), rule)
    CONTRACT.check(batch(9, changed={name: (4, value)}).slice(5, 0), rule)


def test_the_first_of_several_wrong_rows_is_named() -> None:
    rows = batch(30)
    depth = pa.array([1] * 11 + [12, 3, 11, -1] + [2] * 15, pa.int32())
    rows = rows.set_column(2, schema().field("depth"), depth)
    with pytest.raises(ContractError, match="row 14: value -1 is below 0"):
        CONTRACT.check(rows, "here")


def test_a_symbol_of_the_dictionary_that_no_row_has_does_not_count() -> None:
    codes = pa.array([0, None, 2], pa.int32())
    rows = batch(3).set_column(
        4, schema().field("tick"), pa.DictionaryArray.from_arrays(codes, pa.array(["N", "X", "A"]))
    )
    CONTRACT.check(rows, "here")


def test_a_null_in_the_dictionary_is_no_symbol() -> None:
    codes = pa.array([0, 1, 0], pa.int32())
    rows = batch(3).set_column(
        1, schema().field("side"), pa.DictionaryArray.from_arrays(codes, pa.array(["A", None]))
    )
    with pytest.raises(ContractError, match="field side, row 1: value None"):
        CONTRACT.check(rows, "here")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (NAMES[:-1], "field id of silver/future/table.avsc is missing"),
        (NAMES[1:], "field 0 is side"),
        ([*NAMES[:2], *reversed(NAMES[2:4]), *NAMES[4:]], "field 2 is price double, but"),
        ([], "field ts of"),
    ],
)
def test_missing_and_moved_columns_are_named(names: list[str], message: str) -> None:
    with pytest.raises(ContractError, match=re.escape(message)):
        CONTRACT.check(arranged(names), "here")


def test_a_column_too_many_is_named() -> None:
    rows = batch(3).append_column("other", pa.array([1, 2, 3]))
    with pytest.raises(ContractError, match="here: field other is not in silver/future/table"):
        CONTRACT.check(rows, "here")


@pytest.mark.parametrize(
    ("position", "wrong", "message"),
    [
        (2, pa.field("depth", pa.int64(), False), "depth int64 not null, but"),
        (2, pa.field("depth", pa.int32()), "wants depth int32 not null"),
        (3, pa.field("price", pa.float32()), "price float, but"),
        (3, pa.field("price", pa.float64(), False), "price double not null, but"),
        (0, pa.field("ts", pa.timestamp("us", "UTC"), False), "ts timestamp[us, tz=UTC] not null"),
        (0, pa.field("ts", pa.timestamp("ns"), False), "ts timestamp[ns] not null, but"),
        (0, pa.field("ts", pa.timestamp("ns", "America/New_York"), False), "America/New_York"),
        (1, pa.field("side", pa.string(), False), "side string not null, but"),
        (1, pa.field("side", pa.dictionary(pa.int8(), pa.string()), False), "indices=int8"),
        (5, pa.field("sYmbol", pa.string()), "field 5 is sYmbol string, but"),
    ],
    ids=str,
)
def test_a_column_of_another_type_nullability_or_name_is_named(
    position: int, wrong: pa.Field, message: str
) -> None:
    with pytest.raises(ContractError, match=re.escape(message)):
        CONTRACT.check_schema(schema().set(position, wrong), "here")


def test_metadata_of_a_schema_do_not_count() -> None:
    CONTRACT.check_schema(schema().with_metadata({"a": "b"}), "here")
