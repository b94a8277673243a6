"""Whole files in memory that is used again: new memory takes twice as long as the reading itself.

A file's bytes lie in an `io.BytesIO`, whose value shares its memory. Once nobody else holds the
value, the next file is read into the same memory. That nobody's bytes ever change is the promise
of `io.BytesIO`: where a value is still held, it takes new memory before it is written to.
"""

from __future__ import annotations

import io
import os
import sys
import threading
from typing import Final

_LEAST: Final = 1 << 17
"""Bytes from which on the allocator asks the system for new memory."""

_KEPT_BYTES: Final = 1 << 25
"""Memory that is kept for the next files."""

_ALONE: Final = 2
"""References to a value that nobody holds: its buffer's, and that of who counts them."""


class FileMemory:
    """Memory for the next files, at most `_KEPT_BYTES`; for several threads."""

    def __init__(self) -> None:
        self._kept: list[io.BytesIO] = []
        self._lock = threading.Lock()

    def read(self, fd: int, size: int) -> bytes:
        """Return the first ``size`` bytes of a file, fewer where it ends before.

        Raises
        ------
        OSError
            It cannot be read.
        """
        if size < _LEAST:
            return os.pread(fd, size, 0)
        buffer = self._free(size)
        _resize(buffer, size)
        with buffer.getbuffer() as memory:
            done = 0
            while done < size and (count := os.preadv(fd, [memory[done:]], done)):
                done += count
        _resize(buffer, done)
        data = buffer.getvalue()
        self._keep(buffer)
        return data

    def _free(self, size: int) -> io.BytesIO:
        # The nearest in size of those whose bytes nobody holds any more.
        with self._lock:
            free = [
                (abs(_bytes(one) - size), at)
                for at, one in enumerate(self._kept)
                if sys.getrefcount(one.getvalue()) <= _ALONE
            ]
            return self._kept.pop(min(free)[1]) if free else io.BytesIO()

    def _keep(self, buffer: io.BytesIO) -> None:
        with self._lock:
            self._kept.append(buffer)
            while sum(map(_bytes, self._kept)) > _KEPT_BYTES:
                self._kept.pop(0)


def _bytes(buffer: io.BytesIO) -> int:
    return buffer.seek(0, os.SEEK_END)


def _resize(buffer: io.BytesIO, size: int) -> None:
    if _bytes(buffer) > size:
        buffer.truncate(size)
    elif _bytes(buffer) < size:
        buffer.seek(size - 1)
        buffer.write(b"\0")


FILES: Final = FileMemory()
"""That of this process."""
