"""A file in memory, which is compared with its hash beside what is done with its bytes.

To hash it takes half as long as to decode it. Once the hash was right, the file's CRC-32 is kept,
which is as strong as the checksums of pages and found in half the time: by it the same file is
known again.
"""

from __future__ import annotations

import hashlib
import threading
import zlib
from collections import OrderedDict
from concurrent.futures import Future
from typing import Final

_BESIDE: Final = 1 << 18
"""Bytes from which on a thread hashes: of fewer its start takes longer."""

_KEPT: Final = 1 << 16
"""Checksums that are kept, of the last files."""

_checksums: OrderedDict[str, int] = OrderedDict()
_lock = threading.Lock()


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
        with _lock:
            checksum = _checksums.get(sha256)
        self._is_known = checksum is not None and checksum == zlib.crc32(data)
        if self._is_known:
            return
        self._is_right: Future[bool] = Future()
        if len(data) >= _BESIDE:
            try:
                threading.Thread(target=self._hash, name="hash", daemon=True).start()
                return
            except RuntimeError:  # no thread can start
                pass
        self._hash()

    def is_right(self) -> bool:
        """Wait for the comparison, and tell whether they are what they should be."""
        return self._is_known or self._is_right.result()

    def _hash(self) -> None:
        is_right = hashlib.sha256(self._data).hexdigest() == self._sha256
        if is_right:
            with _lock:
                _checksums[self._sha256] = zlib.crc32(self._data)
                while len(_checksums) > _KEPT:
                    _checksums.popitem(last=False)
        self._is_right.set_result(is_right)
