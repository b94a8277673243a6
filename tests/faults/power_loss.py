"""Every state that a power loss may leave of a recorded run of file-system calls.

The model is weaker than any journaling file system: a change of a folder's entries is certain
once that folder was synced afterwards, a file's content once the file was; until then each change
reaches the disk or not, on its own, and the content of a file that was not synced is lost.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, combinations
from pathlib import Path
from typing import Any

from src.data_eng.lake.osio import OsIo

Entries = dict[int, dict[str, int]]
MAX_OPTIONAL = 14


@dataclass
class Event:
    """One call: entries set (name to node, None removes) in a folder, or a node synced."""

    changes: list[tuple[int, str, int | None]] = field(default_factory=list)
    synced: int | None = None


class RecordingIo(OsIo):
    """Makes the calls for real and records them by node, not by path."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self.entries: Entries = {0: {}}
        self.content: dict[int, bytes] = {}
        self.events: list[Event] = []
        self._fds: dict[int, int] = {}
        self._next = 1
        self._scan(root, 0)
        self.initial: Entries = {node: dict(names) for node, names in self.entries.items()}
        self.certain = set(self.content)

    def _scan(self, folder: Path, node: int) -> None:
        for path in sorted(folder.iterdir()):
            child = self._new(is_folder=path.is_dir())
            self.entries[node][path.name] = child
            if path.is_dir():
                self._scan(path, child)
            else:
                self.content[child] = path.read_bytes()

    def _new(self, *, is_folder: bool) -> int:
        node, self._next = self._next, self._next + 1
        if is_folder:
            self.entries[node] = {}
        else:
            self.content[node] = b""
        return node

    def node(self, path: str) -> int:
        node = 0
        for name in Path(path).relative_to(self.root).parts:
            node = self.entries[node][name]
        return node

    def _place(self, path: str) -> tuple[int, str]:
        return self.node(os.path.dirname(path)), os.path.basename(path)

    def _set(self, *changes: tuple[int, str, int | None]) -> None:
        self.events.append(Event(list(changes)))
        for folder, name, node in changes:
            if node is None:
                del self.entries[folder][name]
            else:
                self.entries[folder][name] = node

    def mkdir(self, path: str) -> None:
        super().mkdir(path)
        self._set((*self._place(path), self._new(is_folder=True)))

    def create(self, path: str) -> int:
        fd = super().create(path)
        self._fds[fd] = self._new(is_folder=False)
        self._set((*self._place(path), self._fds[fd]))
        return fd

    def write(self, fd: int, data: memoryview) -> int:
        taken = super().write(fd, data)
        self.content[self._fds[fd]] += bytes(data[:taken])
        return taken

    def open_folder(self, path: str) -> int:
        fd = super().open_folder(path)
        self._fds[fd] = self.node(path)
        return fd

    def fsync(self, fd: int) -> None:
        super().fsync(fd)
        self.events.append(Event(synced=self._fds[fd]))

    def _move(self, source: str, target: str) -> None:
        node = self.node(source)
        self._set((*self._place(source), None), (*self._place(target), node))

    def rename_noreplace(self, source: str, target: str) -> None:
        super().rename_noreplace(source, target)
        self._move(source, target)

    def rename(self, source: str, target: str) -> None:
        super().rename(source, target)
        self._move(source, target)

    def exchange(self, source: str, target: str) -> None:
        super().exchange(source, target)
        one, other = self.node(source), self.node(target)
        self._set((*self._place(source), other), (*self._place(target), one))

    def unlink(self, path: str) -> None:
        super().unlink(path)
        self._set((*self._place(path), None))

    def rmdir(self, path: str) -> None:
        super().rmdir(path)
        self._set((*self._place(path), None))


def states(record: RecordingIo, events: list[Event]) -> Iterator[tuple[bool, Entries, set[int]]]:
    """Yield every state after a loss of power at any moment of the events.

    Yields
    ------
    tuple
        Whether the run had ended; the entries; the nodes whose content is certain.
    """
    for end in range(len(events) + 1):
        done = events[:end]
        synced = {e.synced: n for n, e in enumerate(done) if e.synced is not None}
        certain = record.certain | set(synced)
        optional = [
            n
            for n, e in enumerate(done)
            if e.changes and not any(synced.get(folder, -1) > n for folder, _, _ in e.changes)
        ]
        assert len(optional) <= MAX_OPTIONAL, "too many states to look at"
        subsets = chain.from_iterable(
            combinations(optional, size) for size in range(len(optional) + 1)
        )
        for kept in subsets:
            lost = set(optional) - set(kept)
            yield end == len(events), _applied(record, done, lost), certain


def _applied(record: RecordingIo, events: list[Event], lost: set[int]) -> Entries:
    entries = {node: dict(names) for node, names in record.initial.items()}
    for number, event in enumerate(events):
        if number in lost:
            continue
        for folder, name, node in event.changes:
            names = entries.setdefault(folder, {})
            if node is None:
                names.pop(name, None)
            else:
                names[name] = node
    return entries


def found(record: RecordingIo, entries: Entries, certain: set[int], path: Path) -> Any:
    """Return the files of a folder by name in a state, None where it is not there.

    A file whose content is not certain is empty: the worst that may be.
    """
    node: int | None = 0
    for name in path.parts:
        node = entries.get(node or 0, {}).get(name)
        if node is None:
            return None
    names = entries.get(node or 0, {})
    return {name: record.content[n] if n in certain else b"" for name, n in names.items()}
