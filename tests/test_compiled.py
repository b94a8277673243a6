"""How a process with compiled functions ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = """
import atexit, gc
atexit.register(lambda: print(gc.get_freeze_count() > 0))  # the first of all is the last to run
import src.data_eng.compiled
print(gc.get_freeze_count() > 0)
"""


def test_its_end_walks_through_no_object_of_numba() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    assert done.stdout.split() == ["False", "True"]
