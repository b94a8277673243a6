"""The catalogue page of features, made from the contracts.

Nothing on the page is written by hand: what a feature is stands in its contract's field. What the
levels share is told once, with ``{level}`` for the level's name. The page is a table without
scripts; the site puts a filter above it (``docs/assets/features.js``), which reads its headings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..features.level.levels import Level, level_named
from ..words import counted
from .contract import Contract
from .datasets import Dataset
from .distributions import LEVEL, Distribution
from .feature_tables import KEYS, feature_datasets, feature_table
from .field import PROPERTIES, Field
from .listing import features, shared_fields, type_words

Distributions = Mapping[str, Mapping[str, Distribution]]

LEVEL_TABLE: Final = "future.level"
"""Where the distributions of the features of all levels stand."""

_HEAD: Final = """\
<!-- Generated from the contracts by `python -m src.data_eng.catalogue`. Do not edit. -->

# Features

Every feature of the lake: its name, type and range, and what its contract says of it. `mirror` is
how a feature changes where bid and ask, up and down change places: `odd` changes its sign, `even`
stays, `one_minus` and `reciprocal` become that, `swap` and `minus_swap` take the value, or minus
the value, of the named one. Rows are instants of a grid; a row at `ts` has seen only records
received before `ts`. A missing value is null, never NaN and never 0 in its place.
`symbol` and `dt` are columns by the path. `sample` is the distribution on the sample market, an
artificial one: the median, and 1 % to 99 %, between which the picture lies.
`python -m src.data_eng features WORD` finds them in a terminal, and
`python -m src.data_eng.check_features` looks for duplicates among the features.
"""


@dataclass(frozen=True)
class _Row:
    """A feature as the page shows it, and the levels that have it."""

    field: Field
    levels: tuple[str, ...] = ()


def catalogue_page(datasets: Iterable[Dataset], distributions: Distributions | None = None) -> str:
    """Return the page, Markdown, for the feature tables among datasets.

    A table whose rows go on to Gold stands once, with both datasets named; so do the tables of the
    levels.

    Raises
    ------
    ContractError
        A contract is missing or not valid.
    """
    groups: dict[str, list[Dataset]] = {}
    for dataset in feature_datasets(datasets):
        table = feature_table(dataset)
        groups.setdefault(LEVEL_TABLE if table.prefix else table.base_key, []).append(dataset)
    if not groups:
        return f"{_HEAD}\nNone yet.\n"
    known = distributions or {}
    parts = [
        _levels(group, known.get(key, {}))
        if key == LEVEL_TABLE
        else _section(group, known.get(key, {}))
        for key, group in groups.items()
    ]
    contents = [line for lines, _ in parts for line in lines]
    return "\n".join([_HEAD, *contents, "", *(text for _, text in parts)])


def unknown_features(
    datasets: Iterable[Dataset], distributions: Distributions
) -> set[tuple[str, str]]:
    """Return table and name of each distribution of what is no feature (any more)."""
    names: set[tuple[str, str]] = set()
    for table in map(feature_table, feature_datasets(datasets)):
        if table.prefix:
            own = (f"{LEVEL}_{name.removeprefix(table.prefix)}" for name in table.columns)
            names |= {(LEVEL_TABLE, name) for name in own}
        else:
            names |= {(table.base_key, name) for name in table.columns}
    return {(table, name) for table, found in distributions.items() for name in found} - names


def _section(group: Sequence[Dataset], known: Mapping[str, Distribution]) -> tuple[list[str], str]:
    # A table of its own: MARKET of the futures, or of the options.
    first, *others = group
    contract = first.contract()
    rows = [_Row(field) for field in features(group)]
    parts = [f"## {first.key}", "", _text(contract.doc), ""]
    for other in others:
        parts += [_other(other, contract), ""]
    parts += [_keys(contract), "", _table(rows, known), ""]
    anchor = first.key.replace(".", "")
    return [f"- [`{first.key}`](#{anchor}): {len(rows)} features"], "\n".join(parts)


def _levels(group: Sequence[Dataset], known: Mapping[str, Distribution]) -> tuple[list[str], str]:
    # The tables of all levels: what each level is, then the features that they share.
    found: dict[str, list[Dataset]] = {}
    for dataset in group:
        found.setdefault(feature_table(dataset).prefix.removesuffix("_"), []).append(dataset)
    docs: dict[str, None] = {}
    lines = ["| level | in words | its price L | datasets | features |", "|---|---|---|---|---|"]
    for name, datasets in found.items():
        level, contract = level_named(name), datasets[0].contract()
        docs[_doc_of_any(contract.doc, level)] = None
        keys = ", ".join(f"`{one.key}`" for one in datasets)
        count = str(len(features(datasets)))
        lines.append(_line([f"`{name}`", level.words, _text(level.value), keys, count]))
    heading = f"silver.future.level_{LEVEL}"
    rows = [
        _Row(field, tuple(names) if len(names) < len(found) else ())
        for field, names in shared_fields(found).items()
    ]
    parts = [f"## {heading}", "", *lines, ""]
    parts += [line for doc in docs for line in (_text(doc), "")]
    parts += [
        f"The tables have the same columns, with the level's name for `{LEVEL}`; `levels` names "
        "those that have a column, where not all do. Gold holds the same columns from 09:30:00 to "
        "12:30:00 America/New\\_York, both ends included. `sample` is of all levels together.",
        "",
    ]
    parts += [_keys(group[0].contract()), "", _table(rows, known), ""]
    count = f"{counted(len(found), 'level')}, {counted(len(rows), 'feature')}"
    return [f"- [`{heading}`](#silverfuturelevel_level): {count}"], "\n".join(parts)


def _doc_of_any(doc: str, level: Level) -> str:
    value = doc.replace(level.value, "see the table above.")
    return value.replace(level.words, "level")


def _other(dataset: Dataset, of: Contract) -> str:
    contract = dataset.contract()
    if contract.fields == of.fields:
        own = contract.doc.replace(of.doc, "").strip()  # what it says beside the Silver table
        return f"`{dataset.key}` has the same columns. {_text(own)}"
    changed = sorted({f.name for f in set(contract.fields) ^ set(of.fields)})
    what = ", ".join(f"`{name}`" for name in changed) or "the order of its columns"
    return f"`{dataset.key}` differs in {what}. {_text(contract.doc)}"


def _keys(contract: Contract) -> str:
    fields = [field for field in contract.fields if field.name in KEYS]
    lines = [_line(["key", "type", "definition"]), "|---|---|---|"]
    lines += [_line([f"`{one.name}`", type_words(one), _text(one.doc)]) for one in fields]
    return "\n".join(lines)


def _table(rows: Sequence[_Row], known: Mapping[str, Distribution]) -> str:
    said = [name for name in PROPERTIES if any(getattr(row.field, name) for row in rows)]
    names = ["feature", "type", "definition", *(name.replace("_", " ") for name in said)]
    some = any(row.levels for row in rows)
    names += ["levels"] * some + ["sample"] * bool(known)
    lines = [_line(names), "|---" * len(names) + "|"]
    for row in rows:
        field = row.field
        cells = [f"`{field.name}`", type_words(field), _text(field.doc)]
        cells += [_text(getattr(field, name)) for name in said]
        if some:
            cells.append(", ".join(f"`{name}`" for name in row.levels))
        if known:
            one = known.get(field.name)
            cells.append(f"{one.picture()} {one.words()}".strip() if one else "")
        lines.append(_line(cells))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)


def _text(doc: str) -> str:
    # In a cell of a table: on one line, and no mark that any Markdown would read.
    text = " ".join(doc.split()).replace("&", "&amp;")
    for mark, name in (("<", "&lt;"), (">", "&gt;"), ("|", "&#124;"), ("$", "&#36;")):
        text = text.replace(mark, name)
    for mark in "\\*_`":
        text = text.replace(mark, f"\\{mark}")
    return text
