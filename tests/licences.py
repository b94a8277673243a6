"""``python -m tests.licences``: write docs/licences.md, of what an installation brings along.

Names and licences are those of the installed packages' metadata: the runtime requirements with all
extras, and what they require in turn. Versions are not on the page: a licence seldom changes with
one, and the page would with every one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Final, NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PAGE: Final = Path(__file__).parents[1] / "docs/licences.md"
COMMAND: Final = "python -m tests.licences"
PROJECT: Final = "data-eng"
ALWAYS: Final = ""
EXTRAS: Final = (ALWAYS, "dask", "fetch", "research", "s3")
PERMISSIVE: Final = frozenset(
    (
        *("0BSD", "BSD", "BSD-2-Clause", "BSD-3-Clause", "MIT", "Zlib", "CC0-1.0"),
        *("Apache-2.0", "Apache-2.0 WITH LLVM-exception", "PSF-2.0"),
        "MPL-2.0",  # certifi's list of authorities: it binds who changes its own files alone
    )
)
HEADER: Final = "| package | licence | needed |"
_INTRODUCTION: Final = f"""# Licences

What an installation of data_eng brings along, and under which licence, by the metadata of the
packages themselves. data_eng is under Apache-2.0 ([LICENSE](../LICENSE)). A wheel may hold
libraries of others: their licences lie in the wheel. Written by `{COMMAND}`; a test says
what is stale.

{HEADER}
|---|---|---|
"""
_SHORT: Final = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "BSD License AND Apache Software License": "Apache-2.0 OR BSD-3-Clause",
}
_SAYS_NOTHING: Final = ("Dual License",)
_LONGEST_FIELD: Final = 40
"""What is longer in the field of a licence is its text."""


class Row(NamedTuple):
    """A package: its name, its licence, and what needs it."""

    name: str
    licence: str
    needed_for: str


def rows() -> list[Row]:
    """Return every package that an installation with all extras brings along, by name.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        One is not installed.
    """
    found: dict[str, Row] = {}
    for extra in EXTRAS:
        needed = f"extra {extra}" if extra else "always"
        for one in _required(distribution(PROJECT), {extra}, set()):
            name = one.metadata["Name"]
            found.setdefault(canonicalize_name(name), Row(name, licence_of(one), needed))
    return [found[name] for name in sorted(found)]


def licence_of(package: Distribution) -> str:
    """Return the licence that a package's metadata name: expression, short field or classifier."""
    metadata = package.metadata
    field = _field(package, "License")
    classifiers = [
        one.rpartition(" :: ")[2]
        for one in metadata.get_all("Classifier") or []
        if one.startswith("License :: ")
    ]
    named = _field(package, "License-Expression")
    if not named and 0 < len(field) <= _LONGEST_FIELD and field not in _SAYS_NOTHING:
        named = field
    named = named or " AND ".join(classifiers) or "not named"
    return _SHORT.get(named, named)


def _field(package: Distribution, name: str) -> str:
    return next(iter(package.metadata.get_all(name) or []), "")


def line(row: Row) -> str:
    """Return the row as it stands on the page."""
    return f"| {row.name} | {row.licence} | {row.needed_for} |"


def _required(
    package: Distribution, extras: set[str], seen: set[tuple[str, str]]
) -> Iterator[Distribution]:
    for text in package.requires or []:
        wanted = Requirement(text)
        marker = wanted.marker
        if marker is not None and not any(marker.evaluate({"extra": one}) for one in extras):
            continue
        inner = {ALWAYS, *wanted.extras}
        key = (canonicalize_name(wanted.name), ",".join(sorted(inner)))
        if key in seen:
            continue
        seen.add(key)
        yield distribution(wanted.name)
        yield from _required(distribution(wanted.name), inner, seen)


def main() -> int:
    """Write the page."""
    PAGE.write_text(_INTRODUCTION + "".join(f"{line(one)}\n" for one in rows()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
