"""The near duplicates that are published on purpose, each with its reason."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from ...catalogue.finding import Finding, Severity
from ...errors import UsageError
from ...features.level.levels import fixed_level_names, level_names

NEAR_DUPLICATES: Final = Path(__file__).parent / "near_duplicates.toml"
WITHIN_SESSION: Final = ("session offset", "session factor")
"""Checks whose FAIL may be allowed: over many sessions the features are no copies."""
_OF_BLOCKS: Final = ("coverage", "dependence", "log dependence")
"""Checks that name features which have nothing to do with each other."""

Allowed = Mapping[frozenset[str], str]
"""The reason of each allowed set of two or three features."""


def read_allowed(path: Path = NEAR_DUPLICATES) -> dict[frozenset[str], str]:
    """Return the reason for each allowed set of features.

    ``{level}`` in the names of a line stands for each level, ``{fixed}`` and ``{other}`` for each
    two levels that are fixed in a session.

    Raises
    ------
    UsageError
        The file cannot be read, or an entry is not two or three different names and a reason.
    """
    try:
        content = tomllib.loads(path.read_text())
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({' '.join(str(error).split())})") from error
    allowed: dict[frozenset[str], str] = {}
    entries = content.pop("allowed", [])
    if content or not isinstance(entries, list):
        raise UsageError(f"{path}: holds only [[allowed]], with features and a reason each")
    for entry in entries:
        names, reason = _parse(entry, path)
        for features in _for_levels(names):
            if features in allowed:
                raise UsageError(
                    f"{path}: {' and '.join(sorted(features))} stand twice; remove one"
                )
            allowed[features] = reason
    return allowed


def _parse(entry: Any, path: Path) -> tuple[list[str], str]:
    if isinstance(entry, dict) and set(entry) == {"features", "reason"}:
        names, reason = entry["features"], entry["reason"]
        are_names = isinstance(names, list) and all(isinstance(name, str) for name in names)
        is_told = isinstance(reason, str) and bool(reason.strip())
        if are_names and is_told and len(names) == len(set(names)) in (2, 3):
            return names, reason.strip()
    raise UsageError(
        f"{path}: {str(entry)[:80]!r} is no entry; write features = ['a', 'b'] and a reason"
    )


def _for_levels(names: Iterable[str]) -> Iterator[frozenset[str]]:
    text = "\n".join(names)
    if "{fixed}" in text or "{other}" in text:
        for one, other in combinations(fixed_level_names(), 2):
            filled = text.replace("{fixed}", one).replace("{other}", other)
            yield frozenset(filled.split("\n"))
        return
    for level in level_names() if "{level}" in text else ("",):
        yield frozenset(text.replace("{level}", level).split("\n"))


def unknown_findings(allowed: Allowed, names: Iterable[str]) -> list[Finding]:
    """Return a WARN for each line of the list that names features which are declared nowhere."""
    known = set(names)
    missing: dict[str, set[str]] = {}
    for features, reason in allowed.items():
        if absent := features - known:
            missing.setdefault(reason, set()).update(absent)
    return [
        Finding(
            Severity.WARN,
            "name",
            tuple(sorted(absent)),
            f"{NEAR_DUPLICATES.name} allows what is no feature: nothing is allowed by it",
        )
        for absent in missing.values()
    ]


def with_allowed(findings: Iterable[Finding], allowed: Allowed) -> list[Finding]:
    """Return the findings, those with a reason as ALLOWED.

    A WARN about two or three features may have one, and what a constant of each session makes the
    same (`WITHIN_SESSION`).
    """
    return [
        replace(
            found,
            severity=Severity.ALLOWED,
            text=f"{found.text}; allowed: {allowed[frozenset(found.columns)]}",
        )
        if _may_be_allowed(found) and frozenset(found.columns) in allowed
        else found
        for found in findings
    ]


def _may_be_allowed(found: Finding) -> bool:
    is_warning = found.severity is Severity.WARN and found.check not in _OF_BLOCKS
    return is_warning or found.check in WITHIN_SESSION
