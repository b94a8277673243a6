"""Rules on the names of features, on the declared tables alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ..features.level.levels import level_names
from .feature_tables import FeatureTable
from .finding import Finding, Severity

FORBIDDEN: Final = frozenset({
    # Jargon that is no term of the field,
    "wall", "vacuum", "physics", "pressure", "tide", "fuel", "force", "mass", "energy", "jerk",
    "magnet", "absorption", "iceberg", "gex", "nbbo", "burst", "polarity", "alignment", "setup",
    "visible", "dwell", "velocity", "acceleration", "formation",
    # abbreviations with two meanings: a price of the book or a level, days or deltas,
    "l1", "l5", "l10", "25d", "30d",
    # and what happens after the row.
    "outcome", "label", "future", "forward", "extended", "post",
})  # fmt: skip
"""Words (parts between underscores) that no name of a feature may hold."""

SPELLED: Final = {
    "tick": "ticks", "tk": "ticks", "tks": "ticks", "bp": "bps", "percent": "pct", "perc": "pct",
    "prc": "pct", "sec": "seconds", "secs": "seconds", "second": "seconds", "min": "minutes",
    "mins": "minutes", "atrs": "atr",
}  # fmt: skip
"""Units that are spelled in one way only."""

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_WINDOW: Final = re.compile(
    r"\d+(ms|sec|secs|second|seconds|min|mins|minute|minutes|h|hr|hrs)|w\d+"
)
_LEVEL_WORDS: Final = ("premarket", "opening_range", "(?:^|_)level(?:_|$)")
_PER_ONE: Final = re.compile(r"(?:^|_)per_(?:[a-z]+_)?(?P<unit>tick|second)(?:_|$)")


def name_findings(tables: Sequence[FeatureTable]) -> list[Finding]:
    """Return what is wrong with the names of features.

    1. Lower-case words joined by ``_``; windows as ``_60s``; units as in `SPELLED`.
    2. A feature of a level begins with its table's prefix; one of MARKET names no level.
    3. Names are unique over all tables, and no level's base name (without the prefix) is a
       MARKET name. The same table in Silver and in Gold has the same features.
    4. No word of `FORBIDDEN`, and ``window`` is not the first word: say which window.

    Parameters
    ----------
    tables : sequence of FeatureTable
        Declared tables; Silver and Gold of one table count once.
    """
    findings = []
    distinct: dict[str, FeatureTable] = {}
    for table in tables:
        first = distinct.setdefault(table.base_key, table)
        if first.columns != table.columns:
            changed = sorted(set(first.columns) ^ set(table.columns)) or ["(order)"]
            findings.append(_fail(changed, f"{first.key} and {table.key} differ in this"))
    for table in distinct.values():
        for name in table.columns:
            findings += [_fail([name], f"{table.key}: {text}") for text in _faults(table, name)]
    findings += _repeated(distinct.values())
    return findings


def _faults(table: FeatureTable, name: str) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield "not lower-case words joined by underscores"
        return
    base = name.removeprefix(table.prefix)
    words = base.split("_")
    if not name.startswith(table.prefix) or not base:
        yield f"does not begin with {table.prefix}"
    elif table.prefix and base.startswith(table.prefix):
        yield f"begins with {table.prefix} twice"
    if not table.prefix and (found := re.search("|".join((*level_names(), *_LEVEL_WORDS)), name)):
        yield f"names a level ({found[0].strip('_')}), but MARKET knows no level"
    if words[0] == "window":
        yield "begins with 'window'; say which window it is"
    yield from _word_faults(words, base)


def _word_faults(words: Sequence[str], base: str) -> Iterator[str]:
    per_one = {match["unit"] for match in _PER_ONE.finditer(base)}
    for word in words:
        if word in FORBIDDEN:
            yield f"holds the word {word!r}: jargon, an abbreviation, or what comes after the row"
        elif word in SPELLED and word not in per_one:
            yield f"writes {word!r} for {SPELLED[word]!r}"
        elif _WINDOW.fullmatch(word):
            yield f"writes the window {word!r}; windows are in seconds, as 60s"


def _repeated(tables: Iterable[FeatureTable]) -> Iterator[Finding]:
    owners: dict[str, list[str]] = defaultdict(list)
    bases: dict[str, list[str]] = defaultdict(list)
    market: set[str] = set()
    for table in tables:
        for name in table.columns:
            owners[name].append(table.key)
            if table.prefix:
                bases[name.removeprefix(table.prefix)].append(name)
            else:
                market.add(name)
    for name, keys in owners.items():
        if len(keys) > 1:
            yield _fail([name], f"stands in {' and '.join(keys)}")
    for base, names in bases.items():
        if base in market:
            yield _fail([*names, base], f"{base} is a MARKET feature too")


def _fail(columns: Iterable[str], text: str) -> Finding:
    return Finding(Severity.FAIL, "name", tuple(columns), text)
