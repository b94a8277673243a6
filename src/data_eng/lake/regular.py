"""Opening what is a file: a pipe in the place of one would be waited for without end."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import Final

MOST_BYTES: Final = 16 << 20
"""Of a small file: many times the largest manifest. One that is larger holds something else."""
_STEP: Final = 1 << 16


def regular(path: str, flags: int, *, dir_fd: int | None = None) -> int:
    """Return a descriptor of a regular file, or of a link to one; an ``opener`` of `open`.

    Raises
    ------
    OSError
        It cannot be opened, or is a folder, a pipe, a socket or a device.
    """
    fd = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=dir_fd)
    try:
        mode = os.fstat(fd).st_mode
    except OSError:
        with contextlib.suppress(OSError):  # the first error is the one to tell
            os.close(fd)
        raise
    if stat.S_ISREG(mode):
        return fd
    os.close(fd)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    raise OSError(errno.EINVAL, "it is a pipe or a device, no file", path)


def read_regular(path: str, *, dir_fd: int | None = None, most: int = MOST_BYTES) -> bytes:
    """Return what is in a regular file; errors as of `regular`, and `too_large`.

    Small files, of which years of days have very many, are read in a third of the time of `open`.
    """
    fd = regular(path, os.O_RDONLY, dir_fd=dir_fd)
    try:
        found, left = [], most
        while step := os.read(fd, _STEP):
            left -= len(step)
            if left < 0:
                raise OSError(errno.EFBIG, f"it has more than {most:,} bytes", path)
            found.append(step)
        return b"".join(found)
    finally:
        os.close(fd)


def too_large(error: OSError) -> bool:
    """Tell whether `read_regular` refused a file for its size: its memory would have no bound."""
    return error.errno == errno.EFBIG
