"""Fetch one object to a new file: whole, hashed as it comes, or an error."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from typing import Any, BinaryIO, cast

from ...errors import LakeError
from ..store import ObjectState
from .client import ObjectClient


def download(
    client: ObjectClient, name: str, state: ObjectState, path: Path, begin: bytes = b""
) -> str:
    """Return the SHA-256 of an object that was written to a file.

    Parameters
    ----------
    client : ObjectClient
    name : str
    state : ObjectState
        What the object must be.
    path : Path
        A new file.
    begin : bytes
        Its first bytes, which are not asked for again.

    Raises
    ------
    FileNotFoundError
        The object is another one now, or gone.
    LakeError
        It did not come whole.
    """
    with path.open("wb", buffering=0) as file:
        hashing = _Hashing(file)
        hashing.write(begin)
        if not client.download(name, state, cast(BinaryIO, hashing)):
            raise not_found(client, name)
    size = path.stat().st_size
    if size != state.bytes:
        raise LakeError(f"{client.url}/{name}: {size} bytes came of {state.bytes}; run again")
    return hashing.sha256.hexdigest()


def not_found(client: ObjectClient, name: str) -> FileNotFoundError:
    """Return the error that says that there is no such object."""
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{client.url}/{name}")


class _Hashing:
    # What is written is hashed: once, though a broken answer is asked for in two parts.
    def __init__(self, file: Any) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        self.sha256.update(view)
        left = view
        while len(left):
            left = left[self._file.write(left) :]
        return len(view)

    def tell(self) -> int:
        return int(self._file.tell())
