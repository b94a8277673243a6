"""Real system calls that fail or kill, by strace: the ground truth of the calls in process."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.lake_partitions import NEW, OLD, publish

from ..campaign import Budget, Counts, Kind, Seeds
from ..promise import look

NAME: Final = "system_calls"
KIND: Final[Kind] = "faults"
BOUNDED: Final = 4
SHARE: Final = 4.0
ADDRESS_BYTES: Final = 8 << 30

ROOT: Final = Path(__file__).parents[3]
CALLS: Final = {"mkdir": 6, "write": 3, "fsync": 10, "renameat2": 1, "unlink": 3, "rmdir": 1}
"""Of a publish, and how many it makes. An interpreter that starts makes none of them."""
FAULTS: Final = (
    *("signal=KILL", "error=EIO", "error=ENOSPC", "error=EDQUOT", "error=EACCES", "error=EROFS"),
    "error=EMFILE",
)
STRIDE: Final = 41
CASE_S: Final = 60.0
KILLED: Final = (-9, 137)


Finished = subprocess.CompletedProcess[str]


def _disturbed(lake: Path, call: str, fault: str, when: str) -> Finished:
    strace = ["strace", "-f", "-qq", "--seccomp-bpf", "-o", str(lake.with_suffix(".trace"))]
    inject = [f"--trace={call}", f"--inject={call}:{fault}:when={when}"]
    publisher = [sys.executable, "-m", "tests.faults.publish_once", str(lake)]
    return subprocess.run(
        [*strace, *inject, *publisher], cwd=ROOT, capture_output=True, text=True, check=False
    )


def _is_there() -> bool:
    if shutil.which("strace") is None:
        return False
    tried = subprocess.run(
        ["strace", "-f", "-qq", "--seccomp-bpf", "true"], capture_output=True, check=False
    )
    return tried.returncode == 0


def run(rng: Seeds, budget: Budget) -> Counts:
    """Publish in a process whose Nth system call of a kind fails, once and for good, or kills."""
    counts = Counts(NAME, KIND)
    if not _is_there():
        counts.notes.append("no strace here")
        return counts
    points = [(c, n, f) for f in FAULTS for c, most in CALLS.items() for n in range(1, most + 1)]
    for number in budget.numbers():
        one = rng.of(number)
        call, at, fault = points[number * STRIDE % len(points)]
        when = f"{at}{one.choice(('', '+'))}"
        lake = budget.folder / str(number)
        lake.mkdir()
        old = OLD if one.random() < 0.7 or call in {"unlink", "rmdir"} else None
        if old is not None:
            publish(lake, old)
        with counts.case(number, CASE_S):
            done = _disturbed(lake, call, fault, when)
            _judge(counts, number, lake, old, done)
        shutil.rmtree(lake)
    return counts


def _judge(counts: Counts, number: int, lake: Path, old: bytes | None, done: Finished) -> None:
    code, told = done.returncode, done.stderr
    if code == 3:
        counts.refused += 1
        is_published = "it is published" in told
        look(counts, number, lake, None if is_published else old, [NEW] if is_published else [])
    elif code == 0:
        look(counts, number, lake, None, [NEW])
    elif code in KILLED:
        look(counts, number, lake, old, [NEW])
    else:
        counts.find("tracebacks", number, f"exit code {code}: {told.strip()[-200:]}")
