from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from src.data_eng.catalogue.contract import load_contract
from src.data_eng.errors import ContractError

ENUM = {"type": "enum", "name": "Side", "symbols": ["A", "B", "N"]}
NANOS = {"type": "long", "logicalType": "timestamp-nanos"}


def record(*fields: Any, **changes: Any) -> dict[str, Any]:
    return {"type": "record", "name": "table", "doc": "A table.", "fields": list(fields), **changes}


def field(kind: Any, **attributes: Any) -> dict[str, Any]:
    return {"name": "a", "type": kind, "doc": "Meaning, unit. Never null.", **attributes}


def write(folder: Path, schema: Any) -> str:
    text = schema if isinstance(schema, str) else json.dumps(schema)
    (folder / "table.avsc").write_text(text)
    return "table.avsc"


@pytest.mark.parametrize(
    ("avro", "arrow"),
    [
        ("boolean", pa.bool_()),
        ("int", pa.int32()),
        ("long", pa.int64()),
        ("float", pa.float32()),
        ("double", pa.float64()),
        ("string", pa.string()),
        ({"type": "long"}, pa.int64()),
        (ENUM, pa.dictionary(pa.int32(), pa.string())),
        (NANOS, pa.timestamp("ns", "UTC")),
        ({**NANOS, "timeZone": "America/New_York"}, pa.timestamp("ns", "America/New_York")),
        ({"type": "int", "logicalType": "date"}, pa.date32()),
    ],
    ids=str,
)
@pytest.mark.parametrize("nullable", [False, True])
def test_avro_types_are_arrow_types(
    tmp_path: Path, avro: Any, arrow: pa.DataType, nullable: bool
) -> None:
    item = field(["null", avro], default=None) if nullable else field(avro)
    contract = load_contract(write(tmp_path, record(item)), tmp_path)
    assert contract.arrow_schema.equals(pa.schema([pa.field("a", arrow, nullable=nullable)]))
    found = contract.fields[0]
    assert found.symbols == (("A", "B", "N") if avro == ENUM else ())
    assert (found.name, found.nullable) == ("a", nullable)


def test_a_contract_keeps_names_docs_and_bounds(tmp_path: Path) -> None:
    schema = record(field("int", minimum=0, maximum=255), {**field("double"), "name": "b"})
    contract = load_contract(write(tmp_path, schema), tmp_path)
    assert (contract.name, contract.doc, contract.path) == ("table", "A table.", "table.avsc")
    assert [f.name for f in contract.fields] == ["a", "b"]
    assert (contract.fields[0].minimum, contract.fields[0].maximum) == (0, 255)
    assert (contract.fields[1].minimum, contract.fields[1].maximum) == (None, None)
    assert contract.fields[0].doc == "Meaning, unit. Never null."


PROPERTIES = {
    "unit": "ticks",
    "window": "60 s",
    "null_rule": "Null without a trade.",
    "source": "Kyle 1985",
    "mirror": "odd",
}


def test_a_field_keeps_what_it_says_of_itself(tmp_path: Path) -> None:
    schema = record(field("int", **PROPERTIES), {**field("double"), "name": "b"})
    said, silent = load_contract(write(tmp_path, schema), tmp_path).fields
    assert {name: getattr(said, name) for name in PROPERTIES} == PROPERTIES
    assert {getattr(silent, name) for name in PROPERTIES} == {""}


@pytest.mark.parametrize("kind", ["swap", "minus_swap"])
def test_two_columns_may_change_places_in_the_mirror(tmp_path: Path, kind: str) -> None:
    pair = [
        {**field("double", mirror=f"{kind}:{other}"), "name": name}
        for name, other in (("a", "b"), ("b", "a"))
    ]
    first, second = load_contract(write(tmp_path, record(*pair)), tmp_path).fields
    assert (first.mirror_column, second.mirror_column) == ("b", "a")
    pair[1]["mirror"] = "odd"
    with pytest.raises(ContractError, match=f"field a: its mirror b is no field with {kind}:a"):
        load_contract(write(tmp_path, record(*pair)), tmp_path)


ENUMS = field({**ENUM})
FIRST = field("int", minimum=0, maximum=9, unit="s")
SECOND = {**ENUMS, "name": "b"}
SAME: list[tuple[str, Any]] = [
    ("doc of the record", record(FIRST, SECOND, doc="Another table.")),
    ("doc of a field", record({**FIRST, "doc": "Better said."}, SECOND)),
    ("null rule", record({**FIRST, "null_rule": "Never null."}, SECOND)),
    ("source", record({**FIRST, "source": "Kyle 1985"}, SECOND)),
    ("window and mirror", record({**FIRST, "window": "60 s", "mirror": "odd"}, SECOND)),
    ("a bound as a decimal", record({**FIRST, "maximum": 9.0}, SECOND)),
    ("a type as an object", record({**FIRST, "type": {"type": "int"}}, SECOND)),
]
OTHER: list[tuple[str, Any]] = [
    ("name of the record", record(FIRST, SECOND, name="other")),
    ("name", record({**FIRST, "name": "c"}, SECOND)),
    ("order", record(SECOND, FIRST)),
    ("a column less", record(FIRST)),
    ("type", record({**FIRST, "type": "long"}, SECOND)),
    ("nulls", record({**FIRST, "type": ["null", "int"], "default": None}, SECOND)),
    ("symbols", record(FIRST, {**SECOND, "type": {**ENUM, "symbols": ["A", "B"]}})),
    ("order of symbols", record(FIRST, {**SECOND, "type": {**ENUM, "symbols": ["B", "A", "N"]}})),
    ("minimum", record({**FIRST, "minimum": 1}, SECOND)),
    ("maximum", record({**FIRST, "maximum": 9.5}, SECOND)),
    ("unit", record({**FIRST, "unit": "ms"}, SECOND)),
]


def sha256(folder: Path, schema: Any) -> str:
    return load_contract(write(folder, schema), folder).sha256


@pytest.mark.parametrize("schema", [s for _, s in SAME], ids=[what for what, _ in SAME])
def test_prose_does_not_change_the_hash(tmp_path: Path, schema: Any) -> None:
    assert sha256(tmp_path, schema) == sha256(tmp_path, record(FIRST, SECOND))


@pytest.mark.parametrize("schema", [s for _, s in OTHER], ids=[what for what, _ in OTHER])
def test_what_a_reader_relies_on_changes_the_hash(tmp_path: Path, schema: Any) -> None:
    assert sha256(tmp_path, schema) != sha256(tmp_path, record(FIRST, SECOND))


def test_whole_bounds_beyond_a_double_are_told_apart(tmp_path: Path) -> None:
    first, second = (record(field("long", maximum=(1 << 62) + n)) for n in (0, 1))
    assert sha256(tmp_path, first) != sha256(tmp_path, second)


REFUSED: list[tuple[Any, str]] = [
    ("", "not JSON"),
    ("{", "not JSON"),
    ("[" * 100_000, "not JSON"),
    ([], "must be an Avro record"),
    ("int", "not JSON"),
    ({"type": "enum", "name": "E", "symbols": ["A"]}, "must be an Avro record"),
    (record(), "no list of fields"),
    (record(fields={}), "no list of fields"),
    (record(field("int"), name=None), "the record's name is no text"),
    (record(field("int"), name=["trades"]), "the record's name is no text"),
    (record(field("int"), name="two words"), "record 'two words': not an Avro name"),
    (record(field("integer")), "not an Avro schema"),
    (record({"name": "a", "doc": "d"}), "not an Avro schema"),
    (record(field(ENUM), {**field(ENUM), "name": "b"}), "not an Avro schema"),
    (record(field("int"), field("long")), "field a stands twice"),
    (record({**field("int"), "doc": " "}), "field a: doc is missing"),
    (record({"name": "a", "type": "int"}), "field a: doc is missing"),
    (record({**field("int"), "name": "bid-px"}), "bid-px"),
    (record(field("int", inputs="trades")), "field a: unknown attribute inputs"),
    (record(field("int", unit="")), "field a: unit '' is no text"),
    (record(field("int", window=60)), "field a: window 60 is no text"),
    (record(field("int", mirror="flips")), "field a: mirror 'flips' is none of odd"),
    (record(field("int", mirror="swap:")), "field a: mirror 'swap:' is none of odd"),
    (record(field("int", mirror="swap:b")), "field a: its mirror b is no field with swap:a"),
    (record(field({**ENUM, "symbols": ["A", "A"]})), "must be unique"),
    (record(field({**ENUM, "symbols": ["A", "1"]})), "not an Avro schema"),
    (record(field("bytes")), "field a: type 'bytes' is not supported"),
    (record(field("null")), "field a: type 'null' is not supported"),
    (record(field({"type": "array", "items": "int"})), "is not supported"),
    (record(field({"type": "map", "values": "int"})), "is not supported"),
    (record(field({"type": "fixed", "name": "F", "size": 4})), "is not supported"),
    (record(field(record(field("int"), name="inner"))), "is not supported"),
    (record(field({"type": "long", "logicalType": "timestamp-micros"})), "use timestamp-nanos"),
    (record(field({"type": "int", "logicalType": "time-millis"})), "use timestamp-nanos"),
    (record(field({**NANOS, "timeZone": "US/Nowhere"})), "field a: timeZone 'US/Nowhere'"),
    (record(field({**NANOS, "timeZone": "-05:00"})), "is not an IANA zone"),
    (record(field({**NANOS, "timeZone": 5})), "is not an IANA zone"),
    (record(field(["int", "null"])), "the only union allowed"),
    (record(field(["null", "int", "long"], default=None)), "the only union allowed"),
    (record(field(["null"], default=None)), "the only union allowed"),
    (record(field(["null", "int"])), "needs default null"),
    (record(field("int", default=0)), "only nullable fields have a default"),
    (record(field("string", minimum=0)), "bounds need a numeric type"),
    (record(field(NANOS, minimum=0)), "bounds need a numeric type"),
    (record(field("int", minimum="0")), "bound '0' is not a number"),
    (record(field("int", maximum=True)), "bound True is not a number"),
    (record(field("double", minimum=float("nan"))), "bound nan is not finite"),
    (record(field("double", maximum=float("inf"))), "bound inf is not finite"),
    (record(field("int", minimum=2, maximum=1)), "minimum 2 is above maximum 1"),
]


@pytest.mark.parametrize(("schema", "message"), REFUSED)
def test_what_is_outside_of_the_subset_is_refused_with_file_and_field(
    tmp_path: Path, schema: Any, message: str
) -> None:
    name = write(tmp_path, schema)
    with pytest.raises(ContractError, match=re.escape(message)) as caught:
        load_contract(name, tmp_path)
    assert str(caught.value).startswith(str(tmp_path / "table.avsc"))


@pytest.mark.parametrize("data", [b"\xff\xfe\x00\x01", b"Obj\x01\x04\x14avro.codec", b"PAR1"])
def test_a_binary_file_is_no_contract(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "table.avsc").write_bytes(data)
    with pytest.raises(ContractError, match="not JSON"):
        load_contract("table.avsc", tmp_path)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"nothing\.avsc: contract cannot be read"):
        load_contract("nothing.avsc", tmp_path)
    with pytest.raises(ContractError, match="contract cannot be read"):
        load_contract("", tmp_path)
