"""Rules on what the features say of themselves, on the declared tables alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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


def property_findings(datasets: Iterable[Dataset]) -> list[Finding]:
    """Return where a feature's name and what it says of itself differ.

    1. A unit in the name is the unit: ``_ticks``, ``_bps``, ``_pct``, ``_seconds``, ``_atr``.
    2. A window at the end of the name, ``_60s``, is in the window.
    3. A feature of several levels has one unit, window and mirror.

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
        for field in found.contract().fields:
            if field.name in KEYS:
                continue
            findings += [_fail(field, text) for text in _faults(field)]
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


def _measure(field: Field) -> tuple[str, str, str]:
    # The other column of a swap has the prefix of its table.
    return field.unit, field.window, field.mirror.partition(":")[0]


def _fail(field: Field, text: str) -> Finding:
    return Finding(Severity.FAIL, "name", (field.name,), text)
