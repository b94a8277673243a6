"""The catalogue page of features, made from the contracts.

Nothing on the page is written by hand: what a feature is stands in its contract's field.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from .contract import Contract
from .datasets import Dataset
from .feature_tables import KEYS, feature_datasets, feature_table
from .field import PROPERTIES, Field

_HEAD: Final = """\
<!-- Generated from the contracts by `python -m src.data_eng.catalogue`. Do not edit. -->

# Features

Every feature of the lake: its name, type and range, and what its contract says of it. `mirror` is
how a feature changes where bid and ask, up and down change places: `odd` changes its sign, `even`
stays, `one_minus` and `reciprocal` become that, `swap` and `minus_swap` take the value, or minus
the value, of the named one. Rows are instants of a grid; a row at `ts` has seen only records
received before `ts`. A missing value is null, never NaN and never 0 in its place.
`symbol` and `dt` are columns by the path. `python -m src.data_eng.check_features` looks for
duplicates among the features.
"""


def catalogue_page(datasets: Iterable[Dataset]) -> str:
    """Return the page, Markdown, for the feature tables among datasets.

    A table whose rows go on to Gold stands once, with both datasets named.

    Raises
    ------
    ContractError
        A contract is missing or not valid.
    """
    groups: dict[str, list[Dataset]] = {}
    for dataset in feature_datasets(datasets):
        groups.setdefault(feature_table(dataset).base_key, []).append(dataset)
    sections = [_section(group) for group in groups.values()]
    contents = [_contents(group) for group in groups.values()]
    return "\n".join([_HEAD, *contents, "", *sections]) if groups else f"{_HEAD}\nNone yet.\n"


def _contents(group: Sequence[Dataset]) -> str:
    first = group[0]
    count = len(feature_table(first).columns)
    anchor = first.key.replace(".", "")
    return f"- [`{first.key}`](#{anchor}): {count} features"


def _section(group: Sequence[Dataset]) -> str:
    first, *others = group
    contract = first.contract()
    keys = [field for field in contract.fields if field.name in KEYS]
    features = [field for field in contract.fields if field.name not in KEYS]
    parts = [f"## {first.key}", "", _text(contract.doc), ""]
    for other in others:
        parts += [_other(other, contract), ""]
    parts += [_table("key", keys), ""] if keys else []
    parts += [_table("feature", features), ""]
    return "\n".join(parts)


def _other(dataset: Dataset, of: Contract) -> str:
    contract = dataset.contract()
    if contract.fields == of.fields:
        return f"`{dataset.key}` has the same columns. {_text(contract.doc)}"
    changed = sorted({f.name for f in set(contract.fields) ^ set(of.fields)})
    what = ", ".join(f"`{name}`" for name in changed) or "the order of its columns"
    return f"`{dataset.key}` differs in {what}. {_text(contract.doc)}"


def _table(head: str, fields: Sequence[Field]) -> str:
    said = [name for name in PROPERTIES if any(getattr(field, name) for field in fields)]
    names = [head, "type", "definition", *(name.replace("_", " ") for name in said)]
    lines = [_row(names), "|---" * len(names) + "|"]
    for field in fields:
        texts = [_text(getattr(field, name)) for name in said]
        lines.append(_row([f"`{field.name}`", _type(field), _text(field.doc), *texts]))
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)


def _type(field: Field) -> str:
    kind = "/".join(field.symbols) if field.symbols else str(field.type)
    null = ", nullable" if field.nullable else ""
    return f"{kind}{null}{_range(field)}"


def _range(field: Field) -> str:
    if field.minimum is None and field.maximum is None:
        return ""
    if field.maximum is None:
        return f", ≥ {field.minimum}"
    if field.minimum is None:
        return f", ≤ {field.maximum}"
    return f", {field.minimum} to {field.maximum}"


def _text(doc: str) -> str:
    # In a cell of a table: on one line, and no mark that Markdown would read.
    text = " ".join(doc.split())
    for mark in "\\|*_<>`$":
        text = text.replace(mark, f"\\{mark}")
    return text
