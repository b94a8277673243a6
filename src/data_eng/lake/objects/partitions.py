"""Partitions in the mirror of a lake: manifests when they are opened, data when they are read."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Final

from ...errors import LakeBusyError
from ..manifest import manifest_sha256
from ..osio import REAL
from ..paths import MANIFEST, SUCCESS
from ..store import ObjectState
from .client import Found, ObjectClient
from .download import download, not_found
from .listing import Listing
from .raw_files import ATTEMPTS, RETRY_S
from .scratch import Scratch

_MANIFEST_SHA256: Final = "manifest_sha256"


class Partitions:
    """The partitions of one mirror; see `store.Store` for the methods.

    The record of a partition has the ETag of each file that lies there, and the SHA-256 of the
    manifest, which ties it to the folder.
    """

    def __init__(self, client: ObjectClient, listing: Listing, scratch: Scratch) -> None:
        self._client, self._listing, self._scratch = client, listing, scratch

    def fetch_manifest(self, folder: str) -> str | None:
        """Bring ``_SUCCESS`` and manifest to the mirror; return its ETag, None without any."""
        for attempt in range(ATTEMPTS):
            there = self._listing.objects(folder)
            if SUCCESS not in there:
                return None
            etag = there[SUCCESS].state.etag
            if self._is_current(folder, there) or self._fetched(folder, there, damaged=False):
                return etag
            time.sleep(RETRY_S * attempt)
            self._listing.refresh(folder)
            # What does not hash to `_SUCCESS`, and stays so, is damaged: it is fetched as it is.
            is_same = self._listing.objects(folder) == there
            if is_same and self._fetched(folder, there, damaged=True):
                return etag
        raise LakeBusyError(
            f"{self._client.url}/{folder}: is being replaced; run again when that is done"
        )

    def fetch_part(self, folder: str, name: str, fd: int, sha256: str) -> bool:
        """Bring a data file into the open folder; False where it has another hash."""
        with self._scratch.explained():
            self._scratch.used(folder)
            if _is_there(name, fd):
                return True
            with self._scratch.locked(folder):
                return _is_there(name, fd) or self._fetch_part(folder, name, fd, sha256)

    def drop(self, folder: str) -> None:
        """Delete the mirror's copy."""
        with self._scratch.explained(), self._scratch.locked(folder):
            self._scratch.write_record(folder, {})
            self._remove(self._scratch.root / folder)

    def keep(self, folder: str, states: dict[str, ObjectState], success: str) -> None:
        """Record what was put, before the folder that it was put from takes its place."""
        etags = {name: one.etag for name, one in states.items()}
        with self._scratch.explained():
            self._scratch.write_record(folder, {**etags, _MANIFEST_SHA256: success})
            self._scratch.added(sum(one.bytes for one in states.values()))

    def _is_current(self, folder: str, there: dict[str, Found]) -> bool:
        record = self._scratch.record(folder)
        try:
            local = (self._scratch.root / folder / SUCCESS).read_text().strip()
        except OSError:
            return False
        if record.pop(_MANIFEST_SHA256, None) != local:
            return False
        return all(name in there and there[name].state.etag == record[name] for name in record)

    def _fetched(self, folder: str, there: dict[str, Found], *, damaged: bool) -> bool:
        if MANIFEST not in there:
            return False
        with self._scratch.explained(), self._scratch.locked(folder):
            return self._is_current(folder, there) or self._fetch(folder, there, damaged=damaged)

    def _fetch(self, folder: str, there: dict[str, Found], *, damaged: bool) -> bool:
        # The caller holds the lock. False where what came does not belong together.
        success = self._client.read(f"{folder}/{SUCCESS}", there[SUCCESS].state.etag)
        manifest = self._client.read(f"{folder}/{MANIFEST}", there[MANIFEST].state.etag)
        if success is None or manifest is None:
            return False
        digest = success.data.decode("ascii", "replace").strip()
        if manifest_sha256(manifest.data) != digest and not damaged:
            return False
        target = self._scratch.root / folder
        with self._scratch.new_file() as temporary:
            temporary.mkdir()
            (temporary / SUCCESS).write_bytes(success.data)
            (temporary / MANIFEST).write_bytes(manifest.data)
            self._remove(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            REAL.rename_noreplace(str(temporary), str(target))
        record = {name: there[name].state.etag for name in (SUCCESS, MANIFEST)}
        self._scratch.write_record(folder, {**record, _MANIFEST_SHA256: digest})
        return True

    def _fetch_part(self, folder: str, name: str, fd: int, sha256: str) -> bool:
        # The caller holds the lock.
        found = self._listing.find(f"{folder}/{name}")
        if found is None:
            raise not_found(self._client, f"{folder}/{name}")
        with self._scratch.new_file() as path:
            if download(self._client, f"{folder}/{name}", found.state, path) != sha256:
                return False
            os.rename(path, name, dst_dir_fd=fd)
        record = self._scratch.record(folder)
        self._scratch.write_record(folder, {**record, name: found.state.etag})
        self._scratch.added(found.state.bytes)
        return True

    def _remove(self, folder: Path) -> None:
        # Aside first: whoever has it open finds it whole or not at all.
        with self._scratch.new_file() as aside, contextlib.suppress(FileNotFoundError):
            os.rename(folder, aside)


def _is_there(name: str, fd: int) -> bool:
    try:
        os.stat(name, dir_fd=fd)
    except FileNotFoundError:
        return False
    return True
