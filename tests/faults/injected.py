"""The lake's operating-system calls, replaced for a while wherever stages make them."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

from src.data_eng.lake.osio import REAL, OsIo

from .faulty_io import CALLS, CountedIo


class DyingIo(CountedIo):
    """Kills its process, as the kernel does, before the call of a number."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at

    def before(self, number: int, name: str) -> None:
        if number == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class WatchedIo(CountedIo):
    """Looks at the lake before each call, as it would stand were the process killed there."""

    def __init__(self, look: Callable[[int], None]) -> None:
        super().__init__()
        self.look = look

    def before(self, number: int, name: str) -> None:
        self.look(number)


@contextlib.contextmanager
def injected(io: OsIo) -> Iterator[None]:
    """Let every call of the lake in this process be one of ``io``."""
    real: Any = REAL
    for name in CALLS:
        setattr(real, name, getattr(io, name))
    try:
        yield
    finally:
        for name in CALLS:
            delattr(real, name)


def killed(work: Callable[[], object]) -> bool:
    """Run something in a child; return whether it was killed, and not merely ended."""
    pid = os.fork()
    if not pid:
        code = 1
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
            work()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        raise ChildProcessError(f"a child ended with exit code {os.WEXITSTATUS(status)}")
    return os.WIFSIGNALED(status)
