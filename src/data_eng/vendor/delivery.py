"""The side files of a vendor's batch delivery, beside the DBN files of a folder.

- ``manifest.json``: name, size and SHA-256 of every file, under ``files`` or, as the vendor's
  ``batch.list_files`` answers, as the list itself;
- ``condition.json``: the state of the data per date;
- ``symbology.json``: which instrument a symbol meant, by half-open date intervals.

Any may be absent. One that is present and not as the vendor writes it is an error, never a
reason to go on as if it were absent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ..errors import InputError
from ..lake.folders import is_folder
from ..lake.regular import regular
from ..lake.store import at_hand

MANIFEST_NAME: Final = "manifest.json"
CONDITION_NAME: Final = "condition.json"
SYMBOLOGY_NAME: Final = "symbology.json"

# All of GLBX.MDP3 maps about a million symbols, 100 bytes each.
MAX_BYTES: Final = 128 * 2**20
_READ_STEP: Final = 1 << 20

_SHA256: Final = re.compile(r"(?:sha256:)?([0-9a-fA-F]{64})")
_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Interval:
    """What a symbol meant from ``d0`` to ``d1`` (exclusive): ``s``, as the vendor names it.

    ``s`` is the instrument id as text unless the request asked for another ``stype_out``.
    """

    d0: date
    d1: date
    s: str


@dataclass(frozen=True)
class Delivery:
    """The side files of one folder, read by `read_delivery`."""

    folder: Path
    files: Mapping[str, tuple[int, str]]
    conditions: Mapping[date, str]

    def expected(self, file_name: str) -> tuple[int, str] | None:
        """Return a file's size in bytes and SHA-256 (hex) by the vendor's manifest, if listed."""
        return self.files.get(file_name)

    def condition(self, d: date) -> str | None:
        """Return the vendor's word for the data of a date, None where it says nothing.

        Words seen: ``available``, ``degraded``, ``pending``, ``missing``. A date can be
        ``available`` and have no file, on a holiday.
        """
        return self.conditions.get(d)

    def symbology(self) -> dict[str, list[Interval]] | None:
        """Return the intervals of each symbol asked for, None without ``symbology.json``.

        The keys are what the request asked for: a parent or continuous request names no
        contract here. Intervals are as the vendor orders them, without the unresolved ones.

        Read when asked for: that of an options delivery holds tens of thousands of symbols.

        Raises
        ------
        InputError
            As `read_delivery`.
        """
        return _intervals(_SideFile(self.folder / SYMBOLOGY_NAME))


def read_delivery(folder: Path) -> Delivery:
    """Read the side files of a folder, symbology aside; absent ones leave nothing known.

    Parameters
    ----------
    folder : Path
        A folder of raw DBN files.

    Raises
    ------
    InputError
        The folder does not exist, or a side file cannot be read, is no JSON, contradicts
        itself, has another shape than the vendor's, or names a file outside the folder.
    """
    if not is_folder(folder):
        raise InputError(f"{folder}: no such folder; put the vendor's files there")
    manifest = _SideFile(folder / MANIFEST_NAME)
    condition = _SideFile(folder / CONDITION_NAME)
    return Delivery(
        folder=folder,
        files=MappingProxyType(_files(manifest)),
        conditions=MappingProxyType(_conditions(condition)),
    )


class _SideFile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def error(self, what: str) -> InputError:
        return InputError(
            f"{self.path}: {what}; download it again, or delete it to go on without it"
        )

    def read(self) -> Any:
        """Return the parsed file, None where there is none."""
        try:
            text = self._text()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self.error(f"cannot be read ({error.strerror})") from error
        if len(text) > MAX_BYTES:
            raise self.error(f"larger than the {MAX_BYTES} bytes a side file can have")
        try:
            content = json.loads(text, object_pairs_hook=_unique)
        except (ValueError, RecursionError) as error:
            raise self.error(f"no valid JSON ({error})") from error
        if content is None:
            raise self.error("holds null")
        return content

    def _text(self) -> bytes:
        # In steps: asked for the bound at once, a file of a few bytes would take all of it.
        text = bytearray()
        with open(at_hand(self.path), "rb", opener=regular) as file:
            while len(text) <= MAX_BYTES and (step := file.read(_READ_STEP)):
                text += step
        return bytes(text)

    def item(self, entry: Any, key: str, kind: type, where: str) -> Any:
        """Return a value of an object, checked to be there and of a type."""
        if not isinstance(entry, dict):
            raise self.error(f"{where} is no object")
        value = entry.get(key)
        # bool is an int to isinstance, but no size.
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self.error(f"{where} has no {key!r} of type {kind.__name__}")
        return value

    def day(self, entry: Any, key: str, where: str) -> date:
        text = self.item(entry, key, str, where)
        try:
            if _ISO_DATE.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass  # 2025-02-30: no date either
        raise self.error(f"{where} has no date YYYY-MM-DD in {key!r}, but {text[:40]!r}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("an object names a key twice")
    return content


def _files(side: _SideFile) -> dict[str, tuple[int, str]]:
    content = side.read()
    if content is None:
        return {}
    entries = content if isinstance(content, list) else side.item(content, "files", list, "it")
    files: dict[str, tuple[int, str]] = {}
    for i, entry in enumerate(entries):
        where = f"file {i}"
        name = side.item(entry, "filename", str, where)
        if name in {"", ".", ".."} or any(c in name for c in "/\\\0"):
            raise side.error(f"{where} is named {name[:80]!r}, which is no plain file name")
        size = side.item(entry, "size", int, where)
        digest = _SHA256.fullmatch(side.item(entry, "hash", str, where))
        if size < 0 or digest is None:
            raise side.error(f"{where} ({name!r}) has no valid size and 'sha256:' hash")
        expected = (size, digest.group(1).lower())
        if files.setdefault(name, expected) != expected:
            raise side.error(f"lists {name!r} twice, with different sizes or hashes")
    return files


def _conditions(side: _SideFile) -> dict[date, str]:
    content = side.read()
    if content is None:
        return {}
    if not isinstance(content, list):
        raise side.error("is no list of dates and conditions")
    conditions: dict[date, str] = {}
    for i, entry in enumerate(content):
        d = side.day(entry, "date", f"entry {i}")
        condition = side.item(entry, "condition", str, f"entry {i}")
        if conditions.setdefault(d, condition) != condition:
            raise side.error(f"gives {d} two different conditions")
    return conditions


def _intervals(side: _SideFile) -> dict[str, list[Interval]] | None:
    content = side.read()
    if content is None:
        return None
    result = side.item(content, "result", dict, "it")
    return {symbol: _of_symbol(side, symbol, entries) for symbol, entries in result.items()}


def _of_symbol(side: _SideFile, symbol: str, entries: Any) -> list[Interval]:
    where = f"symbol {symbol[:40]!r}"
    if not isinstance(entries, list):
        raise side.error(f"{where} has no list of intervals")
    intervals = []
    for entry in entries:
        d0, d1 = side.day(entry, "d0", where), side.day(entry, "d1", where)
        if d1 < d0:
            raise side.error(f"{where} has an interval that ends before it begins: {d0} to {d1}")
        meaning = side.item(entry, "s", str, where)
        if meaning:  # the vendor leaves it empty where the symbol meant nothing
            intervals.append(Interval(d0, d1, meaning))
    return intervals
