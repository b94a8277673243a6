"""Readers fuzzed by atheris, which keeps the inputs that reach new lines; where it is installed."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from ..campaign import WIDE_BYTES, Budget, Counts, Kind, Seeds

NAME: Final = "guided_readers"
KIND: Final[Kind] = "inputs"
BOUNDED: Final = 1
SHARE: Final = 6.0
ADDRESS_BYTES: Final = WIDE_BYTES

ROOT: Final = Path(__file__).parents[3]
INPUTS: Final = 5_000
"""Of a case: each is a process that fuzzes one reader."""
CASE_S: Final = 120.0
_DONE: Final = re.compile(r"Done (\d+) runs")


def run(rng: Seeds, budget: Budget) -> Counts:
    """Fuzz one reader after the other."""
    counts = Counts(NAME, KIND)
    if importlib.util.find_spec("atheris") is None:
        counts.notes.append("no atheris here (uv sync --group fuzz)")
        return counts
    from ..guided_targets import CHECKS, samples  # noqa: PLC0415 - it imports the campaigns

    targets = list(CHECKS)
    for number in budget.numbers():
        target = targets[number % len(targets)]
        work = budget.folder / str(number)
        (work / "corpus").mkdir(parents=True)
        for at, data in enumerate(samples(target)):
            (work / "corpus" / str(at)).write_bytes(data)
        guided = [sys.executable, "-m", "tests.faults.guided", target, str(work)]
        seed = rng.of(number).randrange(1, 1 << 31)
        options = [f"-runs={INPUTS}", f"-seed={seed}", "-rss_limit_mb=1024", "-timeout=20"]
        paths = [f"-artifact_prefix={work}/", str(work / "corpus")]
        counts.injected -= 1  # its inputs are counted
        with counts.case(number, CASE_S):
            done = subprocess.run(
                [*guided, *options, *paths], cwd=ROOT, capture_output=True, check=False
            )
            told = done.stderr.decode(errors="replace")
            ended = _DONE.search(told)
            if done.returncode or ended is None:
                counts.find("tracebacks", number, f"{target}: {told[-600:]}")
            else:
                counts.injected += int(ended[1])
    return counts
