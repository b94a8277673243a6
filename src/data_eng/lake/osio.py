"""The operating-system calls that change a lake, in one place: tests can fail each of them."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
from pathlib import Path
from typing import Final

RENAME_NOREPLACE: Final = 1
RENAME_EXCHANGE: Final = 2
_AT_FDCWD: Final = -100


class OsIo:
    """The calls a publish makes, each one a method.

    All raise `OSError` as the system does. Paths are absolute strings.
    """

    def mkdir(self, path: str) -> None:
        """Make one folder; its parent exists."""
        os.mkdir(path, 0o777)

    def create(self, path: str) -> int:
        """Create a file that must not exist, for writing; return its descriptor."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)

    def write(self, fd: int, data: memoryview) -> int:
        """Write, returning how many bytes were taken (may be fewer than given)."""
        return os.write(fd, data)

    def fsync(self, fd: int) -> None:
        """Force a file's or a folder's content to disk."""
        os.fsync(fd)

    def close(self, fd: int) -> None:
        """Close a descriptor."""
        os.close(fd)

    def open_folder(self, path: str) -> int:
        """Open a folder for `fsync`."""
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def rename_noreplace(self, source: str, target: str) -> None:
        """Rename; fails with EEXIST where the target exists."""
        self._renameat2(source, target, RENAME_NOREPLACE)

    def exchange(self, source: str, target: str) -> None:
        """Swap two existing paths in one step."""
        self._renameat2(source, target, RENAME_EXCHANGE)

    def rename(self, source: str, target: str) -> None:
        """Rename as POSIX does."""
        os.rename(source, target)

    def unlink(self, path: str) -> None:
        """Remove a file."""
        os.unlink(path)

    def rmdir(self, path: str) -> None:
        """Remove an empty folder."""
        os.rmdir(path)

    def _renameat2(self, source: str, target: str, flags: int) -> None:
        call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
        if call is None:
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), source, None, target)
        done = call(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), flags)
        if done != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), source, None, target)


REAL: Final = OsIo()


def sync_folder(folder: Path, osio: OsIo) -> None:
    """Force the entries of a folder to disk."""
    fd = osio.open_folder(str(folder))
    try:
        osio.fsync(fd)
    finally:
        osio.close(fd)


def write_synced(path: Path, data: bytes, osio: OsIo) -> None:
    """Write a new file and force it to disk; raises `OSError`."""
    view = memoryview(data)
    fd = osio.create(str(path))
    try:
        while view:
            view = view[osio.write(fd, view) :]
        osio.fsync(fd)
    finally:
        osio.close(fd)


def make_folders(folder: Path, osio: OsIo, below: Path | None = None) -> None:
    """Make a folder and those above it, each synced into its own parent.

    A published partition must not hang from a folder that a power loss forgets. Folders inside
    ``below`` are synced into their parents even where they stand: the run that made them may
    have been killed before its sync.

    Parameters
    ----------
    folder, below : Path
        Absolute.
    osio : OsIo
        The operating-system calls.
    """
    stands = folder.is_dir()
    inside = below is not None and folder != below and folder.is_relative_to(below)
    if stands and not inside:
        return
    make_folders(folder.parent, osio, below)
    if not stands:
        with contextlib.suppress(FileExistsError):  # another process made it
            osio.mkdir(str(folder))
    sync_folder(folder.parent, osio)
