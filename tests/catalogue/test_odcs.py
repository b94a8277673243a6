"""Contracts as documents of the Open Data Contract Standard."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from src.data_eng.catalogue.command import main
from src.data_eng.catalogue.datasets import dataset, registry
from src.data_eng.catalogue.odcs import odcs_document, odcs_documents, yaml_text
from src.data_eng.errors import UsageError
from src.data_eng.version import __version__

WITH_CONTRACT = [one for one in registry().values() if one.contract_path is not None]

# What the standard's JSON schema of version 3.1.0 asks for and allows, where a document of ours
# has something. The schema itself is not in the repository.
REQUIRED = {"version", "apiVersion", "kind", "id", "status"}
ALLOWED = {
    "document": REQUIRED
    | {"name", "domain", "description", "servers", "schema", "customProperties"},
    "description": {"usage", "purpose", "limitations"},
    "server": {"server", "type", "path", "format"},
    "table": {"name", "logicalType", "physicalType", "description", "properties"},
    "column": {
        *("name", "logicalType", "physicalType", "description", "required", "partitioned"),
        *("partitionKeyPosition", "logicalTypeOptions", "quality", "customProperties"),
    },
}
OPTIONS = {
    "timestamp": {"timezone", "defaultTimezone"},
    "integer": {"minimum", "maximum"},
    "number": {"minimum", "maximum"},
    "string": set(),
    "date": set(),
    "boolean": set(),
}


def read(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    return {path: read(text) for path, text in odcs_documents(registry().values()).items()}


def test_each_contract_has_a_document(documents: dict[str, Any]) -> None:
    assert set(documents) == {f"{one.key.replace('.', '/')}.odcs.yaml" for one in WITH_CONTRACT}


def test_the_yaml_says_what_the_values_are(documents: dict[str, Any]) -> None:
    for one in WITH_CONTRACT:
        assert documents[f"{one.key.replace('.', '/')}.odcs.yaml"] == odcs_document(one)


def test_documents_have_the_structure_of_the_standard(documents: dict[str, Any]) -> None:
    for document in documents.values():
        assert document.keys() >= REQUIRED
        assert document.keys() <= ALLOWED["document"]
        assert document["apiVersion"] == "v3.1.0"
        assert document["kind"] == "DataContract"
        assert document["version"] == __version__
        assert document["description"].keys() <= ALLOWED["description"]
        (server,) = document["servers"]
        assert server.keys() == ALLOWED["server"]
        (table,) = document["schema"]
        assert table.keys() <= ALLOWED["table"]
        assert table["logicalType"] == "object"
        for column in table["properties"]:
            assert {"name", "logicalType"} <= column.keys() <= ALLOWED["column"]
            options = column.get("logicalTypeOptions", {})
            assert options.keys() <= OPTIONS[column["logicalType"]], column["name"]
            for custom in column.get("customProperties", []):
                assert custom.keys() == {"property", "value"}
                assert re.fullmatch("[a-z]+([A-Z][a-z]+)*", custom["property"])


def test_columns_are_those_of_the_contract(documents: dict[str, Any]) -> None:
    for one in WITH_CONTRACT:
        (table,) = documents[f"{one.key.replace('.', '/')}.odcs.yaml"]["schema"]
        *columns, symbol, date = table["properties"]
        fields = [field for field in one.contract().fields if field.name not in ("symbol", "dt")]
        assert [column["name"] for column in columns] == [field.name for field in fields]
        assert [column["required"] for column in columns] == [not f.nullable for f in fields]
        assert (symbol["name"], symbol["partitionKeyPosition"]) == ("symbol", 1)
        assert (date["name"], date["partitionKeyPosition"]) == ("dt", 2)


def test_a_column_says_type_range_values_and_properties() -> None:
    columns = {
        column["name"]: column
        for key in ("silver.future.market", "silver.future.trades", "silver.future.level")
        for column in odcs_document(dataset(key))["schema"][0]["properties"]
    }
    spread = columns["quoted_spread_ticks"]
    assert spread["logicalType"] == "number"
    assert spread["logicalTypeOptions"] == {"minimum": 1}
    assert {"property": "nullRule", "value": "Null if one-sided, locked or crossed."} in spread[
        "customProperties"
    ]
    assert columns["ts_est"]["logicalTypeOptions"]["defaultTimezone"] == "America/New_York"
    (rule,) = columns["side"]["quality"]
    assert rule == {
        "metric": "invalidValues",
        "arguments": {"validValues": ["A", "B", "N"]},
        "mustBe": 0,
    }
    assert columns["is_snapshot"]["logicalType"] == "boolean"


def test_yaml_of_texts_that_yaml_could_take_for_others() -> None:
    value = {
        "a": ["no", "1.0", "", 'x: "y" # z', "é\n- b", None, True, 1.5],
        "b": [{"c": [{"d": 1, "e": [1, 2]}, {"d": "2"}]}],
    }
    assert read(yaml_text(value)) == value


def test_the_command_writes_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "out"
    assert main(["--format", "odcs", "--output", str(folder)]) == 0
    assert capsys.readouterr().out == f"wrote {len(WITH_CONTRACT)} contracts into {folder}\n"
    written = {str(path.relative_to(folder)) for path in folder.rglob("*.yaml")}
    assert written == set(odcs_documents(registry().values()))
    assert not (tmp_path / "features.md").exists()


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--output", "x"], "give --format odcs too"),
        (["--format", "odcs", "--check"], "an export is not kept"),
        (["--format", "xml"], "'xml' is none of avro, odcs"),
    ],
)
def test_flags_that_do_not_go_together(argv: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        main(argv)


def test_a_folder_that_cannot_be_written_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["--format", "odcs", "--output", str(tmp_path / "file" / "x")]) == 1
    assert capsys.readouterr().err.startswith("error: ")
