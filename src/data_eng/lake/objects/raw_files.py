"""Raw files in the mirror of a lake: fetched whole when they are read, their headers before."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path
from typing import Final

from ...errors import LakeBusyError
from ..store import ObjectState
from .client import Found, ObjectClient
from .download import download, not_found
from .listing import Listing
from .scratch import HEADS, Scratch

ATTEMPTS: Final = 5
RETRY_S: Final = 0.1
"""How often something is fetched that changes meanwhile."""
_SETTLED_NS: Final = 60 * 10**9
"""A fetched file looks older than this: whoever reads it takes it to be at rest."""


class RawFiles:
    """The raw files of one mirror; see `store.Store` for the methods."""

    def __init__(self, client: ObjectClient, listing: Listing, scratch: Scratch) -> None:
        self._client, self._listing, self._scratch = client, listing, scratch

    def fetch(self, name: str) -> None:
        """Bring a file to the mirror; raises `FileNotFoundError` where there is none."""
        for attempt in range(ATTEMPTS):
            found = self._find(name)
            if self._is_fetched(name, found.state):
                self._scratch.used(name)
                return
            with self._scratch.explained(), self._scratch.locked(name):
                if self._is_fetched(name, found.state) or self._fetch(name, found):
                    return
            time.sleep(RETRY_S * attempt)
            self._listing.refresh(name.rpartition("/")[0])
        raise LakeBusyError(f"{self._client.url}/{name}: changes while it is fetched; run again")

    def fetch_head(self, name: str, most: int) -> Path:
        """Return a local file with the first bytes of a file; the whole one where it is here."""
        state = self._find(name).state
        if state.bytes <= most or self._is_fetched(name, state):
            self.fetch(name)
            return self._scratch.root / name
        path = self._head(name, state, most)
        try:
            os.utime(path)  # used now
            return path
        except OSError:
            content = self._client.read(name, state.etag, most)
        if content is None:
            raise LakeBusyError(
                f"{self._client.url}/{name}: was replaced while it was read; run again"
            )
        with self._scratch.explained():
            with self._scratch.new_file() as temporary:
                temporary.write_bytes(content.data)
                path.parent.mkdir(parents=True, exist_ok=True)
                temporary.replace(path)
            self._scratch.added(len(content.data))
        return path

    def fetched_state(self, name: str, local: tuple[int, int, int]) -> ObjectState | None:
        """Return what a fetched file is a copy of; None where another copy lies there now."""
        record = self._scratch.record(name)
        if tuple(record.get("local", ())) != local:
            return None
        return ObjectState(local[0], str(record.get("etag")))

    def _find(self, name: str) -> Found:
        found = self._listing.find(name)
        if found is None:
            raise not_found(self._client, name)
        return found

    def _is_fetched(self, name: str, state: ObjectState) -> bool:
        record = self._scratch.record(name)
        if record.get("etag") != state.etag:
            return False
        try:
            return list(_local_state(self._scratch.root / name)) == record.get("local")
        except OSError:
            return False

    def _fetch(self, name: str, found: Found) -> bool:
        # The caller holds the lock. False where the object is another one now.
        path = self._scratch.root / name
        with self._scratch.new_file() as temporary:
            begin = self._begin(name, found.state)
            try:
                download(self._client, name, found.state, temporary, begin)
            except FileNotFoundError:
                return False
            written = int(found.modified.timestamp() * 1e9)
            seen = min(written, time.time_ns() - _SETTLED_NS)
            os.utime(temporary, ns=(seen, seen))
            path.parent.mkdir(parents=True, exist_ok=True)
            record = {"etag": found.state.etag, "local": list(_local_state(temporary))}
            temporary.replace(path)
            self._scratch.write_record(name, record)
        self._scratch.added(found.state.bytes)
        return True

    def _head(self, name: str, state: ObjectState, most: int) -> Path:
        digest = hashlib.sha256(state.etag.encode()).hexdigest()[:16]
        return self._scratch.root / HEADS / f"{name}.{digest}.{most}"

    def _begin(self, name: str, state: ObjectState) -> bytes:
        # Of its first bytes as many as are here.
        some = self._head(name, state, 0)
        found = [one for one in some.parent.glob("*") if one.stem == some.stem]
        for one in sorted(found, key=lambda one: int(one.suffix[1:]), reverse=True):
            with contextlib.suppress(FileNotFoundError):  # removed by another process meanwhile
                return one.read_bytes()
        return b""


def _local_state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino
