"""Rules on what the features say of themselves, on the declared tables alone."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from .datasets import Dataset
from .feature_tables import KEYS, feature_table
from .field import Field
from .finding import Finding, Severity

_UNITS: Final = {"ticks": "ticks", "bps": "bps", "pct": "%", "seconds": "s", "atr": "ATR"}
"""Words of a name that are its unit, and how the unit begins."""

# A number before the word makes it a distance or a window, as in within_2_ticks.
_UNIT: Final = re.compile(rf"(?<!\d)_(?P<word>{'|'.join(_UNITS)})(?:_|$)")
_WINDOW: Final = re.compile(r"_(?P<seconds>\d+)s$")

Bounds = tuple[float | None, float | None]


def property_findings(datasets: Iterable[Dataset]) -> list[Finding]:
    """Return where a feature's name and what it says of itself differ.

    1. A unit in the name is the unit: ``_ticks``, ``_bps``, ``_pct``, ``_seconds``, ``_atr``.
    2. A window at the end of the name, ``_60s``, is in the window.
    3. A feature of several levels has one unit, window and mirror.
    4. The range is that of the mirror image too: symmetric about 0 of an ``odd`` feature, about
       1/2 of ``one_minus``; positive of a ``reciprocal``, with its reciprocals as bounds; that of
       the other column, or its opposite, of ``swap`` and ``minus_swap``, which have one unit.

    A feature that says nothing breaks no rule.

    Parameters
    ----------
    datasets : iterable of Dataset
        Feature tables.
    """
    findings = []
    first: dict[tuple[str, str], Field] = {}
    for found in datasets:
        table = feature_table(found)
        fields = {field.name: field for field in found.contract().fields}
        for field in fields.values():
            if field.name in KEYS:
                continue
            findings += [_fail(field, text) for text in _faults(field)]
            findings += [_fail(field, text) for text in _mirror_faults(field, fields)]
            base = field.name.removeprefix(table.prefix)
            kind = "LEVEL" if table.prefix else table.base_key
            other = first.setdefault((kind, base), field)
            if _measure(other) != _measure(field):
                findings.append(_fail(field, f"says another unit, window or mirror: {other.name}"))
    return list(dict.fromkeys(findings))


def _faults(field: Field) -> Iterator[str]:
    unit = _UNIT.search(field.name)
    if unit and field.unit and not field.unit.startswith(_UNITS[unit["word"]]):
        yield f"names {unit['word']}, but its unit is {field.unit!r}"
    window = _WINDOW.search(field.name)
    if window and field.window and not re.search(rf"\b{window['seconds']} s\b", field.window):
        yield f"names {window['seconds']} s, but its window is {field.window!r}"


def _mirror_faults(field: Field, fields: Mapping[str, Field]) -> Iterator[str]:
    what, other = field.mirror.partition(":")[0], field.mirror_column
    bounds = field.minimum, field.maximum
    if bounds == (None, None) and other is None:
        return
    if what == "reciprocal" and (field.minimum is None or field.minimum < 0):
        yield f"is the reciprocal of its mirror image, but its minimum is {field.minimum}, not >= 0"
        return
    image = _mirror_image(what, bounds)
    if other is not None:
        pair = fields[other]
        if pair.unit != field.unit:
            yield f"changes places with {other}, whose unit is {pair.unit!r}, not {field.unit!r}"
        bounds = pair.minimum, pair.maximum
    if not all(_same(a, b) for a, b in zip(image, bounds, strict=True)):
        words = "its own" if other is None else f"that of {other}"
        yield f"mirror {field.mirror}: the mirrored range is {list(image)}, {words} {list(bounds)}"


def _mirror_image(what: str, bounds: Bounds) -> Bounds:
    low, high = bounds
    if what in ("odd", "minus_swap"):
        return None if high is None else -high, None if low is None else -low
    if what == "one_minus":
        return None if high is None else 1 - high, None if low is None else 1 - low
    if what == "reciprocal":
        return 0 if high is None else 1 / high, 1 / low if low else None
    return bounds


def _same(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def _measure(field: Field) -> tuple[str, str, str]:
    # The other column of a swap has the prefix of its table.
    return field.unit, field.window, field.mirror.partition(":")[0]


def _fail(field: Field, text: str) -> Finding:
    return Finding(Severity.FAIL, "name", (field.name,), text)
