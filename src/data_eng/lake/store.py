"""Where the files of a lake lie: in a folder of this host, or on object storage.

A lake on object storage has a *mirror* on each host: a folder that is laid out as the lake and
holds what was fetched from it and what was built here. All that reads and builds works on the
mirror; the few steps at which it is not the lake itself ask `store_at`: listing a folder, opening a
partition or a raw file, holding a partition, publishing it. Of a lake in a folder nothing is asked.
"""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, NamedTuple, Protocol


class ObjectState(NamedTuple):
    """By what an object is taken for unchanged: its size and ETag."""

    bytes: int
    etag: str


class Unfinished(NamedTuple):
    """What a run left, or still writes, of a partition: objects without ``_SUCCESS``, or a claim.

    ``modified`` is when the last of it was written, by the server's clock.
    """

    folder: str
    is_claim: bool
    bytes: int
    modified: dt.datetime


class Note(NamedTuple):
    """A small object that is no part of the data; ``modified`` is by the server's clock."""

    name: str
    bytes: int
    modified: dt.datetime


class Store(Protocol):
    """Object storage behind a mirror; names are relative to the lake root, with slashes.

    All methods raise `LakeError` where the store does not answer or refuses.
    """

    mirror: Path

    def entries(self, folder: str) -> list[str]:
        """Return the names in a folder."""

    def is_folder(self, folder: str) -> bool:
        """Tell whether there is anything in a folder."""

    def state(self, name: str) -> ObjectState | None:
        """Return what an object is now, None where there is none."""

    def sees(self, name: str) -> bool:
        """Tell whether an object is among what was listed already; nothing is asked."""

    def fetch(self, name: str) -> None:
        """Bring a file to the mirror; raises `FileNotFoundError` where there is none."""

    def fetch_head(self, name: str, most: int) -> Path:
        """Return a local file with the first bytes of a file."""

    def fetched_state(self, name: str, local: tuple[int, int, int]) -> ObjectState | None:
        """Return what a fetched file is a copy of; None where another copy lies there now.

        ``local`` is the copy's size, time of change in ns, and inode, as it was read.
        """

    def fetch_manifest(self, folder: str) -> str | None:
        """Bring ``_SUCCESS`` and manifest of a partition to the mirror; None without any.

        Returns the ETag of ``_SUCCESS``.
        """

    def fetch_part(self, folder: str, name: str, fd: int, sha256: str) -> bool:
        """Bring a partition's data file into its open folder; False where it has another hash.

        Raises `FileNotFoundError` where the partition was replaced meanwhile.
        """

    def drop(self, folder: str) -> None:
        """Delete the mirror's copy of a partition: it is damaged."""

    def refresh(self, folder: str) -> None:
        """Look at a folder again: another process may have changed it."""

    def claim(self, folder: str, timeout_s: float) -> AbstractContextManager[None]:
        """Hold a partition against the runs of other hosts."""

    def publish(self, folder: str, built: Path) -> AbstractContextManager[None]:
        """Put a partition that was built in a local folder; its claim is held.

        Within the context no process of this host fetches it: the folder takes its place there.
        """

    def remove(self, folder: str, etag: str, tombstone: str, body: bytes) -> None:
        """Remove a partition whose ``_SUCCESS`` has an ETag, and leave a tombstone; it is claimed.

        Raises `LakeBusyError` where it is another one now.
        """

    def remove_tombstone(self, name: str) -> None:
        """Delete the tombstone of a partition that is there again."""

    def now(self) -> dt.datetime:
        """Return what time it is by the clock that dates objects."""

    def unfinished(self, folder: str) -> list[Unfinished]:
        """Return what killed runs left of the partitions of a table's folder."""

    def remove_unfinished(self, folder: str) -> None:
        """Delete what lies in a partition's folder without ``_SUCCESS``; it is claimed."""

    def passing_notes(self) -> list[Note]:
        """Return the notes that a run deletes itself, a moment after it put them."""

    def read_note(self, name: str) -> bytes | None:
        """Return a small object that is no part of the data, None where there is none."""

    def write_note(self, name: str, data: bytes) -> None:
        """Put a small object that is no part of the data."""

    def remove_note(self, name: str) -> None:
        """Delete such an object."""


class Place(NamedTuple):
    """A path of a mirror: its store, and the name there."""

    store: Store
    name: str


REMOVED: Final = ".removed"
"""Folder of the tombstones of partitions that were removed on purpose; of those with a dot the one
that is the lake's, not a host's."""
_STORES: Final[dict[Path, Store]] = {}


def register(store: Store) -> None:
    """Let `store_at` know a store, in this process."""
    _STORES[store.mirror] = store


def store_of(mirror: Path) -> Store | None:
    """Return the store of a lake root, None where the lake lies in the folder itself."""
    return _STORES.get(mirror)


def store_at(path: Path) -> Place | None:
    """Return where on object storage a path of a mirror lies, None for any other path."""
    for mirror, store in _STORES.items():
        if path.is_relative_to(mirror):
            name = path.relative_to(mirror).as_posix()
            if name.startswith(".") and name != "." and name.partition("/")[0] != REMOVED:
                return None  # what this host keeps for itself
            return Place(store, "" if name == "." else name)
    return None


def at_hand(path: Path) -> Path:
    """Return a file of a lake, once it lies on this host.

    Raises
    ------
    FileNotFoundError
        The lake lies on object storage, and there is no such object.
    LakeError
        It cannot be fetched.
    """
    place = store_at(path)
    if place is not None:
        place.store.fetch(place.name)
    return path
