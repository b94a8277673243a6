"""One lock a partition: held while it is built, repaired and published."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import LakeBusyError, LakeError
from ..settings import LOCK_TIMEOUT_S
from .osio import REAL, make_folders
from .paths import LOCKS


@contextlib.contextmanager
def lake_lock(lake_root: Path, name: str, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[None]:
    """Hold the lake's lock ``name``.

    It is a `flock`: the kernel releases it when the process dies, however it dies. The lock
    files lie in a folder of their own, so that a table's folder holds its partitions alone.
    One host a lake: over network file systems `flock` may not exclude other hosts.

    Raises
    ------
    LakeBusyError
        Another process still holds it after ``timeout_s`` seconds; names the holder.
    LakeError
        The lock file cannot be written.
    """
    path = lake_root / LOCKS / name
    try:
        make_folders(path.parent.absolute(), REAL)
        # Where there is no flock, a lock file that outlives a killed process would be no lock.
        lock = FileLock(path, timeout=timeout_s, fallback_to_soft=False)
        lock.acquire()
    except Timeout:
        raise LakeBusyError(
            f"{path}: held by {_holder(path)} for more than {timeout_s:g} s; "
            "run again when it is done"
        ) from None
    except OSError as error:
        raise LakeError(
            f"{path}: cannot be locked ({error.strerror}); check that the lake root can be written"
        ) from error
    try:
        with contextlib.suppress(OSError):  # who holds it is a courtesy to the one that waits
            path.write_text(f"process {os.getpid()} on {socket.gethostname()}\n")
        yield
    finally:
        lock.release()


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip() or "another process"
    except OSError:
        return "another process"
