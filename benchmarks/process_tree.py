"""Run commands as whole trees of processes, in pairs, and account for all of them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.measure import user_environment

_PR_SET_CHILD_SUBREAPER: Final = 36
_SAMPLE_S: Final = 0.1


@dataclass(frozen=True)
class TreeUsage:
    """One run: wall and processor seconds of the tree, peak MiB of its largest process."""

    wall: float
    cpu: float
    peak_mib: float


@dataclass(frozen=True)
class Side:
    """One of two commands that are compared: prepared anew for each run.

    Attributes
    ----------
    name : str
    command : callable
        Prepares a run, and returns what to run.
    folder : Path
        Where to run it.
    """

    name: str
    command: Callable[[], Sequence[str]]
    folder: Path


def run_tree(command: Sequence[str], folder: Path) -> TreeUsage:
    """Run a command to the end of its last descendant; exit where it fails.

    Orphans become children of this process, which waits for every one: the kernel's own account,
    complete however the processes between ended. Memory is each process's own high-water mark,
    looked at ten times a second.

    Parameters
    ----------
    command : sequence of str
    folder : Path
        Where to run it.
    """
    if ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        sys.exit("prctl(PR_SET_CHILD_SUBREAPER) failed: orphans would not be counted")
    peaks: dict[int, int] = {}
    ended = threading.Event()
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=user_environment(), stdout=subprocess.DEVNULL
    )
    sampler = threading.Thread(target=_sample, args=(process.pid, peaks, ended), daemon=True)
    sampler.start()
    cpu = wall = 0.0
    status = 0
    with contextlib.suppress(ChildProcessError):  # when there is none left
        while True:
            pid, code, used = os.wait4(-1, 0)
            cpu += used.ru_utime + used.ru_stime
            if pid == process.pid:
                wall, status = time.perf_counter() - started, code
    process.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    sampler.join()
    if status:
        sys.exit(f"{' '.join(command)}: failed with exit code {process.returncode}")
    return TreeUsage(wall, cpu, max(peaks.values(), default=0) / 1024)


def run_pairs(sides: tuple[Side, Side], pairs: int) -> list[tuple[TreeUsage, TreeUsage]]:
    """Run both sides once to warm up, then in turn; who begins changes from pair to pair."""
    for side in sides:
        run_tree(side.command(), side.folder)
    found = []
    for number in range(pairs):
        used = {}
        for side in sides if number % 2 == 0 else sides[::-1]:
            used[side.name] = run_tree(side.command(), side.folder)
        first, second = (used[side.name] for side in sides)
        found.append((first, second))
        print(
            f"pair {number + 1}: wall {first.wall:.2f} {second.wall:.2f}, "
            f"cpu {first.cpu:.2f} {second.cpu:.2f}",
            flush=True,
        )
    return found


def report_pairs(sides: tuple[Side, Side], pairs: Sequence[tuple[TreeUsage, TreeUsage]]) -> None:
    """Print the medians of each side, and of the pairs' ratios with their spread."""
    print(f"{'':20}{'wall s':>9}{'cpu s':>9}{'peak MiB of a process':>24}")
    for side, runs in zip(sides, zip(*pairs, strict=True), strict=True):
        wall = statistics.median(run.wall for run in runs)
        cpu = statistics.median(run.cpu for run in runs)
        peak = max(run.peak_mib for run in runs)
        print(f"{side.name:20}{wall:9.2f}{cpu:9.2f}{peak:24.0f}")
    print(f"{sides[0].name} / {sides[1].name}, median of {len(pairs)} pairs (smallest to largest):")
    for name in ("wall", "cpu"):
        ratios = [getattr(first, name) / getattr(second, name) for first, second in pairs]
        print(f"{name:5}{statistics.median(ratios):6.3f} ({min(ratios):.3f} to {max(ratios):.3f})")


def _sample(root: int, peaks: dict[int, int], ended: threading.Event) -> None:
    # High-water marks in KiB by process, while the tree lives.
    while not ended.wait(_SAMPLE_S):
        waiting = [root, *_children(os.getpid())]
        while waiting:
            pid = waiting.pop()
            with contextlib.suppress(OSError, StopIteration, ValueError):
                lines = Path(f"/proc/{pid}/status").read_text().splitlines()
                mark = next(line for line in lines if line.startswith("VmHWM:"))
                peaks[pid] = max(peaks.get(pid, 0), int(mark.split()[1]))
            waiting += _children(pid)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found += map(int, (task / "children").read_text().split())
    return found
