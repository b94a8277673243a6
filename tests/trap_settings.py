"""Settings that do something to the process in which a task first looks at them."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any, cast

from src.data_eng.settings import Settings


class _Trap:
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.spring()

    def spring(self) -> Any:
        raise NotImplementedError


class UnpicklableError(Exception):
    """An error that goes through no pipe."""

    def __init__(self) -> None:
        super().__init__("a lock is no message")
        self.lock = threading.Lock()


class _Raises(_Trap):
    def spring(self) -> Any:
        raise UnpicklableError


class _Killed(_Trap):
    def spring(self) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)


class _Sleeps(_Trap):
    def spring(self) -> Any:
        time.sleep(900)


class _Hoards(_Trap):
    def spring(self) -> Any:
        hoard = bytearray(900 << 20)
        time.sleep(60)
        return hoard


RAISES = cast(Settings, _Raises())
KILLED = cast(Settings, _Killed())
SLEEPS = cast(Settings, _Sleeps())
HOARDS = cast(Settings, _Hoards())
