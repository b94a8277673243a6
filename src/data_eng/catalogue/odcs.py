"""Table contracts as documents of the Open Data Contract Standard, version 3.1, in YAML.

The Avro file stays the contract; this is an export for catalogues that read the standard
(https://bitol-io.github.io/open-data-contract-standard). One document a table. What the standard
has no place for stands in ``customProperties`` under the names of our contracts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import pyarrow as pa

from ..version import __version__
from .contract import Contract
from .datasets import Dataset
from .field import PROPERTIES, Field

API_VERSION: Final = "v3.1.0"
_ENDING: Final = ".odcs.yaml"
_BY_PATH: Final = (
    ("symbol", "string", "The futures contract; of options that of their underlying."),
    ("dt", "date", "UTC date of the vendor's daily file."),
)


def odcs_documents(datasets: Iterable[Dataset]) -> dict[str, str]:
    """Return path and text of the document of each dataset that has a contract.

    Raises
    ------
    ContractError
        A contract is missing or not valid.
    """
    return {
        f"{one.key.replace('.', '/')}{_ENDING}": yaml_text(odcs_document(one))
        for one in datasets
        if one.contract_path is not None
    }


def odcs_document(dataset: Dataset) -> dict[str, Any]:
    """Return the document of a dataset as plain values."""
    contract = dataset.contract()
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"data_eng.{dataset.key}",
        "name": dataset.key,
        "version": __version__,
        "status": "active",
        "domain": "market data",
        "description": {"purpose": contract.doc},
        "servers": [
            {
                "server": "lake",
                "type": "local",
                "path": f"{dataset.folder('*')}/dt=*/*.parquet",
                "format": "parquet",
            }
        ],
        "schema": [_table(dataset, contract)],
        "customProperties": [
            {"property": "avroContract", "value": contract.path},
            {"property": "avroContractSha256", "value": contract.sha256},
        ],
    }


def _table(dataset: Dataset, contract: Contract) -> dict[str, Any]:
    by_path = [
        {
            "name": name,
            "logicalType": kind,
            "description": f"{doc} By the path, not in the file.",
            "required": True,
            "partitioned": True,
            "partitionKeyPosition": position,
        }
        for position, (name, kind, doc) in enumerate(_BY_PATH, start=1)
    ]
    columns = [_column(field) for field in contract.fields if field.name not in ("symbol", "dt")]
    return {
        "name": dataset.table,
        "logicalType": "object",
        "physicalType": "table",
        "description": contract.doc,
        "properties": [*columns, *by_path],
    }


def _column(field: Field) -> dict[str, Any]:
    kind = _logical_type(field.type)
    made: dict[str, Any] = {
        "name": field.name,
        "logicalType": kind,
        "physicalType": str(field.type),
        "description": field.doc,
        "required": not field.nullable,
    }
    if kind == "timestamp":
        made["logicalTypeOptions"] = {"timezone": True, "defaultTimezone": field.type.tz}
    bounds = {"minimum": field.minimum, "maximum": field.maximum}
    if options := {name: bound for name, bound in bounds.items() if bound is not None}:
        made["logicalTypeOptions"] = options
    if field.symbols:
        valid = {"validValues": list(field.symbols)}
        made["quality"] = [{"metric": "invalidValues", "arguments": valid, "mustBe": 0}]
    said = [(_camel(name), getattr(field, name)) for name in PROPERTIES]
    if custom := [{"property": name, "value": text} for name, text in said if text]:
        made["customProperties"] = custom
    return made


def _logical_type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "timestamp"
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer"
    return "number" if pa.types.is_floating(kind) else "string"


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def yaml_text(value: Mapping[str, Any]) -> str:
    """Return plain values as YAML: blocks, with every scalar in the form that JSON has too.

    Parameters
    ----------
    value : mapping
        Of words to texts, numbers, booleans, and mappings and lists of these; none empty.
    """
    return "\n".join([*_lines(value), ""])


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            if isinstance(item, Mapping | list):
                yield f"{name}:"
                yield from (f"  {line}" for line in _lines(item))
            else:
                yield f"{name}: {json.dumps(item)}"
    elif isinstance(value, list):
        for item in value:
            first, *rest = _lines(item)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield json.dumps(value)
