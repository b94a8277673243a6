"""Read published partitions: whole, unmixed and, on request, verified to the last byte."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final, Self

from ..errors import (
    CorruptPartitionError,
    LakeError,
    PartitionNotFoundError,
    PartitionRemovedError,
)
from .manifest import Manifest, manifest_sha256, parse_manifest
from .paths import MANIFEST, PART, SUCCESS, Partition
from .regular import read_regular, regular, too_large
from .removed import is_removed
from .store import Store, store_of

_ATTEMPTS: Final = 5
_RETRY_S: Final = 0.05
_REMEDY: Final = "delete the partition and run its layer again"


class PublishedPartition:
    """A published partition, opened once: a rebuild meanwhile does not mix old and new.

    The folder is opened first and every file relative to it, then ``_SUCCESS``, manifest and file
    sizes are compared. Use it as a context manager.

    Attributes
    ----------
    manifest : Manifest
        What the partition holds.
    manifest_sha256 : str
        By which a stage records it as its input.
    mark : str
        As `mark_of`, of what was opened.
    """

    mark: str
    _is_fetched_damaged = False

    def __init__(self, lake_root: Path, partition: Partition) -> None:
        self.partition = partition
        self._root, self._place = lake_root, f"{lake_root}/{partition.path}"
        self._store: Store | None = store_of(lake_root)
        self._fd, self.manifest, self.manifest_sha256 = self._open()

    @property
    def _path(self) -> Path:
        return self._root / self.partition.folder  # a plan over years opens very many

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the folder; files opened from it stay open."""
        with self._explained():
            os.close(self._fd)

    def open_part(self) -> BinaryIO:
        """Open the data file.

        Raises
        ------
        LakeError
            The partition was replaced since it was opened, or cannot be read.
        """
        self._fetch()
        with self._explained():
            return open(self._open_relative(PART), "rb")

    def verify(self) -> None:
        """Hash the data files and compare them with the manifest.

        Raises
        ------
        CorruptPartitionError
            Names the file that differs, or that does not belong there.
        LakeError
            The partition was replaced since it was opened, or cannot be read.
        """
        self._fetch()
        with self._explained():
            for entry in self.manifest.files:
                with open(self._open_relative(entry.name), "rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                if digest != entry.sha256:
                    raise self.corrupt(f"SHA-256 of {entry.name} is not the manifest's")
            # Readers of tables pass over names that begin so; all others they take for data.
            names = {name for name in self.names() if name[0] not in "._"}
            others = sorted(names - {entry.name for entry in self.manifest.files})
            if others:
                raise self.corrupt(f"{others[0]} does not belong there")

    def corrupt(self, reason: str) -> CorruptPartitionError:
        """Return the error that says what is wrong with this partition and what to do."""
        remedy = _REMEDY
        if self._store is not None and not self._is_fetched_damaged:
            # It was compared when it was fetched: the copy was damaged since, or it came as it is.
            self._store.drop(self.partition.folder.as_posix())
            remedy = f"its copy on this host is removed: run again, and if it stays, {remedy}"
        return _corrupt(self.partition, self._path, reason, remedy)

    def names(self) -> list[str]:
        """Return what lies in the partition."""
        if self._store is not None:
            return self._store.entries(self.partition.folder.as_posix())
        return os.listdir(self._fd)

    def unreadable(self, error: OSError) -> LakeError:
        """Return the error that says that the system refused to read, and what to do."""
        return unreadable(self.partition, self._path, error)

    def _open(self) -> tuple[int, Manifest, str]:
        # A rebuild deletes the folder it displaced; one that was opened just before is then found
        # half empty, and opening again finds the new one.
        for attempt in range(_ATTEMPTS):
            etag = None
            if self._store is not None:
                etag = self._store.fetch_manifest(self.partition.path)
                if etag is None:
                    break
            try:
                fd = os.open(self._place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            except (FileNotFoundError, NotADirectoryError):
                break
            except OSError as error:
                raise self.unreadable(error) from error
            self._fd = fd
            try:
                manifest, success = self._checked_manifest()
                self.mark = success if etag is None else etag
                return fd, manifest, success
            except FileNotFoundError:
                _close_after_error(fd)
                if not (self._path / SUCCESS).exists():
                    break
                time.sleep(_RETRY_S * attempt)
            except OSError as error:
                _close_after_error(fd)
                raise self.unreadable(error) from error
            except BaseException:
                _close_after_error(fd)
                raise
        raise self._not_found()

    def _not_found(self) -> PartitionNotFoundError:
        if is_removed(self._root, self.partition):
            return PartitionRemovedError(
                f"{self.partition}: was removed by clean; {self.partition.how_to_rebuild}"
            )
        return PartitionNotFoundError(
            f"{self.partition}: no complete partition (with {SUCCESS}) at {self._path}; "
            f"run --layer {self.partition.dataset.layer} for this date first"
        )

    def _checked_manifest(self) -> tuple[Manifest, str]:
        success = self._read(SUCCESS).decode("ascii", "replace")
        data = self._read(MANIFEST)
        sha256 = manifest_sha256(data)
        if success != f"{sha256}\n":
            raise self.corrupt(f"{SUCCESS} does not match {MANIFEST}")
        manifest = _parsed(data, self._place)
        wanted = self.partition
        said = (manifest.dataset, manifest.symbol, manifest.dt)
        if said != (wanted.dataset.key, wanted.symbol, wanted.date.isoformat()):
            raise self.corrupt(f"{MANIFEST} is that of {' '.join(said)}")
        for entry in manifest.files:
            size = self._size(entry.name)
            if size != entry.bytes:
                raise self.corrupt(f"{entry.name} has {size} bytes, not {entry.bytes}")
        return manifest, sha256

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise LakeError(
                f"{self.partition}: {self._path}: was replaced or deleted while it was read; "
                "run again"
            ) from error
        except OSError as error:
            raise self.unreadable(error) from error

    def _open_relative(self, name: str) -> int:
        return regular(name, os.O_RDONLY, dir_fd=self._fd)

    def _size(self, name: str) -> int:
        if self._store is not None:
            found = self._store.state(f"{self.partition.path}/{name}")
            if found is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
            return found.bytes
        return os.stat(name, dir_fd=self._fd).st_size

    def _fetch(self) -> None:
        # The data of a lake on object storage come when they are asked for.
        if self._store is None:
            return
        folder = self.partition.folder.as_posix()
        for entry in self.manifest.files:
            with self._explained():
                is_whole = self._store.fetch_part(folder, entry.name, self._fd, entry.sha256)
            if not is_whole:
                self._is_fetched_damaged = True
                raise self.corrupt(f"SHA-256 of {entry.name} is not the manifest's")

    def _read(self, name: str) -> bytes:
        try:
            return read_regular(name, dir_fd=self._fd)
        except OSError as error:
            if too_large(error):
                raise self.corrupt(f"{name}: {error.strerror}") from error
            raise


def _close_after_error(fd: int) -> None:
    # A disk that fails fails here too: the first error is the one to tell, and the kernel has
    # given the descriptor back all the same.
    with contextlib.suppress(OSError):
        os.close(fd)


def _corrupt(
    partition: Partition, path: Path, reason: str, remedy: str = _REMEDY
) -> CorruptPartitionError:
    return CorruptPartitionError(f"{partition}: {path}: {reason}; {remedy}")


def unreadable(partition: Partition, path: Path, error: OSError) -> LakeError:
    """Return the error that says that the system refused to read a partition, and what to do."""
    return LakeError(
        f"{partition}: {path}: cannot be read ({error.strerror}); let the user of this run read "
        "it, look at the disk, and run again"
    )


@lru_cache(maxsize=1024)
def _parsed(data: bytes, where: str) -> Manifest:
    # Known by all of its bytes: what a question opens, the next one opens again.
    return parse_manifest(data, where)


def mark_of(lake_root: Path, partition: Partition) -> str | None:
    """Return by what a published partition is told from another one in its place, None without one.

    It is what ``_SUCCESS`` holds, the SHA-256 of the manifest; on object storage its ETag, which
    is known without a request for each partition.

    Raises
    ------
    CorruptPartitionError
        ``_SUCCESS`` is too large to be one.
    LakeError
        It cannot be read.
    """
    store, folder = store_of(lake_root), partition.path
    if store is not None:
        state = store.state(f"{folder}/{SUCCESS}")
        return None if state is None else state.etag
    place = f"{lake_root}/{folder}/{SUCCESS}"
    for _ in range(2):  # the folder may be replaced between its search and that of the file
        try:
            return read_regular(place).decode("ascii", "replace").strip()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            where = lake_root / partition.folder
            if too_large(error):
                raise _corrupt(partition, where, f"{SUCCESS}: {error.strerror}") from error
            raise unreadable(partition, where, error) from error
    return None
