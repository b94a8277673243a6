"""What manifests said when they were last read, so that planning parses none of them twice.

``{lake}/.index/partitions/{version}/{dataset}/{symbol}.jsonl`` has a line for each partition: a
checksum, and size, inode and times of ``_SUCCESS``, manifest and data file beside the partition's
`Summary`. Where the files look so still, the manifest is taken for unchanged. Lines are appended,
the last one of a date counts, and one that is damaged is none. The index can be deleted at any
time: what it does not tell is read again.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from .manifest import SCHEMA_VERSION
from .paths import MANIFEST, PART, SUCCESS, Partition
from .regular import regular
from .summary import Summary, summary_from

log = logging.getLogger(__name__)

FOLDER: Final = f".index/partitions/{SCHEMA_VERSION}.1"
"""A release with other manifests, or another form of lines, has an index of its own."""

_TICK_NS: Final = 2 * 10**9
"""Coarsest clock of a file system that a lake may lie on: what changed just now is not kept."""
_MAX_SPARE_LINES: Final = 500

State = tuple[int, ...]
"""Size, inode, time of change and of the inode's change of each file of a partition."""


def state_of(folder: str) -> State | None:
    """Return by what the files of a partition are taken for unchanged, None without one."""
    found: list[int] = []
    try:
        for name in (SUCCESS, MANIFEST, PART):
            one = os.stat(f"{folder}/{name}", follow_symlinks=False)
            found += (one.st_size, one.st_ino, one.st_mtime_ns, one.st_ctime_ns)
    except OSError:
        return None
    return tuple(found)


@dataclass
class PartitionIndex:
    """The index of a lake, each table's part of it read once.

    Attributes
    ----------
    lake_root : Path
    """

    lake_root: Path
    _lines: dict[tuple[str, str], dict[str, bytes]] = field(default_factory=dict)

    def find(self, partition: Partition, state: State) -> Summary | None:
        """Return what is known of a partition whose files look so, None where nothing is."""
        dt = partition.date.isoformat()
        line = self._of(partition).get(dt)
        if line is None:
            return None
        try:
            body = json.loads(line)
            if tuple(body["state"]) != state:
                return None
            found = summary_from(body["summary"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            log.debug("%s: not in the index (%s)", partition, error)
            return None
        said = (found.dataset, found.symbol, found.dt)
        return found if said == (partition.dataset.key, partition.symbol, dt) else None

    def keep(self, partition: Partition, state: State, summary: Summary) -> None:
        """Keep what was read of a partition whose files looked so before."""
        if time.time_ns() - max(state[2::4] + state[3::4]) <= _TICK_NS:
            return
        body = json.dumps({"state": state, "summary": summary.to_json()}, separators=(",", ":"))
        data = body.encode()
        self._of(partition)[partition.date.isoformat()] = data
        path = self._path(partition)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
            # A pipe in its place is not waited for.
            fd = os.open(path, flags | os.O_NONBLOCK, 0o666)
            try:
                os.write(fd, _line(partition.date.isoformat(), data))
            finally:
                os.close(fd)
        except OSError as error:
            # A lake that is full or read-only is planned all the same.
            log.debug("%s: not indexed (%s)", path, error.strerror)

    def _of(self, partition: Partition) -> dict[str, bytes]:
        where = partition.dataset.key, partition.symbol
        if where not in self._lines:
            self._lines[where] = _read(self._path(partition))
        return self._lines[where]

    def _path(self, partition: Partition) -> Path:
        return self.lake_root / FOLDER / partition.dataset.key / f"{partition.symbol}.jsonl"


def _line(dt: str, data: bytes) -> bytes:
    # It begins with a line feed: what a killed process left of a line ends there.
    return b"\n%s %08x %s" % (dt.encode(), zlib.crc32(data), data)


def _read(path: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    count = 0
    try:
        with open(path, "rb", opener=regular) as file:
            lines = file.read().split(b"\n")
        for line in lines:
            dt, _, rest = line.partition(b" ")
            crc, _, data = rest.partition(b" ")
            if data:
                count += 1
                if b"%08x" % zlib.crc32(data) == crc:
                    found[dt.decode("ascii", "replace")] = data
    except OSError:
        return found
    if count > 2 * len(found) + _MAX_SPARE_LINES:
        _rewrite(path, found)
    return found


def _rewrite(path: Path, lines: dict[str, bytes]) -> None:
    # What another process appends meanwhile is lost, and read again.
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        temporary.write_bytes(b"".join(_line(dt, data) for dt, data in lines.items()))
        temporary.replace(path)
    except OSError as error:
        log.debug("%s: not written anew (%s)", path, error.strerror)
        with contextlib.suppress(OSError):  # it may never have been made
            temporary.unlink()
