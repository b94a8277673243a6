"""Every contract that follows from something else, and how.

1. A feature table in Silver: the key columns and the features that `features` declare, those of a
   level with its prefix and its words (`feature_contracts`).
2. A ``*_clean`` table: its Bronze contract, and ``ts_event`` as shown in New York.
3. A ``*_first3h`` table: the contract of the Silver table that it cuts.
4. A vector: the columns of its parts side by side.
5. Where a contract written by hand names the levels (``level_name``), its symbols.

Contracts that are written by hand, `bronze` and what rule 5 completes, are read from the folder;
``python -m src.data_eng.catalogue`` writes the others there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from ..errors import ContractError
from ..features.feature import Feature
from ..features.level import columns as level_table
from ..features.level.levels import Level, level_names, levels
from ..features.market import columns as market_table
from ..features.option_market import table as option_table
from . import contract
from .datasets import Dataset, dataset, registry
from .feature_tables import KEYS, is_feature_table
from .vectors import vector_parts

Json = Mapping[str, Any]

LEVEL_ENUM: Final = "level_name"
"""Name of the Avro enumeration of the levels."""

_TIMESTAMP: Final = {"type": "long", "logicalType": "timestamp-nanos"}
_UTC: Final = {**_TIMESTAMP, "timeZone": "UTC"}
_NEW_YORK: Final = {**_TIMESTAMP, "timeZone": "America/New_York"}
_ROW: Final = (
    "Time of the row: a whole second, both ends of 09:30:00 to 12:30:00 America/New_York included; "
    "nanoseconds since epoch, UTC. The row uses records {seen}. Never null."
)
_SHOWN: Final = (
    "The same instant as {of}, shown in America/New_York (IANA zone, daylight saving included); "
    "nanoseconds since epoch. {null}"
)
_BEFORE: Final = "with ts_recv < ts"
_OPTIONS_BEFORE: Final = "received before the last whole 5 seconds up to ts"


def derived_contracts(root: Path | None = None) -> dict[str, str]:
    """Return path below ``contracts`` and text of each contract that is derived.

    Parameters
    ----------
    root : Path, optional
        Folder of the contracts that are written by hand, by default the package's.

    Raises
    ------
    ContractError
        One of those is missing or not JSON.
    """
    folder = contract.CONTRACTS if root is None else root
    made: dict[str, Json] = dict(feature_contracts())
    for one in registry().values():
        made |= _with_levels(one, folder)
    for one in registry().values():
        if one.table.endswith("_clean"):
            made[one.key] = _clean(one, folder)
    for one in registry().values():
        if one.table.endswith("_first3h"):
            made[one.key] = _first3h(one, made)
    for key, parts in vector_parts().items():
        made[key] = _vector(key, [made[part] for part in parts])
    return {_path(key): contract_text(record) for key, record in made.items()}


def feature_contracts() -> Iterator[tuple[str, Json]]:
    """Yield key and Avro record of each feature table of Silver."""
    key = "silver.future.market"
    yield key, _features(key, market_table.DOC, market_table.FEATURES)
    key = "silver.future_option.market"
    yield key, _features(key, option_table.DOC, option_table.FEATURES, seen=_OPTIONS_BEFORE)
    for level in levels():
        key = f"silver.future.{level.table}"
        doc = level_table.DOC.replace("{level}", level.words).replace("{value}", level.value)
        yield key, _features(key, doc, level_table.features_of(level), level)


def contract_text(record: Json) -> str:
    """Return an Avro contract, a field a line so that a change reads well as a difference."""
    head = {key: value for key, value in record.items() if key != "fields"}
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    rows = ",\n".join(f"    {json.dumps(field)}" for field in record["fields"])
    return "\n".join(["{", *lines, '  "fields": [', rows, "  ]", "}", ""])


def _features(
    key: str,
    doc: str,
    features: Iterable[Feature],
    level: Level | None = None,
    seen: str = _BEFORE,
) -> Json:
    keys = [
        {"name": "ts", "type": _UTC, "doc": _ROW.format(seen=seen)},
        {"name": "ts_est", "type": _NEW_YORK, "doc": _SHOWN.format(of="ts", null="Never null.")},
    ]
    return _record(key, doc, [*keys, *(_field(feature, level) for feature in features)])


def _field(feature: Feature, level: Level | None) -> Json:
    prefix, words = ("", "") if level is None else (f"{level.name}_", level.words)
    what, _, other = feature.mirror.partition(":")
    said = {
        "unit": feature.unit,
        "window": feature.window,
        "null_rule": feature.null_rule.replace("{level}", words),
        "source": feature.source,
        "mirror": f"{what}:{prefix}{other}" if other else what,
    }
    bounds = {"minimum": feature.minimum, "maximum": feature.maximum}
    return {
        "name": f"{prefix}{feature.name}",
        **({"type": ["null", "double"], "default": None} if feature.nullable else _DOUBLE),
        "doc": feature.doc.replace("{level}", words),
        **{name: text for name, text in said.items() if text},
        **{name: bound for name, bound in bounds.items() if bound is not None},
    }


_DOUBLE: Final = {"type": "double"}


def _clean(one: Dataset, folder: Path) -> Json:
    table = one.table.removesuffix("_clean")
    fields = _read(folder, f"bronze.{one.product_type}.{table}")["fields"]
    (event,) = (field for field in fields if field["name"] == "ts_event")
    if isinstance(event["type"], list):
        doc = _SHOWN.format(of="ts_event", null="Null where ts_event is.")
        shown: Json = {"type": ["null", _NEW_YORK], "default": None, "doc": doc}
    else:
        doc = _SHOWN.format(of="ts_event", null="Never null.")
        shown = {"type": _NEW_YORK, "doc": doc}
    doc = f"Bronze {table} with the event time in New York."
    return _record(one.key, doc, [*fields, {"name": "ts_event_est", **shown}])


def _first3h(one: Dataset, made: Mapping[str, Json]) -> Json:
    table = one.table.removesuffix("_first3h")
    grid = f"silver.{one.product_type}.{table}"
    if is_feature_table(one):
        silver = made[grid]
        what = f"Silver {table} from 09:30:00 to 12:30:00 America/New_York, both ends included. "
        return _record(one.key, what + silver["doc"], silver["fields"])
    silver = made[f"{grid}_clean"]
    times = {field["name"]: field["type"] for field in silver["fields"]}
    by = "by ts_event_est"
    if table == "definition":
        doc = (
            "The rows of Silver definition_clean that are in force at some moment of 09:30:00 to "
            "12:30:00 America/New_York (half-open, by ts_recv) of the partition's date: from the "
            "receipt of a definition to that of the instrument's next one, unless it deletes it "
            "or the option expired before."
        )
        return _record(one.key, doc, silver["fields"])
    if isinstance(times["ts_event_est"], list):
        by += "; by ts_recv where the source is sampled (bbo-1s, bbo-1m)"
    doc = (
        f"Silver {table}_clean from 09:30:00 to 12:30:00 America/New_York (half-open, {by}) of the "
        "partition's date."
    )
    return _record(one.key, doc, silver["fields"])


def _vector(key: str, parts: list[Json]) -> Json:
    fields = [field for field in parts[0]["fields"] if field["name"] in KEYS]
    for part in parts:
        fields += [field for field in part["fields"] if field["name"] not in KEYS]
    has_options = not key.endswith("_without_options")
    of = " and of the options on it" if has_options else ""
    doc = (
        f"MARKET features of the front-month futures contract{of}, and LEVEL features of the price "
        "levels, joined one to one on symbol and ts: a row a second from 09:30:00 to 12:30:00 "
        "America/New_York, both ends included. Every column as in its own table."
    )
    if not has_options:
        doc += " For dates and roots without data of options."
    return _record(key, doc, fields)


def _with_levels(one: Dataset, folder: Path) -> dict[str, Json]:
    # The contracts written by hand that have a column of levels.
    if one.table not in ("level", "level_1s", "level_touch", "level_outcome"):
        return {}
    record = deepcopy(_read(folder, one.key))
    for field in record["fields"]:
        if isinstance(field["type"], dict) and field["type"].get("name") == LEVEL_ENUM:
            field["type"]["symbols"] = list(level_names())
    return {one.key: record}


def _record(key: str, doc: str, fields: list[Json]) -> Json:
    layer, product_type, table = key.split(".")
    namespace = f"data_eng.{layer}.{product_type}"
    return {"type": "record", "name": table, "namespace": namespace, "doc": doc, "fields": fields}


def _read(folder: Path, key: str) -> Json:
    path = folder / _path(key)
    try:
        record: Json = json.loads(path.read_text())
    except OSError as error:
        raise ContractError(f"{path}: contract cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ContractError(f"{path}: contract is not JSON ({error}); restore the file") from error
    return record


def _path(key: str) -> str:
    path = dataset(key).contract_path
    if path is None:
        raise ContractError(f"{key} is raw: it has no contract")
    return path
