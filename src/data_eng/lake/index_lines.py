"""Files of lines that can be deleted at any time: what an index keeps, and finds again.

A line is a checksum, a key and a text. Lines are appended, the last one of a key counts, and one
that is damaged, or that a killed process left half of, is none.
"""

from __future__ import annotations

import contextlib
import logging
import os
import weakref
import zlib
from pathlib import Path
from typing import Final

from .regular import read_regular, too_large

log = logging.getLogger(__name__)

_MAX_SPARE_LINES: Final = 500
_MAX_WAITING: Final = 1000
"""Lines that wait to be appended together."""
_MOST_BYTES: Final = 128 << 20
"""Of a file: three times that of 5,000 dates of the table with most to say."""


class IndexLines:
    """Files of lines in a folder, each read once.

    What is put is written some lines at a time, the last ones when nothing needs this object any
    more: what a killed process had not written is found out again.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, dict[str, str]] = {}
        self._waiting: dict[Path, list[bytes]] = {}
        self._count = 0
        weakref.finalize(self, _append, self._waiting)

    def of(self, name: str) -> dict[str, str]:
        """Return the texts of a file by their keys; ``name`` may have slashes."""
        if name not in self._read:
            self._read[name] = _read(self._path(name))
        return self._read[name]

    def has(self, name: str) -> bool:
        """Tell whether there is such a file, and its folder can be looked into."""
        return os.path.exists(self._path(name))

    def put(self, name: str, key: str, text: str) -> None:
        """Keep a text without line feed, under a key without tab or line feed."""
        self.of(name)[key] = text
        self._waiting.setdefault(self._path(name), []).append(_line(key, text))
        self._count = (self._count + 1) % _MAX_WAITING
        if not self._count:
            _append(self._waiting)

    def release(self, name: str) -> None:
        """Free the memory that the lines of a file take; what waits to be appended is, first."""
        path = self._path(name)
        if path in self._waiting:
            _append({path: self._waiting.pop(path)})
        self._read.pop(name, None)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.lines"


def _append(waiting: dict[Path, list[bytes]]) -> None:
    for path, lines in waiting.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
            # A pipe in its place is not waited for.
            fd = os.open(path, flags | os.O_NONBLOCK, 0o666)
            try:
                os.write(fd, b"".join(lines))
            finally:
                os.close(fd)
        except OSError as error:
            # A lake that is full or read-only is planned all the same.
            log.debug("%s: not indexed (%s)", path, error.strerror)
    waiting.clear()


def _line(key: str, text: str) -> bytes:
    # It begins with a line feed: what a killed process left of a line ends there.
    data = f"{key}\t{text}".encode("utf-8", "surrogateescape")
    return b"\n%08x %s" % (zlib.crc32(data), data)


def _read(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    count = 0
    try:
        for line in read_regular(str(path), most=_MOST_BYTES).split(b"\n"):
            crc, _, data = line.partition(b" ")
            if data:
                count += 1
                if b"%08x" % zlib.crc32(data) == crc:
                    key, _, text = data.decode("utf-8", "surrogateescape").partition("\t")
                    found[key] = text
    except OSError as error:
        if too_large(error):  # it holds something else, and nothing would be found again
            _rewrite(path, found)
        return found
    if count > 2 * len(found) + _MAX_SPARE_LINES:
        _rewrite(path, found)
    return found


def _rewrite(path: Path, lines: dict[str, str]) -> None:
    # What another process appends meanwhile is lost, and found out again.
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        temporary.write_bytes(b"".join(_line(key, text) for key, text in lines.items()))
        temporary.replace(path)
    except OSError as error:
        log.debug("%s: not written anew (%s)", path, error.strerror)
        with contextlib.suppress(OSError):  # it may never have been made
            temporary.unlink()
