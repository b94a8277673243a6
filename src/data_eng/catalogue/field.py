"""Fields of a contract: the subset of Avro that a column may use, and its properties.

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

A field must carry ``doc``, its meaning. It may carry ``minimum`` and ``maximum`` (inclusive), and
as text ``unit``, ``window``, ``null_rule``, ``source`` and ``mirror``. ``timeZone`` is an IANA
name, by default UTC. Everything else is refused with the field and the remedy.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa

_PRIMITIVES: Final[dict[str, Callable[[], pa.DataType]]] = {
    "boolean": pa.bool_,
    "int": pa.int32,
    "long": pa.int64,
    "float": pa.float32,
    "double": pa.float64,
    "string": pa.string,
}
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
PROPERTIES: Final = ("unit", "window", "null_rule", "source", "mirror")
"""What a field may say of itself in words, besides ``doc``."""
MIRROR: Final = re.compile(
    r"odd|even|one_minus|reciprocal|(?:minus_)?swap:(?P<other>[A-Za-z_][A-Za-z0-9_]*)"
)
"""How a column changes where bid and ask, up and down change places: it changes its sign, stays,
becomes one less itself or its reciprocal, or takes the value, or minus the value, of another."""

_FIELD_KEYS: Final = {"name", "type", "doc", "default", "minimum", "maximum", *PROPERTIES}


class RefusedError(Exception):
    """A contract is outside of the subset; the message names the field, not the file."""


@dataclass(frozen=True)
class Field:
    """One column of a contract.

    Attributes
    ----------
    name, doc : str
        Column name; meaning.
    type : pyarrow.DataType
        Arrow type.
    nullable : bool
        Whether a value may be null.
    symbols : tuple of str
        Allowed values of an enumeration, in code order; empty for other types.
    minimum, maximum : float or int or None
        Inclusive bounds.
    unit, window, null_rule, source, mirror : str
        Unit; what of the past the value looks at; when it is null; where it is from; how it
        changes in the mirrored market, see `MIRROR`. Empty where the field does not say.
    """

    name: str
    doc: str
    type: pa.DataType
    nullable: bool
    symbols: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    window: str = ""
    null_rule: str = ""
    source: str = ""
    mirror: str = ""

    @property
    def mirror_column(self) -> str | None:
        """The column that this one changes places with in the mirrored market, None without."""
        match = MIRROR.fullmatch(self.mirror)
        return None if match is None else match["other"]

    def canonical(self) -> list[Any]:
        """Return what a reader relies on: name, type, null, symbols, range, unit; no prose."""
        bounds = [_number(bound) for bound in (self.minimum, self.maximum)]
        return [self.name, str(self.type), self.nullable, list(self.symbols), bounds, self.unit]


def _number(bound: float | None) -> float | None:
    # 1 and 1.0 are one bound; a whole number beyond 2**53 stays exact.
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound


def parse_field(item: Any) -> Field:
    """Return a field of an Avro record.

    Raises
    ------
    RefusedError
        It is outside of the subset.
    """
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise RefusedError("a field without a name")
    name = item["name"]
    if not NAME.match(name):
        raise RefusedError(f"field {name!r}: not an Avro name")
    unknown = set(item) - _FIELD_KEYS
    if unknown:
        raise RefusedError(f"field {name}: unknown attribute {sorted(unknown)[0]}")
    if not isinstance(item.get("doc"), str) or not item["doc"].strip():
        raise RefusedError(f"field {name}: doc is missing; say what it means")
    avro, nullable = item["type"], False
    if isinstance(avro, list):
        if len(avro) != 2 or avro[0] != "null" or isinstance(avro[1], list):
            raise RefusedError(f'field {name}: the only union allowed is ["null", T]')
        if "default" not in item or item["default"] is not None:
            raise RefusedError(f"field {name}: a nullable field needs default null")
        avro, nullable = avro[1], True
    elif "default" in item:
        raise RefusedError(f"field {name}: only nullable fields have a default (null)")
    arrow, symbols = _arrow_type(name, avro)
    low, high = _bounds(name, item, arrow)
    said = _properties(name, item)
    return Field(name, item["doc"], arrow, nullable, symbols, low, high, **said)


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
            raise RefusedError(
                f"field {name}: logicalType {logical!r} on {kind!r} is not supported; "
                "use timestamp-nanos on long or date on int"
            )
        if kind in _PRIMITIVES:
            return _PRIMITIVES[kind](), ()
    raise RefusedError(f"field {name}: type {avro!r} is not supported")


def _zone(name: str, zone: Any) -> str:
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise RefusedError(f"field {name}: timeZone {zone!r} is not an IANA zone") from error
    return str(zone)


def _bounds(name: str, item: dict[str, Any], arrow: pa.DataType) -> tuple[Any, Any]:
    bounds = item.get("minimum"), item.get("maximum")
    for bound in bounds:
        if bound is None:
            continue
        if isinstance(bound, bool) or not isinstance(bound, int | float):
            raise RefusedError(f"field {name}: bound {bound!r} is not a number")
        if not (pa.types.is_integer(arrow) or pa.types.is_floating(arrow)):
            raise RefusedError(f"field {name}: bounds need a numeric type")
        if not math.isfinite(bound):  # NaN would let every value pass
            raise RefusedError(f"field {name}: bound {bound!r} is not finite")
    low, high = bounds
    if low is not None and high is not None and low > high:
        raise RefusedError(f"field {name}: minimum {low} is above maximum {high}")
    return bounds


def _properties(name: str, item: Mapping[str, Any]) -> dict[str, str]:
    said = {key: item[key] for key in PROPERTIES if key in item}
    for key, text in said.items():
        if not isinstance(text, str) or not text.strip():
            raise RefusedError(f"field {name}: {key} {text!r} is no text; leave it out or say it")
    mirror = said.get("mirror")
    if mirror is not None and MIRROR.fullmatch(mirror) is None:
        raise RefusedError(
            f"field {name}: mirror {mirror!r} is none of odd, even, one_minus, reciprocal, "
            "swap:COLUMN, minus_swap:COLUMN"
        )
    return said


def check_mirrors(fields: tuple[Field, ...]) -> None:
    """Raise `RefusedError` where a column changes places with one that does not with it."""
    mirrors = {field.name: field.mirror for field in fields}
    for field in fields:
        if (other := field.mirror_column) is None:
            continue
        back = f"{field.mirror.partition(':')[0]}:{field.name}"
        if mirrors.get(other) != back:
            raise RefusedError(f"field {field.name}: its mirror {other} is no field with {back}")
