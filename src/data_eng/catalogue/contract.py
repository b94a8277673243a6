"""Contracts: Avro record schemas that a table's columns, types, nulls and ranges must satisfy.

The subset of Avro that a contract may use, so that it maps to Arrow without a choice:

========================================  ============================
Avro                                      Arrow
========================================  ============================
``boolean``, ``int``, ``long``            bool, int32, int64
``float``, ``double``, ``string``         float32, float64, string
``enum``                                  dictionary<int32, string>
``long`` with ``timestamp-nanos``         timestamp[ns, ``timeZone``]
``int`` with ``date``                     date32
``["null", T]`` with default null         T, nullable
========================================  ============================

A field may carry ``minimum`` and ``maximum`` (inclusive), and must carry ``doc``. ``timeZone`` is
an IANA name, by default UTC. Everything else is refused with the file, the field and the remedy.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import fastavro.schema
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import ContractError

CONTRACTS: Final = Path(__file__).parents[1] / "contracts"

_PRIMITIVES: Final[dict[str, Callable[[], pa.DataType]]] = {
    "boolean": pa.bool_,
    "int": pa.int32,
    "long": pa.int64,
    "float": pa.float32,
    "double": pa.float64,
    "string": pa.string,
}
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_FIELD_KEYS: Final = {"name", "type", "doc", "default", "minimum", "maximum"}


@dataclass(frozen=True)
class Field:
    """One column of a contract.

    Attributes
    ----------
    name, doc : str
        Column name; meaning, unit and null rule.
    type : pyarrow.DataType
        Arrow type.
    nullable : bool
        Whether a value may be null.
    symbols : tuple of str
        Allowed values of an enumeration, in code order; empty for other types.
    minimum, maximum : float or int or None
        Inclusive bounds.
    """

    name: str
    doc: str
    type: pa.DataType
    nullable: bool
    symbols: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Contract:
    """A parsed contract.

    Attributes
    ----------
    name, doc : str
        Record name and documentation.
    path : str
        Path relative to the package's ``contracts`` folder, as manifests name it.
    sha256 : str
        SHA-256 of the contract file.
    fields : tuple of Field
        The columns in order.
    """

    name: str
    doc: str
    path: str
    sha256: str
    fields: tuple[Field, ...]

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        """The Arrow schema: order, types and nullability of the columns."""
        return pa.schema([pa.field(f.name, f.type, nullable=f.nullable) for f in self.fields])

    def check_schema(self, schema: pa.Schema, where: str) -> None:
        """Raise `ContractError` at the first difference of names, order, types, nullability."""
        for position, field in enumerate(self.fields):
            if position >= len(schema):
                raise ContractError(f"{where}: field {field.name} of {self.path} is missing")
            actual = schema.field(position)
            wanted = self.arrow_schema.field(position)
            if not actual.equals(wanted):
                raise ContractError(
                    f"{where}: field {position} is {actual.name} {_describe(actual)}, "
                    f"but {self.path} wants {wanted.name} {_describe(wanted)}"
                )
        if len(schema) > len(self.fields):
            extra = schema.field(len(self.fields)).name
            raise ContractError(f"{where}: field {extra} is not in {self.path}")

    def check(self, batch: pa.RecordBatch, where: str, first_row: int = 0) -> None:
        """Check one batch of a stream of rows.

        Parameters
        ----------
        batch : pyarrow.RecordBatch
            Rows to check.
        where : str
            The partition, for the message.
        first_row : int
            Number of rows of the stream before this batch, so that messages count from its start.

        Raises
        ------
        ContractError
            Names the field, the row and the value of the first violation.
        """
        self.check_schema(batch.schema, where)
        for field, column in zip(self.fields, batch.columns, strict=True):
            found = _violation(field, column)
            if found is not None:
                row, rule = found
                raise ContractError(
                    f"{where}: field {field.name}, row {first_row + row}: "
                    f"value {column[row].as_py()!r} {rule} "
                    f"(contract {self.path}); nothing was published"
                )


def load_contract(path: str | Path, root: Path = CONTRACTS) -> Contract:
    """Read and validate a contract file.

    Parameters
    ----------
    path : str or Path
        Relative to ``root``.
    root : Path
        The contracts' folder.

    Raises
    ------
    ContractError
        The file is missing, not JSON, not Avro, or outside the subset above.
    """
    file = root / path
    try:
        raw = file.read_bytes()
        parsed = json.loads(raw)
    except OSError as error:
        raise ContractError(f"{file}: contract cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise ContractError(f"{file}: contract is not JSON ({error}); restore the file") from error
    try:
        return _parse(parsed, str(path), hashlib.sha256(raw).hexdigest())
    except _RefusedError as refused:
        raise ContractError(f"{file}: {refused}") from refused


class _RefusedError(Exception):
    pass


def _parse(parsed: Any, path: str, sha256: str) -> Contract:
    if not isinstance(parsed, dict) or parsed.get("type") != "record":
        raise _RefusedError("the top level must be an Avro record")
    if not isinstance(parsed.get("fields"), list) or not parsed["fields"]:
        raise _RefusedError("the record has no list of fields")
    try:
        fastavro.schema.parse_schema(parsed)
    except Exception as error:  # fastavro raises KeyError, TypeError and its own
        raise _RefusedError(f"not an Avro schema ({type(error).__name__}: {error})") from error
    if not _NAME.match(parsed["name"]):
        raise _RefusedError(f"record {parsed['name']!r}: not an Avro name")
    fields = tuple(_field(item) for item in parsed["fields"])
    names = [field.name for field in fields]
    for name in names:
        if names.count(name) > 1:
            raise _RefusedError(f"field {name} stands twice; remove one")
    return Contract(str(parsed["name"]), str(parsed.get("doc", "")), path, sha256, fields)


def _field(item: Any) -> Field:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise _RefusedError("a field without a name")
    name = item["name"]
    if not _NAME.match(name):
        raise _RefusedError(f"field {name!r}: not an Avro name")
    unknown = set(item) - _FIELD_KEYS
    if unknown:
        raise _RefusedError(f"field {name}: unknown attribute {sorted(unknown)[0]}")
    if not isinstance(item.get("doc"), str) or not item["doc"].strip():
        raise _RefusedError(f"field {name}: doc is missing; say meaning, unit and null rule")
    avro, nullable = item["type"], False
    if isinstance(avro, list):
        if len(avro) != 2 or avro[0] != "null" or isinstance(avro[1], list):
            raise _RefusedError(f'field {name}: the only union allowed is ["null", T]')
        if "default" not in item or item["default"] is not None:
            raise _RefusedError(f"field {name}: a nullable field needs default null")
        avro, nullable = avro[1], True
    elif "default" in item:
        raise _RefusedError(f"field {name}: only nullable fields have a default (null)")
    arrow, symbols = _arrow_type(name, avro)
    low, high = _bounds(name, item, arrow)
    return Field(name, item["doc"], arrow, nullable, symbols, low, high)


def _arrow_type(name: str, avro: Any) -> tuple[pa.DataType, tuple[str, ...]]:
    if isinstance(avro, str) and avro in _PRIMITIVES:
        return _PRIMITIVES[avro](), ()
    if isinstance(avro, dict):
        kind, logical = avro.get("type"), avro.get("logicalType")
        if kind == "enum" and logical is None:
            return pa.dictionary(pa.int32(), pa.string()), tuple(avro["symbols"])
        if kind == "int" and logical == "date":
            return pa.date32(), ()
        if kind == "long" and logical == "timestamp-nanos":
            return pa.timestamp("ns", tz=_zone(name, avro.get("timeZone", "UTC"))), ()
        if logical is not None:
            raise _RefusedError(
                f"field {name}: logicalType {logical!r} on {kind!r} is not supported; "
                "use timestamp-nanos on long or date on int"
            )
        if kind in _PRIMITIVES:
            return _PRIMITIVES[kind](), ()
    raise _RefusedError(f"field {name}: type {avro!r} is not supported")


def _zone(name: str, zone: Any) -> str:
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise _RefusedError(f"field {name}: timeZone {zone!r} is not an IANA zone") from error
    return str(zone)


def _bounds(name: str, item: dict[str, Any], arrow: pa.DataType) -> tuple[Any, Any]:
    bounds = item.get("minimum"), item.get("maximum")
    for bound in bounds:
        if bound is None:
            continue
        if isinstance(bound, bool) or not isinstance(bound, int | float):
            raise _RefusedError(f"field {name}: bound {bound!r} is not a number")
        if not (pa.types.is_integer(arrow) or pa.types.is_floating(arrow)):
            raise _RefusedError(f"field {name}: bounds need a numeric type")
        if not math.isfinite(bound):  # NaN would let every value pass
            raise _RefusedError(f"field {name}: bound {bound!r} is not finite")
    low, high = bounds
    if low is not None and high is not None and low > high:
        raise _RefusedError(f"field {name}: minimum {low} is above maximum {high}")
    return bounds


def _describe(field: pa.Field) -> str:
    return f"{field.type}{'' if field.nullable else ' not null'}"


def _violation(field: Field, column: Any) -> tuple[int, str] | None:
    # The first row that breaks a rule of the field, and the rule.
    if not len(column):
        return None
    if not field.nullable and column.null_count:
        return _first(pc.is_null(column)), "is null, but the field is not nullable"
    if field.symbols:
        return _enum_violation(field, column)
    if pa.types.is_floating(field.type) and not _sums_to_a_number(column):
        # Null is how a missing value is written; NaN would slip through every filter.
        not_a_number = pc.is_nan(column)
        if pc.any(not_a_number).as_py():
            return _first(not_a_number), "is not a number; a missing value is null"
    if field.minimum is None and field.maximum is None:
        return None
    return _range_violation(field, column)


def _sums_to_a_number(column: Any) -> bool:
    # A NaN makes the sum NaN: one pass without a mask, for columns that have none.
    if column.null_count:
        return False
    # Not by column.to_numpy, which imports pandas first.
    kind = np.float64 if pa.types.is_float64(column.type) else np.float32
    values = np.frombuffer(column.buffers()[1], kind)[column.offset :][: len(column)]
    return not np.isnan(np.sum(values))


def _range_violation(field: Field, column: Any) -> tuple[int, str] | None:
    limits = pc.min_max(column)
    low, high = limits["min"].as_py(), limits["max"].as_py()
    if low is None:  # all null
        return None
    if field.minimum is not None and low < field.minimum:
        return _first(pc.less(column, field.minimum)), f"is below {field.minimum}"
    if field.maximum is not None and high > field.maximum:
        return _first(pc.greater(column, field.maximum)), f"is above {field.maximum}"
    return None


def _enum_violation(field: Field, column: Any) -> tuple[int, str] | None:
    values: Iterable[Any] = column.dictionary.to_pylist()
    wrong = [code for code, value in enumerate(values) if value not in field.symbols]
    if not wrong:
        return None
    hit = np.isin(column.indices.to_numpy(zero_copy_only=False), wrong)
    if not hit.any():
        return None
    return int(hit.argmax()), f"is not one of {', '.join(field.symbols)}"


def _first(mask: Any) -> int:
    return int(pc.index(mask, True).as_py())
