"""Readers fuzzed by atheris, which keeps the inputs that reach new lines; where it is installed."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.dbn_files import encode_header, join, mbp10_records

from ..campaign import WIDE_BYTES, Budget, Counts, Kind, Seeds
from .fuzz_config import SAMPLE as CONFIG
from .fuzz_footers import samples as footers
from .fuzz_manifests import SAMPLE as MANIFEST

NAME: Final = "guided_readers"
KIND: Final[Kind] = "inputs"
BOUNDED: Final = 1
SHARE: Final = 6.0
ADDRESS_BYTES: Final = WIDE_BYTES

ROOT: Final = Path(__file__).parents[3]
INPUTS: Final = 5_000
"""Of a case: each is a process that fuzzes one reader."""
TARGETS: Final = ("dbn", "manifest", "footer", "symbology", "contract", "config")
CASE_S: Final = 120.0
_DONE: Final = re.compile(r"Done (\d+) runs")


def _corpus(target: str, folder: Path) -> None:
    found = {
        "dbn": [encode_header() + join(mbp10_records(3))],
        "manifest": [MANIFEST.to_bytes()],
        "footer": footers()[1:],
        "symbology": [b'{"result": {"ES": [{"d0": "2025-06-01", "d1": "2025-06-06", "s": "5"}]}}'],
        "contract": [
            b'{"type": "record", "name": "x", "fields": [{"name": "a", "type": '
            b'["null", "double"], "default": null, "doc": "A.", "unit": "ticks", "minimum": 0}]}'
        ],
        "config": [CONFIG],
    }
    folder.mkdir(parents=True)
    for number, data in enumerate(found[target]):
        (folder / str(number)).write_bytes(data)


def run(_rng: Seeds, budget: Budget) -> Counts:
    """Fuzz one reader after the other."""
    counts = Counts(NAME, KIND)
    if importlib.util.find_spec("atheris") is None:
        counts.notes.append("no atheris here")
        return counts
    for number in budget.numbers():
        target = TARGETS[number % len(TARGETS)]
        work = budget.folder / str(number)
        _corpus(target, work / "corpus")
        guided = [sys.executable, "-m", "tests.faults.guided", target, str(work)]
        options = [f"-runs={INPUTS}", f"-seed={number + 1}", "-rss_limit_mb=1024", "-timeout=20"]
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
