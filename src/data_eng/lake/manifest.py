"""The manifest of a partition: what it holds and what it was made from, without clock or host."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, TypeVar

from ..errors import CorruptPartitionError, NewerLakeError
from .made_of import made_of

SCHEMA_VERSION: Final = 3

_ESCAPED_HALF: Final = re.compile(rb"\\u[dD]")

_Record = TypeVar("_Record", "FileEntry", "PartitionInput", "AbsentInput", "RawInput", "Manifest")
_KEYS: Final = frozenset(
    {"schema_version", "dataset", "symbol", "dt", "stage", "contract", "parameters", "facts"}
    | {"rows", "files", "inputs", "libraries"}
)
_KINDS: Final = {
    "str": str,
    "int": int,
    "bool": bool,
    "dict[str, Any]": dict,
    "dict[str, str]": dict,
}


@dataclass(frozen=True)
class FileEntry:
    """A data file: name in the partition's folder, size, rows, SHA-256.

    ``footer_sha256`` is that of the end of the file alone (`parquet.footer.footer_sha256`), by
    which a reader of a few pages knows the footer that leads to them.
    """

    name: str
    bytes: int
    rows: int
    sha256: str
    footer_sha256: str


@dataclass(frozen=True)
class PartitionInput:
    """An input partition: its content, which decides what is stale, and its manifest."""

    dataset: str
    symbol: str
    dt: str
    content_sha256: str
    manifest_sha256: str


@dataclass(frozen=True)
class AbsentInput:
    """A partition that was not there: of an earlier session, or of a table that was left out.

    ``symbol`` is the product root.
    """

    dataset: str
    symbol: str
    dt: str
    absent: bool = True


@dataclass(frozen=True)
class RawInput:
    """A raw file, by its lake-relative path, size and SHA-256."""

    path: str
    bytes: int
    sha256: str


Input = PartitionInput | AbsentInput | RawInput


@dataclass(frozen=True)
class Manifest:
    """What `_MANIFEST.json` says.

    Attributes
    ----------
    dataset, symbol, dt : str
        The partition.
    stage : str
        Name of the stage that wrote it.
    stage_version : int
        Raised when the same input gives other rows.
    contract_path, contract_sha256 : str
        The contract that the rows satisfy.
    parameters : dict
        What the stage was told: roll rule, session window.
    facts : dict
        What the stage found: candidates of the front month, the vendor's condition, counts.
    rows : int
        Number of rows.
    files : tuple of FileEntry
        The data files.
    inputs : tuple of PartitionInput, AbsentInput or RawInput
        What it was made from.
    libraries : dict
        Versions of the libraries that shape the bytes.
    """

    dataset: str
    symbol: str
    dt: str
    stage: str
    stage_version: int
    contract_path: str
    contract_sha256: str
    parameters: dict[str, Any]
    facts: dict[str, Any]
    rows: int
    files: tuple[FileEntry, ...]
    inputs: tuple[Input, ...]
    libraries: dict[str, str]

    @property
    def contents(self) -> Mapping[tuple[str, str], str | None]:
        """Content hash by dataset and date of each partition that it was made from; None absent."""
        return {
            (one.dataset, one.dt): one.content_sha256 if isinstance(one, PartitionInput) else None
            for one in self.inputs
            if not isinstance(one, RawInput)
        }

    @property
    def made_of(self) -> str:
        """Stands for `contents`, by which two of them are compared."""
        return made_of(self.contents)

    @property
    def content_sha256(self) -> str:
        """SHA-256 of what dependants can see: the files' SHA-256, the row count, the facts."""
        seen = {
            "facts": self.facts,
            "files": [entry.sha256 for entry in self.files],
            "rows": self.rows,
        }
        canonical = json.dumps(seen, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_bytes(self) -> bytes:
        """Return canonical JSON: the same manifest is the same bytes."""
        return (json.dumps(self.to_json(), indent=2, sort_keys=True) + "\n").encode()

    def to_json(self) -> dict[str, Any]:
        """Return what the file says as JSON-able values."""
        return {
            "schema_version": SCHEMA_VERSION,
            "dataset": self.dataset,
            "symbol": self.symbol,
            "dt": self.dt,
            "stage": {"name": self.stage, "version": self.stage_version},
            "contract": {"path": self.contract_path, "sha256": self.contract_sha256},
            "parameters": self.parameters,
            "facts": self.facts,
            "rows": self.rows,
            "files": [asdict(entry) for entry in self.files],
            "inputs": [asdict(entry) for entry in self.inputs],
            "libraries": self.libraries,
        }


_TYPES: Final = {
    made: tuple((one.name, _KINDS.get(str(one.type)), str(one.type)) for one in fields(made))
    for made in (FileEntry, PartitionInput, AbsentInput, RawInput, Manifest)
}
"""Of each entry its name, its type, and that in words; a manifest may have thousands."""


def parse_manifest(data: bytes, where: str) -> Manifest:
    """Return the manifest in ``data``.

    Raises
    ------
    CorruptPartitionError
        Not JSON, or an entry that is missing, unknown or of another type; ``where`` names the
        partition.
    NewerLakeError
        A newer release wrote it: it is never taken for damaged, nor rebuilt.
    """
    try:
        body = json.loads(data)
        if not data.isascii() or _ESCAPED_HALF.search(data):
            json.dumps(body, ensure_ascii=False).encode()  # half a character is no text
        version = body["schema_version"]
        if type(version) is int and version > SCHEMA_VERSION:
            raise NewerLakeError(
                f"{where}: its manifest has schema version {version}, this release knows "
                f"{SCHEMA_VERSION}: a newer release wrote it; upgrade data-eng, or use another "
                "lake root"
            )
        if version != SCHEMA_VERSION:
            raise ValueError(f"schema version {version}")
        _only(body, _KEYS)
        _only(body["stage"], {"name", "version"})
        _only(body["contract"], {"path", "sha256"})
        manifest = Manifest(
            dataset=body["dataset"],
            symbol=body["symbol"],
            dt=body["dt"],
            stage=body["stage"]["name"],
            stage_version=body["stage"]["version"],
            contract_path=body["contract"]["path"],
            contract_sha256=body["contract"]["sha256"],
            parameters=body["parameters"],
            facts=body["facts"],
            rows=body["rows"],
            files=tuple(_file(entry) for entry in _list(body, "files")),
            inputs=parse_inputs(body["inputs"]),
            libraries=body["libraries"],
        )
        names = [entry.name for entry in manifest.files]
        if len(set(names)) < len(names):
            raise ValueError("lists a file twice")
        return _typed(manifest)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CorruptPartitionError(
            f"{where}: the manifest is malformed ({error}); delete the partition and run again"
        ) from error


def parse_inputs(entries: Any) -> tuple[Input, ...]:
    """Return the inputs of a manifest; raises `ValueError`, `KeyError` or `TypeError`."""
    return tuple(_input(entry) for entry in _list({"inputs": entries}, "inputs"))


def manifest_sha256(data: bytes) -> str:
    """Return the SHA-256 that `_SUCCESS` holds."""
    return hashlib.sha256(data).hexdigest()


def _only(body: dict[str, Any], known: Collection[str]) -> None:
    unknown = sorted(body.keys() - known)
    if unknown:
        raise ValueError(f"unknown entry {unknown[0]!r}")


def _list(body: dict[str, Any], key: str) -> list[Any]:
    found = body[key]
    if type(found) is not list:  # a text or an object without an entry is no list without one
        raise TypeError(f"{key} is {found!r:.40}, not a list")
    return found


def _input(entry: dict[str, Any]) -> Input:
    if "path" in entry:
        return _raw(entry)
    if "absent" in entry:
        return _typed(AbsentInput(**entry))
    return _typed(PartitionInput(**entry))


def _raw(entry: dict[str, Any]) -> RawInput:
    made = _typed(RawInput(**entry))
    # It is hashed below the lake root, and the index keeps a file of that name.
    if "\0" in made.path or not {"", ".", ".."}.isdisjoint(made.path.split("/")):
        raise ValueError(f"raw path {made.path!r:.80}")
    return made


def _file(entry: dict[str, Any]) -> FileEntry:
    made = _typed(FileEntry(**entry))
    # It is opened relative to the partition's folder and must not lead out of it.
    if made.name in {"", ".", ".."} or "/" in made.name or "\0" in made.name:
        raise ValueError(f"file name {made.name!r}")
    return made


def _typed(record: _Record) -> _Record:
    values = vars(record)
    for name, kind, words in _TYPES[type(record)]:
        value = values[name]
        if kind is not None and type(value) is not kind:
            raise TypeError(f"{name} is {value!r:.40}, not {words}")
    return record
