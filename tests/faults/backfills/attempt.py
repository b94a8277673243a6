"""One run of a backfill as a process of its own, and every process that it started."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import psutil

from .places import ROOT

MARK: Final = "DATA_ENG_TEST_BACKFILL"
"""By this variable of the environment a process is known whose parent is gone."""


class Attempt:
    """A run.

    Parameters
    ----------
    command : sequence of str
    environment : mapping of str to str
        Beside that of this process.
    folder : Path
        Where its output is kept.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        folder.mkdir()
        self.folder = folder
        self._mark = secrets.token_hex(8)
        self._out, self._err = folder / "out", folder / "err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            # A group of its own, as a shell gives it: Ctrl-C goes to all of it.
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env={**os.environ, **environment, MARK: self._mark},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def has_ended(self) -> bool:
        """Whether the process that was started is gone."""
        return self.process.poll() is not None

    @property
    def said(self) -> int:
        """Bytes written so far: a run that hangs says nothing."""
        return self._out.stat().st_size + self._err.stat().st_size

    @property
    def output(self) -> str:
        """What it wrote to both."""
        return self._out.read_text() + self.errors

    @property
    def errors(self) -> str:
        """What it wrote to standard error."""
        return self._err.read_text()

    def processes(self) -> list[psutil.Process]:
        """Return the processes that are left of the run, wherever they hang in the tree."""
        return [one for one in psutil.process_iter() if _mark_of(one) == self._mark]

    def workers(self) -> list[psutil.Process]:
        """Return those that run tasks, but for the run itself."""
        found = []
        for one in self.processes():
            with contextlib.suppress(psutil.Error):
                if "spawn_main" in " ".join(one.cmdline()):
                    found.append(one)
        return found

    def send(self, signum: signal.Signals, *, to_group: bool = False) -> None:
        """Send a signal to the run, or as a terminal does to all of its group."""
        with contextlib.suppress(ProcessLookupError):
            if to_group:
                os.killpg(self.process.pid, signum)
            else:
                os.kill(self.process.pid, signum)

    def left_after(self, seconds: float) -> list[psutil.Process]:
        """Return what still lives so long after the run has ended."""
        deadline = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return left

    def end(self) -> None:
        """Kill whatever is left of it."""
        for one in self.processes():
            with contextlib.suppress(psutil.Error):
                one.kill()
        self.process.wait()


def _mark_of(one: psutil.Process) -> str | None:
    try:
        found = one.environ().get(MARK)
        return None if one.status() == psutil.STATUS_ZOMBIE else found
    except (psutil.Error, OSError):
        return None
