"""Run commands as whole processes and account for their time and memory."""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Usage:
    """One run: wall and processor seconds, peak resident memory in MiB."""

    wall: float
    cpu: float
    peak_mib: float


def run_process(command: Sequence[str]) -> Usage:
    """Run a command to its end, its output thrown away; exit where it fails."""
    started = time.perf_counter()
    with open(os.devnull, "w") as null:
        actions = [(os.POSIX_SPAWN_DUP2, null.fileno(), 1)]
        pid = os.posix_spawn(command[0], list(command), user_environment(), file_actions=actions)
        _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - started
    if status:
        sys.exit(f"{' '.join(command)}: failed with status {status}")
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def user_environment() -> Mapping[str, str]:
    """Return the environment of a user's machine: compiled modules are kept between runs.

    Where PYTHONDONTWRITEBYTECODE is set, every start compiles thousands of modules anew, of the
    peers' libraries as of ours: seconds that no installation has.
    """
    kept = dict(os.environ)
    if kept.pop("PYTHONDONTWRITEBYTECODE", ""):
        kept["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir(), "data_eng-bench", "pycache"))
    return kept


def median(runs: Sequence[Usage]) -> Usage:
    """Return the median of each figure."""
    return Usage(
        statistics.median(run.wall for run in runs),
        statistics.median(run.cpu for run in runs),
        max(run.peak_mib for run in runs),
    )


def machine() -> str:
    """Say how many processors this process may use."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    bound = "" if limit == resource.RLIM_INFINITY else f", address space {limit >> 20} MiB"
    return f"{len(os.sched_getaffinity(0))} processors{bound}, Python {sys.version.split()[0]}"
