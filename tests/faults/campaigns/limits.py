"""Limits of the system that are really there: file sizes, descriptors, memory, disks, inodes."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

from src.data_eng.errors import DataEngError
from tests.lake_partitions import publish

from ..campaign import Budget, Counts, Kind, Seeds
from ..injected import killed
from ..promise import look

NAME: Final = "limits"
KIND: Final[Kind] = "faults"
BOUNDED: Final = 40
SHARE: Final = 2.0

_NEW_MOUNTS: Final = 0x20000
_PRIVATE: Final = 0x44000  # of all mounts below, for this process alone
_MIB: Final = 1 << 20
REFUSED: Final = b"refused"


def _file_size(one: Random) -> None:
    limit = one.randrange(0, 40_000)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def _descriptors(one: Random) -> None:
    free = os.dup(0)
    os.close(free)
    limit = free + one.randrange(0, 5)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


def _memory(one: Random) -> None:
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = size + one.randrange(0, 4 * _MIB)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


LIMITS: Final[tuple[Callable[[Random], None], ...]] = (_file_size, _descriptors, _memory)


def mounted(folder: Path, options: str) -> None:
    """Mount a file system in memory, seen by this process alone.

    Raises
    ------
    OSError
        It may not.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    failed = (
        libc.unshare(_NEW_MOUNTS)
        or libc.mount(b"none", b"/", None, _PRIVATE, None)
        or libc.mount(b"none", os.fsencode(folder), b"tmpfs", 0, options.encode())
    )
    if failed:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def can_mount(folder: Path) -> bool:
    """Tell whether this process may mount."""
    try:
        return not killed(lambda: mounted(folder, "size=1m"))
    except ChildProcessError:
        return False


def _limited(lake: Path, new: bytes, one: Random) -> None:
    # Opened before: under a limit not even a note could be.
    told = os.open(lake.with_suffix(".told"), os.O_WRONLY)
    one.choice(LIMITS)(one)
    try:
        publish(lake, new)
    except (DataEngError, MemoryError):
        # Want of memory is told by the edge of a command, as it is.
        os.ftruncate(told, len(REFUSED))


def _on_a_full_disk(counts: Counts, number: int, lake: Path, one: Random) -> None:
    # Looked at in the child, which alone sees the disk; it gives back by its exit code.
    size, inodes = one.randrange(1, 24) * 4096, one.randrange(2, 60)
    mounted(lake, f"size={size},nr_inodes={inodes}")
    inner = Counts(counts.name, counts.kind)
    old, new = one.randbytes(one.randrange(1, 9_000)), one.randbytes(one.randrange(1, 60_000))
    stood, refused = None, False
    try:
        publish(lake, old)
        stood = old
        publish(lake, new)
    except DataEngError:
        refused = True
    remount = f"size={64 * _MIB},nr_inodes=1000"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", os.fsencode(lake), b"tmpfs", 0x20, remount.encode()) != 0:
        raise OSError(ctypes.get_errno(), "cannot make room")
    look(inner, number, lake, stood, [] if refused else [new])
    os._exit(100 + int(inner.broken > 0))


def run(rng: Seeds, budget: Budget) -> Counts:
    """Publish under a limit, in a child; then look, and publish again without it."""
    counts = Counts(NAME, KIND)
    has_disks = can_mount(budget.folder)
    if not has_disks:
        counts.notes.append("no full disks: they need CAP_SYS_ADMIN")
    for number in budget.numbers():
        one = rng.of(number)
        lake = budget.folder / str(number)
        lake.mkdir()
        with counts.case(number):
            if has_disks and number % 2:
                _disk_case(counts, number, lake, one)
            else:
                _limit_case(counts, number, lake, one)
        shutil.rmtree(lake)
    return counts


def _limit_case(counts: Counts, number: int, lake: Path, one: Random) -> None:
    old = one.randbytes(one.randrange(1, 9_000)) if one.random() < 0.5 else None
    new = one.randbytes(one.randrange(1, 60_000)) * one.choice((1, 1, 60))
    told = lake.with_suffix(".told")
    told.write_bytes(b"")
    if old is not None:
        publish(lake, old)
    if killed(lambda: _limited(lake, new, one)):
        counts.find("tracebacks", number, "the process died")
    is_refused = told.stat().st_size > 0
    counts.refused += is_refused
    told.unlink()
    look(counts, number, lake, old if is_refused else None, [new])


def _disk_case(counts: Counts, number: int, lake: Path, one: Random) -> None:
    pid = os.fork()
    if not pid:
        try:
            _on_a_full_disk(counts, number, lake, one)
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == 100:
        counts.survived_old += 1
    else:
        kind = "half_written" if code == 101 else "tracebacks"
        counts.find(kind, number, f"on a full disk: exit code {code}")  # type: ignore[arg-type]
