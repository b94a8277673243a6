"""What planning needs of a partition: its manifest without the long facts.

The index of the lake keeps it, so that a plan over years parses no manifest twice, and a tombstone
is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final

from .inputs import COVERED_FACT, FIRST_RECORD_FACT, LAST_RECORD_FACT, what_is_left_out
from .manifest import Input, Manifest, parse_inputs

KEPT_FACTS: Final = (
    *("condition", COVERED_FACT, FIRST_RECORD_FACT, LAST_RECORD_FACT, "silences", "steps_back"),
    *("records_read", "records", "instruments_without_definition", "other_records"),
)
"""Facts of Bronze that say what the raw data of a date cover."""


@dataclass(frozen=True)
class Summary:
    """A partition without its rows; what it has in common with `Manifest` means the same.

    Attributes
    ----------
    dataset, symbol, dt, stage, stage_version, contract_sha256, parameters, rows
    bytes : int
        Size of its data files.
    content_sha256 : str
    manifest_sha256 : str
    left_out : str
        What it was made without, in words; empty where it has it all.
    facts : dict
        Of Bronze those of `KEPT_FACTS`; empty for other layers.
    entries : list of dict
        What it was made from, as the manifest's file says it: `inputs` are parsed when asked for.
    """

    dataset: str
    symbol: str
    dt: str
    stage: str
    stage_version: int
    contract_sha256: str
    parameters: dict[str, Any]
    rows: int
    bytes: int
    content_sha256: str
    manifest_sha256: str
    left_out: str
    facts: dict[str, Any]
    entries: list[dict[str, Any]]

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """What it was made from."""
        return parse_inputs(self.entries)

    @property
    def contents(self) -> Mapping[tuple[str, str], str | None]:
        """Content hash by dataset and date of each partition that it was made from; None absent."""
        return {
            (one["dataset"], one["dt"]): one.get("content_sha256")
            for one in self.entries
            if "path" not in one
        }

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-able values."""
        return {name: getattr(self, name) for name in _NAMES}


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
        manifest.parameters,
        manifest.rows,
        sum(entry.bytes for entry in manifest.files),
        manifest.content_sha256,
        manifest_sha256,
        what_is_left_out(manifest),
        {name: manifest.facts[name] for name in kept if name in manifest.facts},
        [dict(vars(one)) for one in manifest.inputs],
    )


def summary_from(body: Any) -> Summary:
    """Return the summary that `Summary.to_json` gave; its entries are not looked at.

    Raises
    ------
    ValueError, KeyError, TypeError
        Something is missing, unknown or of another type.
    """
    found = Summary(**body)
    for name, kind in _NAMES.items():
        if type(getattr(found, name)) is not kind:
            raise TypeError(f"{name} is no {kind.__name__}")
    return found


_TYPES: Final = {
    "str": str,
    "int": int,
    "dict[str, Any]": dict,
    "list[dict[str, Any]]": list,
}
_NAMES: Final = {field.name: _TYPES[str(field.type)] for field in fields(Summary)}
