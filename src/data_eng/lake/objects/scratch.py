"""The mirror of a lake on this host: where it lies, what its files are copies of, how large it is.

Each file of the mirror has a record of the object that it is a copy of. A copy whose record is not
today's ETag is fetched again; the mirror can be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ...errors import LakeError, UsageError
from ..lock import lake_lock
from .url import LakeUrl

FOLDER: Final = "DATA_ENG_SCRATCH"
BOUND: Final = "DATA_ENG_SCRATCH_GB"
_DEFAULT_GB: Final = 50.0
HEADS: Final = ".heads"
"""Folder of the first bytes of raw files."""
_FETCHING: Final = ".fetching"
_RECORDS: Final = ".etags"
_IN_USE_S: Final = 600.0
"""What was used so shortly before is not removed."""
_LEFT_OVER_S: Final = 86_400.0
_LOCK_TIMEOUT_S: Final = 3600.0
_ID: Final = ".scratch-id"
_GREW: Final = ".grew"


class Scratch:
    """The mirror of one lake.

    Parameters
    ----------
    url : LakeUrl

    Attributes
    ----------
    root : Path
        The mirror, absolute.

    Raises
    ------
    UsageError
        The bound in the environment is no number.
    LakeError
        The folder cannot be made.
    """

    def __init__(self, url: LakeUrl) -> None:
        parent = os.environ.get(FOLDER)
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        above = Path(parent) if parent else Path(home, "data-eng")
        self.root = (above / url.folder_name).absolute()
        self._bound = _bound()
        self._added = 0
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from error
        with self.explained():
            self._remove_left_over()

    @property
    def id(self) -> str:
        """A name for this folder, the same to every process that uses it."""
        path = self.root / _ID
        with self.explained():
            if not path.exists():
                with self.new_file() as temporary, contextlib.suppress(FileExistsError):
                    temporary.write_text(secrets.token_hex(8))
                    os.link(temporary, path)
            return path.read_text()

    @contextlib.contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Keep the other processes of this host from fetching the same."""
        # One of a few locks: a file for each name would be very many files.
        which = hashlib.sha256(name.encode()).hexdigest()[:2]
        with lake_lock(self.root, f"fetch-{which}.lock", _LOCK_TIMEOUT_S):
            yield

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Make an error of the system one of ours; absent files stay what they are."""
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> LakeError:
        return LakeError(
            f"{error.filename or self.root}: {error.strerror}; the scratch folder must be "
            f"writable and have room: mend that, or name another one by {FOLDER}"
        )

    @contextlib.contextmanager
    def new_file(self) -> Iterator[Path]:
        """Give a path for a file under way; what is left there is removed."""
        folder = self.root / _FETCHING
        folder.mkdir(exist_ok=True)
        path = folder / f"{os.getpid()}-{secrets.token_hex(8)}"
        try:
            yield path
        finally:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def record(self, name: str) -> dict[str, Any]:
        """Return the record of a file or partition, empty without one."""
        try:
            found = json.loads(self._record(name).read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def write_record(self, name: str, body: dict[str, Any]) -> None:
        """Keep the record of a file or partition."""
        path = self._record(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.new_file() as temporary:
            temporary.write_text(json.dumps(body, sort_keys=True))
            temporary.replace(path)

    def used(self, name: str) -> None:
        """Note that a file or partition was used now."""
        with contextlib.suppress(OSError):
            os.utime(self._record(name))

    def added(self, size: int) -> None:
        """Note that a file came, of so many bytes; beyond the bound the least used ones go."""
        if not self._added:
            (self.root / _GREW).touch()
        self._added += size
        if self._added > self._bound / 20:
            self._added = 0
            self.shrink()

    def shrink_if_grown(self) -> None:
        """Keep the bound where files came since the last look."""
        with contextlib.suppress(FileNotFoundError):
            (self.root / _GREW).unlink()
            self.shrink()

    def shrink(self) -> None:
        """Delete the data files that were not used for longest, until the rest is in bounds."""
        found = sorted(self._data_files())
        total = sum(size for _, size, _ in found)
        now = time.time()
        for used_s, size, path in found:
            if total <= self._bound or now - used_s < _IN_USE_S:
                return
            with contextlib.suppress(OSError):
                path.unlink()
                total -= size

    def _data_files(self) -> Iterator[tuple[float, int, Path]]:
        records = self.root / _RECORDS
        for folder, _, names in os.walk(records):
            for name in names:
                record = Path(folder, name)
                local = self.root / record.relative_to(records).with_suffix("")
                files = local.glob("part-*") if local.is_dir() else (local,)
                with contextlib.suppress(OSError):
                    used_s = record.stat().st_mtime
                    for one in files:
                        yield used_s, one.stat().st_size, one
        for folder, _, names in os.walk(self.root / HEADS):
            for name in names:
                head = Path(folder, name)
                with contextlib.suppress(OSError):
                    found = head.stat()
                    yield found.st_mtime, found.st_size, head

    def _record(self, name: str) -> Path:
        return self.root / _RECORDS / f"{name}.json"

    def _remove_left_over(self) -> None:
        # Of killed processes; a file that is being fetched now is a new one.
        folder = self.root / _FETCHING
        for path in folder.iterdir() if folder.is_dir() else ():
            with contextlib.suppress(OSError):
                if time.time() - path.lstat().st_mtime > _LEFT_OVER_S:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _bound() -> float:
    text = os.environ.get(BOUND, str(_DEFAULT_GB))
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found < float("inf"):
        raise UsageError(f"{BOUND}={text}: use a number of gigabytes")
    return found * 1e9
