"""The bytes of a raw file: plain or zstd, hashed and checked as they are read."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import pyarrow as pa

from ...errors import DbnDecodeError, InputError
from ...lake.regular import regular
from ...lake.store import ObjectState, at_hand, store_at
from ...settings import MAX_EXPANSION

ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
SKIPPABLE_MAGIC_TAIL: Final = b"\x2a\x4d\x18"
DBZ_MARK: Final = b"DBZ"
EXPANSION_FLOOR_BYTES: Final = 64 << 20
"""Below this decoded size the ratio is not checked: tiny files may be very regular."""
_READ_STEP: Final = 1 << 20
_HASHED_BESIDE_BYTES: Final = 16 << 20
_HASHED_AHEAD: Final = 4
_TICK_NS: Final = 2 * 10**9
"""Coarsest clock of a file system that a lake may lie on."""


class RawState(NamedTuple):
    """By what a raw file is taken for unchanged: size, time of change, inode."""

    bytes: int
    mtime_ns: int
    inode: int


FileState = RawState | ObjectState
"""The same, on object storage size and ETag."""


@dataclass(frozen=True)
class RawDigest:
    """What a raw file was when it was read: its size on disk in bytes and its SHA-256.

    ``state`` is None where it was changed so shortly before that it could have been changed again
    within the same tick of the file system's clock.
    """

    bytes: int
    sha256: str
    state: FileState | None = field(default=None, compare=False)


class _HashingFile:
    # The object PyArrow pulls compressed bytes from: one read serves decoding and hashing,
    # so the hash is of exactly the bytes that were decoded. A large file is hashed in a thread of
    # its own, beside the decoder.
    closed = False

    def __init__(self, file: Any, size: int) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self._ahead = memoryview(b"")
        self._pool = ThreadPoolExecutor(1, "hash") if size >= _HASHED_BESIDE_BYTES else None
        self._pending: deque[Future[None]] = deque()
        self.position = 0

    def read(self, size: int = -1) -> bytes:
        if not self._ahead:
            data: bytes = self._file.read(max(size, _READ_STEP))
            self._hash(data)
            self._ahead = memoryview(data)
        taken = self._ahead[: size if size >= 0 else None]
        self._ahead = self._ahead[len(taken) :]
        self.position += len(taken)
        return bytes(taken)

    def tell(self) -> int:
        return self.position

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._file.close()

    def hexdigest(self) -> str:
        while self._pending:
            self._pending.popleft().result()
        return self._sha256.hexdigest()

    def _hash(self, data: bytes) -> None:
        if self._pool is None:
            self._sha256.update(data)
            return
        if len(self._pending) == _HASHED_AHEAD:
            self._pending.popleft().result()
        self._pending.append(self._pool.submit(self._sha256.update, data))


class RawStream:
    """Decoded bytes of one raw file, in order, once.

    Parameters
    ----------
    path : Path
        A ``.dbn`` or ``.dbn.zst`` file; what it is is told by its first bytes.
    max_expansion : int
        Refuse a file whose decoded size exceeds this many times its size on disk.

    Raises
    ------
    InputError
        The file cannot be opened.
    DbnDecodeError
        It is empty, a legacy DBZ file, truncated, corrupt, expands beyond the bound, or
        changed while it was read.
    """

    def __init__(self, path: Path, *, max_expansion: int = MAX_EXPANSION) -> None:
        self.path = path
        try:
            at_hand(path)
            # Opening a pipe would wait for a writer.
            if not stat.S_ISREG(path.stat().st_mode):
                raise InputError(f"{path}: is not a file; remove it from the raw folder")
            self._disk = path.open("rb", buffering=0)
            self._stat = os.fstat(self._disk.fileno())
            self._state = _settled(self._stat)
        except OSError as error:
            raise self._unreadable(error) from error
        self._raw = _HashingFile(self._disk, self._stat.st_size)
        try:
            self._begin(max_expansion)
        except OSError as error:
            self.close()
            raise self._unreadable(error) from error
        except BaseException:
            self.close()
            raise

    def _begin(self, max_expansion: int) -> None:
        first = self._disk.read(12)
        self._disk.seek(0)
        self.decoded = 0
        self.is_compressed = first[:4] == ZSTD_MAGIC or first[1:4] == SKIPPABLE_MAGIC_TAIL
        self._limit = max(EXPANSION_FLOOR_BYTES, max_expansion * self._stat.st_size)
        self._max_expansion = max_expansion
        self._source: Any = self._raw
        if not first:
            raise self._error("the file is empty; download it again")
        if first[8:11] == DBZ_MARK:
            raise self._error("a legacy DBZ file; download it again as DBN")
        if self.is_compressed:
            self._source = pa.CompressedInputStream(pa.PythonFile(self._raw, mode="r"), "zstd")

    @property
    def position(self) -> int:
        """Bytes taken from disk so far."""
        return self._raw.position

    @property
    def size(self) -> int:
        """Size of the file on disk in bytes, as it was opened."""
        return self._stat.st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    def readinto(self, buffer: memoryview) -> int:
        """Fill ``buffer`` with decoded bytes; fewer are returned only at the end of the file."""
        filled = 0
        while filled < len(buffer):
            try:
                got = self._read_some(buffer[filled:])
            except OSError as error:
                what = "the compressed stream ends early or is corrupt"
                if not self.is_compressed:
                    what = "cannot be read on"
                raise self._error(f"{what} ({error}); download it again") from error
            if not got:
                break
            filled += got
        self.decoded += filled
        if self.decoded > self._limit:
            raise self._error(
                f"expands to more than {self._max_expansion} times its size; refused as hostile"
            )
        return filled

    def read(self, size: int) -> bytes:
        """Return ``size`` decoded bytes, fewer only at the end of the file."""
        # In steps: a size that a corrupt header claims takes no memory that is not filled.
        data = bytearray()
        while len(data) < size:
            step = bytearray(min(size - len(data), _READ_STEP))
            filled = self.readinto(memoryview(step))
            data += memoryview(step)[:filled]
            if filled < len(step):
                break
        return bytes(data)

    def finish(self) -> RawDigest:
        """Return the digest once all is read.

        Raises
        ------
        DbnDecodeError
            Bytes are left unread, or the file changed meanwhile.
        """
        before = self._stat
        try:
            now = self.path.stat()
        except OSError as error:
            raise self._error(f"gone while it was read ({error.strerror}); restore it") from error
        same = (now.st_ino, now.st_size, now.st_mtime_ns) == (
            before.st_ino,
            before.st_size,
            before.st_mtime_ns,
        )
        if not same or self._raw.position != before.st_size:
            raise self._error("the file changed while it was read; run again when it is at rest")
        return RawDigest(before.st_size, self._raw.hexdigest(), self._state)

    def _read_some(self, buffer: memoryview) -> int:
        if self.is_compressed:
            return int(self._source.readinto(buffer))
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _unreadable(self, error: OSError) -> InputError:
        reason = f"cannot be read ({error.strerror}); check the path and its permissions"
        return InputError(f"{self.path}: {reason}")

    def _error(self, reason: str) -> DbnDecodeError:
        return DbnDecodeError(str(self.path), self._raw.position, reason)


def current_state(path: Path) -> FileState:
    """Return by what a file of a lake is taken for unchanged, as it is now; raises `OSError`."""
    place = store_at(path)
    if place is None:
        return raw_state(path.stat())
    found = place.store.state(place.name)
    if found is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    return found


def raw_state(found: os.stat_result) -> RawState:
    """Return by what a file is taken for unchanged."""
    return RawState(found.st_size, found.st_mtime_ns, found.st_ino)


def _settled(found: os.stat_result) -> RawState | None:
    return raw_state(found) if time.time_ns() - found.st_mtime_ns > _TICK_NS else None


def raw_digest(path: Path) -> RawDigest:
    """Return a raw file's size and SHA-256 without decoding it."""
    try:
        with open(at_hand(path), "rb", opener=regular) as file:
            before = os.fstat(file.fileno())
            state = _settled(before)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            is_same = raw_state(os.fstat(file.fileno())) == raw_state(before)
            return RawDigest(before.st_size, sha256, state if is_same else None)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
