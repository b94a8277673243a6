"""A Dask cluster of processes: a scheduler, and workers as on hosts of their own.

Each worker has a working folder, a temporary folder and an address of its own; all see the lake,
and have the package by ``PYTHONPATH``, which stands for an installation.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
START_S: Final = 90.0


class Cluster:
    """A scheduler and its workers; a context manager that ends them.

    Parameters
    ----------
    home : Path
        Where the processes have their folders.
    """

    def __init__(self, home: Path) -> None:
        self.home, self._file = home, home / "scheduler.json"
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self.scheduler = self._start(
            "scheduler", "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
            "--scheduler-file", str(self._file),
        )  # fmt: skip

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        for one in (*self.workers.values(), self.scheduler):
            one.kill()
            one.wait()

    @property
    def address(self) -> str:
        """Address of the scheduler."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self._file.is_file() and (text := self._file.read_text()):
                return str(json.loads(text)["address"])
            time.sleep(0.05)
        raise TimeoutError("the scheduler did not start")

    def add(self, host: str, *flags: str, **environment: str) -> Path:
        """Start a worker on a loopback address; return its folder."""
        self.workers[host] = self._start(
            host, "dask_worker", self.address, "--host", host, "--nthreads", "1",
            "--no-dashboard", *(flags or ("--no-nanny",)), **environment,
        )  # fmt: skip
        return self.home / host

    def _start(self, name: str, module: str, *flags: str, **more: str) -> subprocess.Popen[bytes]:
        work, scratch = self.home / name / "work", self.home / name / "tmp"
        work.mkdir(parents=True)
        scratch.mkdir()
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(scratch), **more}
        with (self.home / name / "log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *flags],
                cwd=work, env=environment, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
