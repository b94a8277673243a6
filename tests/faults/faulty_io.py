"""Operating-system calls that record, fail, or die at a given call."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any

from src.data_eng.lake.osio import OsIo

CALLS = (
    "mkdir",
    "create",
    "write",
    "fsync",
    "close",
    "open_folder",
    "rename_noreplace",
    "exchange",
    "rename",
    "unlink",
    "rmdir",
)


class Killed(BaseException):
    """The process is dead: nothing after it may change anything."""


class CountedIo(OsIo):
    """Numbers the calls from 0 and asks `before` what to do."""

    def __init__(self) -> None:
        self.calls = 0

    def before(self, number: int, name: str) -> None:
        """Raise to let the call fail instead of being made."""

    def __getattribute__(self, name: str) -> Any:
        inner: Callable[..., Any] = super().__getattribute__(name)
        if name not in CALLS:
            return inner

        def call(*args: Any) -> Any:
            number = self.calls
            self.calls += 1
            self.before(number, name)
            return inner(*args)

        return call


class KillingIo(CountedIo):
    """Dies before the call of a number; every call after it is one that a dead process makes."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at
        self._open: set[int] = set()

    def before(self, number: int, name: str) -> None:
        if number >= self.at:
            raise Killed


class FailingIo(CountedIo):
    """Fails at the call of a number, once or from then on, with an error of the system."""

    def __init__(self, at: int, code: int, *, for_good: bool) -> None:
        super().__init__()
        self.at = at
        self.code = code
        self.for_good = for_good
        self.failed: str | None = None

    def before(self, number: int, name: str) -> None:
        if number == self.at or (self.for_good and number > self.at):
            self.failed = self.failed or name
            raise OSError(self.code, os.strerror(self.code))


class ShortIo(OsIo):
    """Writes one byte less than asked, where there is more than one."""

    def write(self, fd: int, data: memoryview) -> int:
        return os.write(fd, data[: max(1, len(data) - 1)])


class WithoutRenameat2(CountedIo):
    """A system or file system that knows no renameat2; may die at a call too."""

    def __init__(self, code: int = errno.ENOSYS, kill_at: int | None = None) -> None:
        super().__init__()
        self.code = code
        self.kill_at = kill_at

    def before(self, number: int, name: str) -> None:
        if self.kill_at is not None and number >= self.kill_at:
            raise Killed
        if name in {"rename_noreplace", "exchange"}:
            raise OSError(self.code, os.strerror(self.code))
