"""What there is on object storage: one LIST for each table of a symbol, kept until it is forgotten.

The tombstones of the lake are one table.

A listing is a view of one moment, as a run that lists folders has it. What a run of this process
writes is noted in it; what others may have written is looked at again (`refresh`).
"""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from ..paths import SUCCESS, partition_date
from ..store import REMOVED, ObjectState, Unfinished
from .client import Found, ObjectClient

CLAIM: Final = "_CLAIM"
_TABLE: Final = "table="


@dataclass
class _Table:
    # Objects by folder; and every folder with something in it, those above included.
    objects: dict[str, dict[str, Found]] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)


class Listing:
    """The objects of a lake as they were when they were first asked for."""

    def __init__(self, client: ObjectClient) -> None:
        self._client = client
        self._tables: dict[str, _Table] = {}
        self._above: dict[str, tuple[str, ...]] = {}
        self._lock = threading.RLock()

    def forget(self) -> None:
        """Ask again for whatever is looked at next."""
        with self._lock:
            self._tables.clear()
            self._above.clear()

    def objects(self, folder: str) -> dict[str, Found]:
        """Return the objects right in a folder of a table, or in a partition, by name."""
        with self._lock:
            return self._table(_table_of(folder)).objects.get(folder, {})

    def find(self, name: str) -> Found | None:
        """Return one object of a table."""
        folder, _, last = name.rpartition("/")
        return self.objects(folder).get(last)

    def entries(self, folder: str) -> list[str]:
        """Return the names in a folder, of objects and of folders."""
        with self._lock:
            table = _table_of(folder)
            if not table:
                if folder not in self._above:
                    self._above[folder] = self._client.folders(folder)
                return list(self._above[folder])
            found = self._table(table)
            inside = {name for name in found.objects.get(folder, {}) if name != CLAIM}
            below = f"{folder}/"
            inside |= {
                one.removeprefix(below)
                for one in found.folders
                if one.startswith(below) and "/" not in one[len(below) :]
            }
            return sorted(inside)

    def is_folder(self, folder: str) -> bool:
        """Tell whether there is anything in a folder, a claim aside."""
        with self._lock:
            table = _table_of(folder)
            if table:
                return folder in self._table(table).folders
            above, _, name = folder.rpartition("/")
            return not folder or name in self.entries(above)

    def refresh(self, folder: str) -> None:
        """Look at one folder of a table again; those in it stay as they were seen."""
        below = f"{folder}/"
        now = {name.removeprefix(below): one for name, one in self._client.list(folder).items()}
        with self._lock:
            if now:
                self._see_above(folder)
            table = self._tables.get(_table_of(folder))
            if table is not None:
                _put(table, folder, {name: one for name, one in now.items() if "/" not in name})

    def tables(self, prefix: str) -> dict[str, dict[str, Found]]:
        """Return the objects of a table by their folders."""
        with self._lock:
            return dict(self._table(prefix).objects)

    def sees(self, name: str) -> bool:
        """Tell whether an object is among what was listed already; nothing is asked."""
        folder, _, last = name.rpartition("/")
        with self._lock:
            table = self._tables.get(_table_of(folder))
            return table is not None and last in table.objects.get(folder, {})

    def add(self, name: str, found: Found) -> None:
        """Take over one object that was put."""
        self._change(name, found)

    def discard(self, name: str) -> None:
        """Take over that an object was deleted."""
        self._change(name, None)

    def _change(self, name: str, found: Found | None) -> None:
        folder, _, last = name.rpartition("/")
        with self._lock:
            table = self._tables.get(_table_of(folder))
            if table is not None:
                inside = dict(table.objects.get(folder, {}))
                inside.pop(last, None)
                _put(table, folder, inside if found is None else {**inside, last: found})

    def note(self, folder: str, states: dict[str, ObjectState]) -> None:
        """Take over what was put in a folder."""
        now = dt.datetime.now(dt.UTC)
        with self._lock:
            if states:
                self._see_above(folder)
            table = self._tables.get(_table_of(folder))
            if table is not None:
                _put(table, folder, {name: Found(one, now) for name, one in states.items()})

    def _see_above(self, folder: str) -> None:
        # What was listed above a table before it had anything is asked for again.
        while folder:
            above, _, name = folder.rpartition("/")
            if name not in self._above.get(above, (name,)):
                del self._above[above]
            folder = above

    def _table(self, prefix: str) -> _Table:
        if prefix not in self._tables:
            table = _Table()
            by_folder: dict[str, dict[str, Found]] = {}
            for name, found in self._client.list(prefix).items():
                folder, _, last = name.rpartition("/")
                by_folder.setdefault(folder, {})[last] = found
            for folder, inside in by_folder.items():
                _put(table, folder, inside)
            if by_folder:
                self._see_above(prefix)
            # A folder that a console made is an empty object of its name.
            for folder in table.folders:
                above, _, last = folder.rpartition("/")
                mark = table.objects.get(above, {}).get(last)
                if mark is not None and not mark.state.bytes:
                    del table.objects[above][last]
            self._tables[prefix] = table
        return self._tables[prefix]


def unfinished(folders: dict[str, dict[str, Found]]) -> list[Unfinished]:
    """Return what is left, or still written, of partitions: without ``_SUCCESS``, or claims."""
    found = []
    for folder, inside in sorted(folders.items()):
        if partition_date(folder.rpartition("/")[2]) is None:
            continue
        some = [one for name, one in inside.items() if name != CLAIM]
        claim = inside.get(CLAIM)
        for mine, is_claim in (([] if SUCCESS in inside else some, False), ([claim], True)):
            there = [one for one in mine if one is not None]
            if there:
                size = sum(one.state.bytes for one in there)
                last = max(one.modified for one in there)
                found.append(Unfinished(folder, is_claim, size, last))
    return found


def _put(table: _Table, folder: str, inside: dict[str, Found]) -> None:
    table.objects[folder] = inside
    if inside.keys() - {CLAIM}:
        prefix = _table_of(folder)
        table.folders.add(folder)
        while folder != prefix:
            folder = folder.rpartition("/")[0]
            table.folders.add(folder)
    elif not any(one.startswith(f"{folder}/") for one in table.folders):
        table.folders.discard(folder)


def _table_of(folder: str) -> str:
    # The folder of the table, or that of the tombstones; empty above one.
    parts = PurePosixPath(folder).parts
    if parts[:1] == (REMOVED,):
        return REMOVED  # all of them at once: there are few
    for n, part in enumerate(parts):
        if part.startswith(_TABLE):
            return "/".join(parts[: n + 1])
    return ""
