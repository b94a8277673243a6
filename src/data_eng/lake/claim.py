"""Claims: what keeps other hosts out of a partition on a lake that several hosts share.

A kernel's lock ends at the host on most network file systems. A claim is files that only one can
link (`filelock.StrictSoftFileLock`): they say which process of which host holds the partition, and
outlive a process that is killed. One of a dead process of the own host is removed by whoever meets
it; whether another host's process lives cannot be known here: `remove_claims` is for a person who
knows.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from filelock import SoftFileLockProtocolError, StrictSoftFileClaim, StrictSoftFileLock, Timeout

from ..errors import LakeBusyError, LakeError
from .folders import entries
from .lock import lake_lock, partition_claim
from .osio import REAL, make_folders
from .paths import Partition

CLAIMS: Final = ".claims"
"""Folder of the claims in a lake."""
_NAMESPACE: Final = "?pidns-"


@dataclass(frozen=True)
class Claim:
    """A claim that lies in a lake.

    Attributes
    ----------
    lock : str
        Name of what is claimed.
    name : str
        Its file.
    pid : int
    host : str
    age_s : float
        Seconds since it was written, by the clock of the file system and of this host.
    """

    lock: str
    name: str
    pid: int
    host: str
    age_s: float

    def __str__(self) -> str:
        return f"{self.lock}: process {self.pid} on {self.host}, {self.age_s / 3600:.1f} h ago"


@contextlib.contextmanager
def hold(
    lake_root: Path, partition: Partition, timeout_s: float, *, shared: bool
) -> Iterator[None]:
    """Hold a partition against every other process: of this host, and where shared of others.

    On object storage it is held against other hosts in any case.

    Raises
    ------
    LakeBusyError
        Another process holds it; names the holder.
    LakeError
        The lock or the claim cannot be made.
    """
    with contextlib.ExitStack() as held:
        held.enter_context(lake_lock(lake_root, partition.lock_name, timeout_s))
        held.enter_context(partition_claim(lake_root, partition, timeout_s))
        if shared:
            held.enter_context(lake_claim(lake_root, partition.lock_name))
        yield


@contextlib.contextmanager
def lake_claim(lake_root: Path, name: str) -> Iterator[None]:
    """Hold the lake's claim ``name``; the caller holds the lock of that name on this host.

    Raises
    ------
    LakeBusyError
        A process of another host has claimed it, or one of this host whose lock does not hold here.
    LakeError
        The claim cannot be written, or what lies in its place is none.
    """
    path = lake_root / CLAIMS / name
    try:
        make_folders(path.parent.absolute(), REAL)
        lock = StrictSoftFileLock(path, timeout=0)
        for one in lock.claims:
            if _is_dead(one):
                _remove(lock, one.name)
        lock.acquire()
    except Timeout:
        raise LakeBusyError(
            f"{path}: claimed by {_holder(path)}; run again when it is done; where that host is "
            "gone, clean --claims --older-than removes it"
        ) from None
    except (SoftFileLockProtocolError, OSError, NotImplementedError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LakeError(
            f"{path}: cannot be claimed ({reason}); look at what lies there, and that the lake "
            "root can be written"
        ) from error
    try:
        yield
    finally:
        # What cannot be removed now is a dead process's claim later.
        with contextlib.suppress(OSError, SoftFileLockProtocolError, ExceptionGroup):
            lock.release()


def claims(lake_root: Path) -> list[Claim]:
    """Return every claim that lies in a lake, by its name.

    Raises
    ------
    LakeError
        The folder of the claims cannot be read, or holds what is no claim.
    """
    found = []
    for path in entries(lake_root / CLAIMS):
        if path.is_dir():
            continue  # what belongs to the claim beside it
        lock = StrictSoftFileLock(path, timeout=0)
        try:
            for one in lock.claims:
                age = time.time() - (lock_folder(path) / one.name).stat().st_mtime
                found.append(Claim(path.name, one.name, one.pid, _host(one), age))
        except FileNotFoundError:
            continue  # released meanwhile
        except (SoftFileLockProtocolError, OSError) as error:
            raise LakeError(f"{path}: cannot be read ({error}); look at what lies there") from error
    return found


def remove_claims(lake_root: Path, older_than_s: float, *, dry_run: bool) -> list[Claim]:
    """Remove the claims that are older; return them.

    Whoever calls this knows that their processes are gone: one that still builds may then publish
    beside another one.

    Parameters
    ----------
    lake_root : Path
    older_than_s : float
        Age in seconds; a build takes minutes.
    dry_run : bool
        Return what would be removed.

    Raises
    ------
    LakeError
        As `claims`, or one cannot be removed.
    """
    old = [one for one in claims(lake_root) if one.age_s > older_than_s]
    for one in [] if dry_run else old:
        try:
            _remove(StrictSoftFileLock(lake_root / CLAIMS / one.lock, timeout=0), one.name)
        except OSError as error:
            raise LakeError(f"{one}: cannot be removed ({error.strerror})") from error
    return old


def lock_folder(path: Path) -> Path:
    """Return where the files of a claim lie."""
    return Path(f"{path.absolute()}.filelock") / "claims"


def _remove(lock: StrictSoftFileLock, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):  # another process removed it
        lock.force_break(name)


def _is_dead(claim: StrictSoftFileClaim) -> bool:
    # A process of the same number that started since counts as alive: it is never taken for dead.
    if claim.hostname != _own_host():
        return False
    try:
        os.kill(claim.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


@cache
def _own_host() -> str:
    # As a claim of this process names it: with the namespace of its process numbers, if it has one.
    with tempfile.TemporaryDirectory() as folder:
        lock = StrictSoftFileLock(Path(folder, "own"), timeout=0)
        with lock:
            return lock.claims[0].hostname


def _host(claim: StrictSoftFileClaim) -> str:
    return claim.hostname.partition(_NAMESPACE)[0]


def _holder(path: Path) -> str:
    with contextlib.suppress(SoftFileLockProtocolError, OSError):
        for one in StrictSoftFileLock(path, timeout=0).claims:
            return f"process {one.pid} on {_host(one)}"
    return "another process"
