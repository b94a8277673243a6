"""How a process with compiled functions starts and ends."""

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


BLAS = """
import sys
import numpy as np
from src.data_eng.compiled import numba
numba.njit(lambda a: a + 1)(1)  # whatever Numba loads to compile is loaded
print("scipy.linalg" in sys.modules)
print(numba.njit(lambda a: a @ a)(np.eye(2)).sum())
"""


def run(code: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    return done.stdout.split()


def test_a_kernel_starts_without_linear_algebra_which_others_still_have() -> None:
    assert run(BLAS) == ["False", "2.0"]


def test_numba_still_knows_whether_there_is_a_blas() -> None:
    code = "from src.data_eng.compiled import numba\nfrom numba.np import arraymath, linalg\n"
    asked = "print(arraymath._HAVE_BLAS, arraymath.ensure_blas is linalg.ensure_blas)"
    named = "print(linalg.ensure_blas.__module__)"
    assert run(f"{code}{asked}\n{named}") == ["True", "True", "numba.np.linalg"]
    without = "import sys\nsys.modules['scipy'] = None\n"
    assert run(f"{without}{code}{asked}") == ["False", "True"]


def test_its_end_walks_through_no_object_of_numba() -> None:
    assert run(CODE) == ["False", "True"]
