"""Build a partition aside and publish it with one rename.

The order of operations, each chosen so that a kill or a power loss at any point leaves the old
partition, the new one, or none where there was none:

1. `repair` removes what a killed run left; `PartitionBuild` makes a temporary folder beside the
   target.
2. Data, manifest and ``_SUCCESS`` are written there, each synced, then the folder itself.
3. `rename_noreplace` publishes a new partition; `exchange` swaps the new for the old one.
4. The parent is synced. Only then is the old partition deleted: deleted before, its unlinked
   files could reach the disk ahead of the exchange.

The caller holds the partition's lock (`lake_lock`) from 1 to 4.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ..errors import LakeError
from .manifest import manifest_sha256
from .osio import REAL, OsIo
from .paths import MANIFEST, SUCCESS, Partition

log = logging.getLogger(__name__)

_ASIDE: Final = "-old"
_UNSUPPORTED: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP})


class PartitionFile:
    """A file being written: counted and hashed, written in order only.

    Raises
    ------
    OSError
        As the system does; the build is then abandoned.
    """

    closed = False

    def __init__(self, path: Path, osio: OsIo) -> None:
        self._osio = osio
        self._fd = osio.create(str(path))
        self._sha256 = hashlib.sha256()
        self.bytes = 0

    @property
    def sha256(self) -> str:
        """SHA-256 of what was written so far."""
        return self._sha256.hexdigest()

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Write all of ``data``."""
        view = memoryview(data).cast("B")
        total = len(view)
        self._sha256.update(view)
        while len(view):
            view = view[self._osio.write(self._fd, view) :]
        self.bytes += total
        return total

    def sync_and_close(self) -> None:
        """Force the content to disk. A failed sync is final: the pages may be lost."""
        try:
            self._osio.fsync(self._fd)
        finally:
            self._osio.close(self._fd)
            self.closed = True

    def abandon(self) -> None:
        """Close without syncing."""
        if not self.closed:
            self.closed = True
            self._osio.close(self._fd)


class PartitionBuild:
    """One partition being built; a context manager that leaves nothing behind unless committed.

    Parameters
    ----------
    lake_root : Path
        The lake.
    partition : Partition
        What is built. Its lock is held by the caller.
    osio : OsIo
        The operating-system calls.

    Raises
    ------
    LakeError
        The lake cannot be written (read-only, full, no permission); the old partition is intact.
    """

    def __init__(self, lake_root: Path, partition: Partition, osio: OsIo = REAL) -> None:
        self.partition = partition
        self._osio = osio
        self._target = (lake_root / partition.folder).absolute()
        self._table = self._target.parent
        name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._temporary = self._table / f"{partition.temporary_prefix}{name}"
        self._files: list[PartitionFile] = []
        self._committed = False

    def __enter__(self) -> Self:
        with self._explained():
            _make_folders(self._table, self._osio)
            self._osio.mkdir(str(self._temporary))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._committed:
            return
        for file in self._files:
            with contextlib.suppress(OSError):  # the error that ended the build is the one to tell
                file.abandon()
        with contextlib.suppress(OSError):  # what stays is removed by the next build
            _remove_folder(self._temporary, self._osio)
        if isinstance(value, OSError):
            raise self._explain(value) from value

    def create(self, name: str) -> PartitionFile:
        """Create a data file of the partition."""
        with self._explained():
            file = PartitionFile(self._temporary / name, self._osio)
        self._files.append(file)
        return file

    def commit(self, manifest: bytes) -> None:
        """Sync everything and publish with one rename.

        Parameters
        ----------
        manifest : bytes
            Content of ``_MANIFEST.json``; ``_SUCCESS`` gets its SHA-256.
        """
        with self._explained():
            for name, data in (
                (MANIFEST, manifest),
                (SUCCESS, (manifest_sha256(manifest) + "\n").encode()),
            ):
                self.create(name).write(data)
            for file in self._files:
                file.sync_and_close()
            _sync_folder(self._temporary, self._osio)
            replaced = self._publish()
            # From here the partition is published: whatever fails, it stays.
            self._committed = True
            _sync_folder(self._table, self._osio)
        if replaced:
            with contextlib.suppress(OSError):  # what stays is removed by the next build
                _remove_folder(self._temporary, self._osio)

    def _publish(self) -> bool:
        # Returns whether the temporary folder now holds the partition that was replaced.
        source, target = str(self._temporary), str(self._target)
        try:
            if not self._target.exists():
                self._osio.rename_noreplace(source, target)
                return False
            self._osio.exchange(source, target)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            return self._publish_without_exchange(source, target)
        return True

    def _publish_without_exchange(self, source: str, target: str) -> bool:
        # Some network and overlay file systems know no renameat2. Under the lock a plain rename
        # is safe for writers, but readers see no partition for a moment.
        log.warning("%s: no renameat2 here; replacing with two renames", self.partition)
        if not self._target.exists():
            self._osio.rename(source, target)
            return False
        aside = f"{source}{_ASIDE}"
        self._osio.rename(target, aside)
        self._osio.rename(source, target)
        _sync_folder(self._table, self._osio)
        self._temporary = Path(aside)
        return True

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._explain(error) from error

    def _explain(self, error: OSError) -> LakeError:
        remedy = {
            errno.ENOSPC: "free disk space and run again",
            errno.EDQUOT: "free disk quota and run again",
            errno.EFBIG: "raise the file size limit and run again",
        }.get(error.errno or 0, "check that the lake root can be written, and run again")
        state = "it is published" if self._committed else "nothing of it was published"
        reason = error.strerror or str(error)
        return LakeError(f"{self.partition}: {self._table}: {reason}; {state}; {remedy}")


def leftovers(lake_root: Path, partition: Partition) -> list[Path]:
    """Return the temporary folders of a partition: of a build under way, or of a killed one."""
    table = lake_root / partition.table_folder
    try:
        names = sorted(os.listdir(table))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [table / name for name in names if name.startswith(partition.temporary_prefix)]


def repair(lake_root: Path, partition: Partition, osio: OsIo = REAL) -> None:
    """Remove what killed runs left of a partition; the caller holds its lock.

    Raises
    ------
    LakeError
        A temporary folder cannot be removed.
    """
    target = lake_root / partition.folder
    for folder in leftovers(lake_root, partition):
        try:
            if folder.name.endswith(_ASIDE) and not target.exists():
                osio.rename(str(folder), str(target))
            else:
                _remove_folder(folder, osio)
        except OSError as error:
            raise LakeError(
                f"{partition}: {folder}: cannot be removed ({error.strerror}); "
                "check that the lake root can be written, and run again"
            ) from error


def _remove_folder(folder: Path, osio: OsIo) -> None:
    if not folder.exists():
        return
    for name in os.listdir(folder):
        osio.unlink(str(folder / name))
    osio.rmdir(str(folder))


def _make_folders(folder: Path, osio: OsIo) -> None:
    # Parents first, each synced into its own parent: a published partition must not hang from
    # a folder that a power loss forgets.
    if folder.is_dir():
        return
    _make_folders(folder.parent, osio)
    with contextlib.suppress(FileExistsError):  # another process made it
        osio.mkdir(str(folder))
    _sync_folder(folder.parent, osio)


def _sync_folder(folder: Path, osio: OsIo) -> None:
    fd = osio.open_folder(str(folder))
    try:
        osio.fsync(fd)
    finally:
        osio.close(fd)
