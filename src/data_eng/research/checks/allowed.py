"""The near duplicates that are published on purpose, each with its reason."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ...catalogue.finding import Finding, Severity
from ...errors import UsageError

NEAR_DUPLICATES: Final = Path(__file__).parent / "near_duplicates.toml"


def read_allowed(path: Path = NEAR_DUPLICATES) -> dict[frozenset[str], str]:
    """Return the reason for each allowed pair of features.

    Raises
    ------
    UsageError
        The file cannot be read, or an entry is not two different names and a reason.
    """
    try:
        content = tomllib.loads(path.read_text())
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({' '.join(str(error).split())})") from error
    allowed: dict[frozenset[str], str] = {}
    entries = content.pop("pair", [])
    if content or not isinstance(entries, list):
        raise UsageError(f"{path}: holds only [[pair]], with features and a reason each")
    for entry in entries:
        pair, reason = _parse(entry, path)
        if pair in allowed:
            raise UsageError(f"{path}: {' and '.join(sorted(pair))} stand twice; remove one")
        allowed[pair] = reason
    return allowed


def _parse(entry: Any, path: Path) -> tuple[frozenset[str], str]:
    if isinstance(entry, dict) and set(entry) == {"features", "reason"}:
        names, reason = entry["features"], entry["reason"]
        is_pair = isinstance(names, list) and all(isinstance(name, str) for name in names)
        is_told = isinstance(reason, str) and bool(reason.strip())
        if is_pair and is_told and len(names) == len(set(names)) == 2:
            return frozenset(names), reason.strip()
    raise UsageError(
        f"{path}: {str(entry)[:80]!r} is no entry; write features = ['a', 'b'] and a reason"
    )


def unknown_findings(allowed: Mapping[frozenset[str], str], names: Iterable[str]) -> list[Finding]:
    """Return a FAIL for each allowed pair that names a feature which is declared nowhere."""
    known = set(names)
    return [
        Finding(
            Severity.FAIL,
            "name",
            tuple(sorted(pair)),
            f"{NEAR_DUPLICATES.name} allows this pair, but {', '.join(sorted(pair - known))} "
            "is no feature; correct the entry",
        )
        for pair in allowed
        if pair - known
    ]


def with_allowed(
    findings: Iterable[Finding], allowed: Mapping[frozenset[str], str]
) -> list[Finding]:
    """Return the findings, the near duplicates with a reason as ALLOWED."""
    return [
        replace(
            found,
            severity=Severity.ALLOWED,
            text=f"{found.text}; allowed: {allowed[frozenset(found.columns)]}",
        )
        if found.severity is Severity.WARN and frozenset(found.columns) in allowed
        else found
        for found in findings
    ]
