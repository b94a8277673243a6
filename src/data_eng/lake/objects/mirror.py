"""A lake on object storage, worked on in its mirror on this host: `store.Store`.

What is fetched is compared with what it must be before it is seen in the mirror: a manifest with
``_SUCCESS``, data with the manifest's SHA-256, all of them with the ETag of the listing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ...errors import LakeError
from ..paths import NOTE_PREFIX, SUCCESS
from ..store import Note, ObjectState, Unfinished
from .claim import CLOCK, Claims
from .client import Found, ObjectClient
from .failures import RequestError
from .listing import Listing, unfinished
from .partitions import Partitions
from .publish import publish
from .raw_files import RawFiles
from .removal import remove, remove_unfinished
from .scratch import Scratch
from .url import LakeUrl

_PROBE: Final = ".probe"
"""Folder of the objects by which it is found out whether a PUT can be conditional."""


class ObjectLake:
    """The mirror of a lake, and the requests by which it follows the lake.

    Parameters
    ----------
    url : LakeUrl

    Attributes
    ----------
    mirror : Path

    Raises
    ------
    UsageError
        The extra ``s3`` is not installed.
    LakeError
        The scratch folder cannot be made.
    """

    def __init__(self, url: LakeUrl) -> None:
        self.url = url
        self._client = ObjectClient(url)
        self._scratch = Scratch(url)
        self._listing = Listing(self._client)
        self._claims = Claims(self._client, self._scratch.id)
        self._raw_files = RawFiles(self._client, self._listing, self._scratch)
        self._partitions = Partitions(self._client, self._listing, self._scratch)
        self.mirror = self._scratch.root
        self.fetch = self._raw_files.fetch
        self.fetch_head = self._raw_files.fetch_head
        self.fetched_state = self._raw_files.fetched_state
        self.fetch_manifest = self._partitions.fetch_manifest
        self.fetch_part = self._partitions.fetch_part
        self.drop = self._partitions.drop
        self.entries = self._listing.entries
        self.is_folder = self._listing.is_folder
        self.refresh = self._listing.refresh
        self.sees = self._listing.sees
        self.now = self._claims.server_time

    def take_requests(self) -> Counter[str]:
        """Return how many requests of each kind this process made, and forget them."""
        found = Counter(self._client.requests)
        self._client.requests.clear()
        return found

    def look_again(self) -> None:
        """Begin a new view of the lake, and keep the scratch folder in bounds."""
        self._listing.forget()
        with self._scratch.explained():
            self._scratch.shrink_if_grown()

    def check_conditions(self) -> None:
        """Raise `LakeError` where the store knows no conditional PUT: two runs would not see it."""
        name = f"{_PROBE}/{secrets.token_hex(8)}"
        told = f"{self.url}: the store does not make a PUT conditional (If-None-Match, If-Match)"
        try:
            first = self._client.create(name, b"1")
            kept = self._client.create(name, b"2") is None
            kept = kept and self._client.replace(name, b"3", '"0"') is None
        except RequestError as error:
            if error.is_of_conditions:
                raise LakeError(f"{told}; use one that does ({error})") from None
            raise
        self._client.delete(name)
        if first is None or not kept:
            raise LakeError(f"{told}; use one that does")

    def state(self, name: str) -> ObjectState | None:
        """Return what an object is, None where there is none."""
        found = self._listing.find(name)
        return None if found is None else found.state

    @contextlib.contextmanager
    def claim(self, folder: str, timeout_s: float) -> Iterator[None]:
        """Hold a partition against the runs of other hosts."""
        with self._claims.hold(folder, timeout_s):
            self._listing.refresh(folder)
            yield

    @contextlib.contextmanager
    def publish(self, folder: str, built: Path) -> Iterator[None]:
        """Put a partition that was built in a local folder, and keep others from fetching it."""
        states = publish(self._client, self._claims.held(folder), folder, built)
        self._listing.note(folder, states)
        with self._scratch.locked(folder):
            self._partitions.keep(folder, states, (built / SUCCESS).read_text().strip())
            yield

    def remove(self, folder: str, etag: str, tombstone: str, body: bytes) -> None:
        """Remove a partition whose ``_SUCCESS`` has an ETag, and leave a tombstone."""
        put = remove(self._client, self._claims.held(folder), folder, etag, tombstone, body)
        self._listing.note(folder, {})
        self._listing.add(tombstone, Found(ObjectState(len(body), put), dt.datetime.now(dt.UTC)))
        self._partitions.drop(folder)

    def remove_tombstone(self, name: str) -> None:
        """Delete the tombstone of a partition that is there again."""
        self._client.delete(name)
        self._listing.discard(name)

    def unfinished(self, folder: str) -> list[Unfinished]:
        """Return what killed runs left of the partitions of a table's folder."""
        return unfinished(self._listing.tables(folder))

    def remove_unfinished(self, folder: str) -> None:
        """Delete what lies in a partition's folder without ``_SUCCESS``."""
        remove_unfinished(self._client, folder)
        self._listing.note(folder, {})

    def passing_notes(self) -> list[Note]:
        """Return the notes that a run deletes itself, a moment after it put them."""
        client = self._client
        ours = client.inside("").items()
        found = {name: one for name, one in ours if name.startswith(NOTE_PREFIX)}
        found |= client.list(_PROBE) | client.list(CLOCK)
        return [Note(name, one.state.bytes, one.modified) for name, one in sorted(found.items())]

    def read_note(self, name: str) -> bytes | None:
        """Return a small object that is no part of the data, None where there is none."""
        content = self._client.read(name)
        return None if content is None else content.data

    def write_note(self, name: str, data: bytes) -> None:
        """Put a small object that is no part of the data."""
        self._client.put(name, data)

    def remove_note(self, name: str) -> None:
        """Delete such an object."""
        self._client.delete(name)
