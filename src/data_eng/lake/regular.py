"""Opening what is a file: a pipe in the place of one would be waited for without end."""

from __future__ import annotations

import errno
import os
import stat
from typing import Final

_MOST: Final = 1 << 16
"""Bytes that are read at a time."""


def regular(path: str, flags: int, *, dir_fd: int | None = None) -> int:
    """Return a descriptor of a regular file, or of a link to one; an ``opener`` of `open`.

    Raises
    ------
    OSError
        It cannot be opened, or is a folder, a pipe, a socket or a device.
    """
    fd = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=dir_fd)
    mode = os.fstat(fd).st_mode
    if stat.S_ISREG(mode):
        return fd
    os.close(fd)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    raise OSError(errno.EINVAL, "it is a pipe or a device, no file", path)


def read_regular(path: str, *, dir_fd: int | None = None) -> bytes:
    """Return what is in a regular file; errors as of `regular`.

    Small files, of which years of days have very many, are read in a third of the time of `open`.
    """
    fd = regular(path, os.O_RDONLY, dir_fd=dir_fd)
    try:
        data = os.read(fd, _MOST)
        while more := os.read(fd, _MOST):
            data += more
        return data
    finally:
        os.close(fd)
