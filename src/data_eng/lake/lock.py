"""One lock a partition: held while it is built, repaired and published."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from ..errors import LakeBusyError, LakeError
from ..settings import LOCK_TIMEOUT_S
from .osio import REAL, make_folders
from .paths import LOCKS, Partition
from .regular import regular
from .store import store_of

_HOLDER_BYTES: Final = 200
_HOLDER: Final = re.compile(r"process [0-9]+ on [!-~]+")


@contextlib.contextmanager
def lake_lock(lake_root: Path, name: str, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[None]:
    """Hold the lake's lock ``name``.

    It is a `flock`: the kernel releases it when the process dies, however it dies. The lock
    files lie in a folder of their own, so that a table's folder holds its partitions alone.
    It excludes the processes of this host; for those of others there is `claim.hold`.

    Raises
    ------
    LakeBusyError
        Another process still holds it after ``timeout_s`` seconds; names the holder.
    LakeError
        The lock file cannot be opened, or the lock not be released.
    """
    path = lake_root / LOCKS / name
    try:
        make_folders(path.parent.absolute(), REAL)
        # Where there is no flock, a lock file that outlives a killed process would be no lock.
        lock = FileLock(path, timeout=timeout_s, fallback_to_soft=False)
        lock.acquire()
    except Timeout:
        for_long = f" for more than {timeout_s:g} s" if timeout_s else ""
        raise LakeBusyError(
            f"{path}: held by {_holder(path)}{for_long}; run again when it is done"
        ) from None
    except OSError as error:
        raise LakeError(
            f"{path}: cannot be locked ({error.strerror}); check that the lake root can be written"
        ) from error
    with contextlib.suppress(OSError):  # who holds it is a courtesy to the one that waits
        _name_holder(path)
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):  # the error that ended the build is the one to tell
            lock.release()
        raise
    try:
        lock.release()
    except OSError as error:
        raise LakeError(
            f"{path}: cannot be unlocked ({error.strerror}); what was published stays, and the "
            "lock ends with this process: run again"
        ) from error


def partition_claim(
    lake_root: Path, partition: Partition, timeout_s: float
) -> AbstractContextManager[None]:
    """Hold a partition against the runs of other hosts, where the lake lies on object storage.

    The caller holds the partition's lock on this host.
    """
    store = store_of(lake_root)
    if store is None:
        return contextlib.nullcontext()
    return store.claim(partition.folder.as_posix(), timeout_s)


def _name_holder(path: Path) -> None:
    # Another name of the file shows that its content is somebody else's: it is a lock all the same.
    fd = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        state = os.fstat(fd)
        if stat.S_ISREG(state.st_mode) and state.st_nlink == 1:
            os.ftruncate(fd, 0)
            os.write(fd, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
    finally:
        os.close(fd)


def _holder(path: Path) -> str:
    try:
        with open(path, "rb", opener=regular) as file:
            text = file.read(_HOLDER_BYTES).decode("ascii", "replace").strip()
    except OSError:
        return "another process"
    return text if _HOLDER.fullmatch(text) else "another process"
