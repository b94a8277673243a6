"""A file in memory, whose hash is compared beside what is done with its bytes."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import Future
from typing import Final

_BESIDE: Final = 1 << 18
"""Bytes from which on a thread hashes: of fewer its start takes longer."""


class WholeFile:
    """The bytes of a file, and whether they are those that they should be.

    Parameters
    ----------
    data : bytes
    sha256 : str
        What their hash should be.
    """

    def __init__(self, data: bytes, sha256: str) -> None:
        self._data, self._sha256 = data, sha256
        self._found: Future[str] = Future()
        if len(data) >= _BESIDE:
            try:
                threading.Thread(target=self._hash, name="hash", daemon=True).start()
                return
            except RuntimeError:  # no thread can start
                pass
        self._hash()

    def read(self, size: int, at: int) -> bytes:
        """Return some of its bytes, as `os.pread` does of a file."""
        return self._data[at : at + size]

    def is_right(self) -> bool:
        """Wait for the hash, and tell whether it is what it should be."""
        return self._found.result() == self._sha256

    def _hash(self) -> None:
        self._found.set_result(hashlib.sha256(self._data).hexdigest())
