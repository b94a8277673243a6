"""Build a partition aside and publish it with one rename.

The order of operations, each chosen so that a kill or a power loss at any point leaves the old
partition, the new one, or none where there was none:

1. `repair` removes what a killed run left, once the rename that run may have made is synced;
   `PartitionBuild` makes a temporary folder beside the target.
2. Data, manifest and ``_SUCCESS`` are written there, each synced, then the folder itself.
3. `rename_noreplace` publishes a new partition; `exchange` swaps the new for the old one.
4. The parent is synced. Only then is the old partition deleted: deleted before, its unlinked
   files could reach the disk ahead of the exchange. So is the tombstone of a removed one.

Of a lake on object storage the folder is that of its mirror: between 2 and 3 the partition is put
there (`objects.publish`), and the rename keeps what was put.

The caller holds the partition (`claim.hold`) from 1 to 4.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Self

from ..errors import LakeError
from .manifest import manifest_sha256
from .osio import REAL, OsIo, make_folders, sync_folder
from .paths import MANIFEST, SUCCESS, Partition
from .store import store_of
from .tombstone import drop_tombstone, tidy_tombstone

log = logging.getLogger(__name__)

_ASIDE: Final = "-old"
_UNSUPPORTED: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP})


class PartitionFile:
    """A file being written: counted and hashed, written in order only.

    Parameters
    ----------
    path : Path
    osio : OsIo
    explain : callable
        Makes the error to tell of one of the system; the build is then abandoned.
    """

    closed = False

    def __init__(self, path: Path, osio: OsIo, explain: Callable[[OSError], LakeError]) -> None:
        self._osio = osio
        self._explain = explain
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
            try:
                taken = self._osio.write(self._fd, view)
            except OSError as error:
                raise self._explain(error) from error
            if not taken:  # never asked again for nothing without end
                raise self._explain(OSError(errno.EIO, "nothing more was written"))
            view = view[taken:]
        self.bytes += total
        return total

    def sync_and_close(self) -> None:
        """Force the content to disk. A failed sync is final: the pages may be lost."""
        try:
            self._osio.fsync(self._fd)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close without syncing."""
        if not self.closed:
            self.closed = True  # also where close fails: the descriptor is gone all the same
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
    shared : bool
        The lake lies on a network file system, which swaps no folders: what is replaced is renamed
        aside first, and a reader may meet neither for a moment.

    Raises
    ------
    LakeError
        The lake cannot be written (read-only, full, no permission); the old partition is intact.
    """

    def __init__(
        self, lake_root: Path, partition: Partition, osio: OsIo = REAL, *, shared: bool = False
    ) -> None:
        self.partition = partition
        self._shared = shared
        self._osio = osio
        self._root = lake_root.absolute()
        self._store = store_of(self._root)
        self._target = self._root / partition.folder
        self._table = self._target.parent
        self._temporary = self._root / partition.new_temporary()
        self._files: list[PartitionFile] = []
        self._committed = False

    def __enter__(self) -> Self:
        with self._explained():
            make_folders(self._table, self._osio, below=self._root)
            self._osio.mkdir(str(self._temporary))
        return self

    def __exit__(self, *_: object) -> None:
        if self._committed:
            return
        for file in self._files:
            with contextlib.suppress(OSError):  # the error that ended the build is the one to tell
                file.abandon()
        with contextlib.suppress(OSError):  # what stays is removed by the next build
            remove_tree(self._temporary, self._osio)

    def create(self, name: str) -> PartitionFile:
        """Create a data file of the partition."""
        with self._explained():
            file = PartitionFile(self._temporary / name, self._osio, self._explain)
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
            sync_folder(self._temporary, self._osio)
            with self._put():
                self._committed = self._store is not None  # whatever becomes of the mirror
                replaced = self._publish()
            # From here the partition is published: whatever fails, it stays.
            self._committed = True
            sync_folder(self._table, self._osio)
        drop_tombstone(self._root, self.partition, self._osio)
        if replaced:
            with contextlib.suppress(OSError):  # what stays is removed by the next build
                remove_tree(self._temporary, self._osio)

    def _put(self) -> AbstractContextManager[None]:
        if self._store is None:
            return contextlib.nullcontext()
        return self._store.publish(self.partition.folder.as_posix(), self._temporary)

    def _publish(self) -> bool:
        # Returns whether the temporary folder now holds the partition that was replaced.
        source, target = str(self._temporary), str(self._target)
        if self._shared:
            return self._publish_without_exchange(source, target)
        try:
            if not self._target.exists():
                self._osio.rename_noreplace(source, target)
                return False
            self._osio.exchange(source, target)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            log.warning("%s: no renameat2 here; replacing with two renames", self.partition)
            return self._publish_without_exchange(source, target)
        return True

    def _publish_without_exchange(self, source: str, target: str) -> bool:
        # Some network and overlay file systems know no renameat2. Under the lock a plain rename
        # is safe for writers, but readers see no partition for a moment.
        if not self._target.exists():
            self._osio.rename(source, target)
            return False
        aside = f"{source}{_ASIDE}"
        self._osio.rename(target, aside)
        try:
            self._osio.rename(source, target)
        except OSError:
            with contextlib.suppress(OSError):  # else the next `repair` puts it back
                self._osio.rename(aside, target)
            raise
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
    """Remove what killed runs left of a partition, and make sure that what stands is on disk.

    The caller holds its lock.

    Raises
    ------
    LakeError
        A temporary folder cannot be removed, or the table's folder not be synced.
    """
    root = lake_root.absolute()
    target = root / partition.folder
    try:
        found = leftovers(root, partition)
        asides = [folder for folder in found if folder.name.endswith(_ASIDE)]
        if asides and not target.exists():
            osio.rename(str(asides[0]), str(target))
            found.remove(asides[0])
        if found or target.exists():
            # A killed run may have renamed and not come to sync: what stands is then not yet on
            # the disk, though the next step may rely on it. And a leftover may be the partition
            # it displaced: deleted before the sync, its unlinked files could reach the disk first.
            sync_folder(target.parent, osio)
        for folder in found:
            remove_tree(folder, osio)
        tidy_tombstone(root, partition, osio)
    except OSError as error:
        raise LakeError(
            f"{partition}: {error.filename or target.parent}: what a killed run left cannot be "
            f"removed or synced ({error.strerror}); check that the lake root can be written, "
            "and run again"
        ) from error


def remove_tree(path: Path, osio: OsIo) -> None:
    """Remove a file, or a folder with all that is in it; links are not followed."""
    if path.is_dir() and not path.is_symlink():
        for name in sorted(os.listdir(path)):
            remove_tree(path / name, osio)
        osio.rmdir(str(path))
    elif os.path.lexists(path):
        osio.unlink(str(path))
