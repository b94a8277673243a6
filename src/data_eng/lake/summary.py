"""What planning needs of a partition: its manifest without the long facts.

The index of the lake keeps it, so that a plan over years parses no manifest twice, and a tombstone
is one. What is long, and seldom looked into, stays JSON text until it is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from .inputs import COVERED_FACT, FIRST_RECORD_FACT, LAST_RECORD_FACT, what_is_left_out
from .made_of import made_of
from .manifest import Input, Manifest, parse_inputs

KEPT_FACTS: Final = (
    *("condition", COVERED_FACT, FIRST_RECORD_FACT, LAST_RECORD_FACT, "silences", "steps_back"),
    *("records_read", "records", "instruments_without_definition", "other_records"),
)
"""Facts of Bronze that say what the raw data of a date cover."""


class Summary(NamedTuple):
    """A partition without its rows; what it has in common with `Manifest` means the same.

    Attributes
    ----------
    dataset, symbol, dt, stage, stage_version, contract_sha256
    parameters_text : str
        Its parameters as JSON.
    rows
    bytes : int
        Size of its data files.
    content_sha256 : str
    manifest_sha256 : str
    left_out : str
        What it was made without, in words; empty where it has it all.
    made_of : str
        Stands for `contents`, by which two of them are compared.
    facts_text : str
        As JSON, of Bronze those of `KEPT_FACTS`; empty for other layers.
    entries_text : str
        As JSON what it was made from, as the manifest's file says it.
    """

    dataset: str
    symbol: str
    dt: str
    stage: str
    stage_version: int
    contract_sha256: str
    parameters_text: str
    rows: int
    bytes: int
    content_sha256: str
    manifest_sha256: str
    left_out: str
    made_of: str
    facts_text: str
    entries_text: str

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What the stage was told."""
        return _parsed(self.parameters_text)

    @property
    def facts(self) -> dict[str, Any]:
        """Of Bronze those of `KEPT_FACTS`."""
        found: dict[str, Any] = json.loads(self.facts_text)
        return found

    @property
    def entries(self) -> list[dict[str, Any]]:
        """What it was made from, as the manifest's file says it."""
        found: list[dict[str, Any]] = json.loads(self.entries_text)
        return found

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What it was made from."""
        return parse_inputs(self.entries)

    @property
    def contents(self) -> Mapping[tuple[str, str], str | None]:
        """Content hash by dataset and date of each partition that it was made from; None absent."""
        return _contents(self.entries)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-able values."""
        return {name: getattr(self, name) for name in _KINDS}


def summary_of(manifest: Manifest, manifest_sha256: str) -> Summary:
    """Return the summary of a manifest with a SHA-256."""
    is_bronze = manifest.dataset.startswith("bronze.")
    kept = KEPT_FACTS if is_bronze else ()
    return Summary(
        manifest.dataset,
        manifest.symbol,
        manifest.dt,
        manifest.stage,
        manifest.stage_version,
        manifest.contract_sha256,
        _text(manifest.parameters),
        manifest.rows,
        sum(entry.bytes for entry in manifest.files),
        manifest.content_sha256,
        manifest_sha256,
        what_is_left_out(manifest),
        manifest.made_of,
        _text({name: manifest.facts[name] for name in kept if name in manifest.facts}),
        _text([vars(one) for one in manifest.inputs]),
    )


def summary_from(body: Any) -> Summary:
    """Return the summary that `Summary.to_json` gave.

    Raises
    ------
    ValueError, KeyError, TypeError
        Something is missing, unknown or of another type.
    """
    unknown = sorted(body.keys() ^ _KINDS.keys())
    if unknown:
        raise ValueError(f"{unknown[0]!r} is missing, or unknown")
    for name, kind in _KINDS.items():
        if type(body[name]) is not kind:
            raise TypeError(f"{name} is no {kind.__name__}")
    parse_inputs(body["entries"])
    values: dict[str, Any] = {"made_of": made_of(_contents(body["entries"]))}
    for name in _KINDS:
        is_long = name in _LONG
        values[f"{name}_text" if is_long else name] = _text(body[name]) if is_long else body[name]
    return Summary(**values)


def _contents(entries: list[dict[str, Any]]) -> Mapping[tuple[str, str], str | None]:
    return {
        (one["dataset"], one["dt"]): one.get("content_sha256")
        for one in entries
        if "path" not in one
    }


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


@lru_cache(maxsize=1024)  # a lake of years has some dozens
def _parsed(text: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(text)
    return found


_LONG: Final = ("parameters", "facts", "entries")
_KINDS: Final = {
    **dict.fromkeys(("dataset", "symbol", "dt", "stage", "contract_sha256"), str),
    **dict.fromkeys(("content_sha256", "manifest_sha256", "left_out"), str),
    **dict.fromkeys(("stage_version", "rows", "bytes"), int),
    **{"parameters": dict, "facts": dict, "entries": list},
}
"""Entries of a summary as JSON-able values, and their types."""
