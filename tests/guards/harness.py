"""Run tests on a copy of the source in which one guard is broken.

The checkout is never changed: source and tests are copied to a temporary folder, and tests run
there. The tests of every guard must pass on the whole copy first, so that a failure is the guard's.
"""

from __future__ import annotations

import compileall
import enum
import os
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from .guard import Guard, without

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = Path("src/data_eng")
TIMEOUT_S: Final = 60
"""Of one test: without its guard it may wait for ever, which is a failure too."""
FIRST_TIMEOUT_S: Final = 600
"""With every guard in place, where kernels may have to be compiled first."""
_COPIED: Final = (
    *("src", "tests", "benchmarks"),  # a test makes a lake as a benchmark does
    *("pyproject.toml", "README.md", "docs", "CHANGELOG.md"),
)
_PASSED, _FAILED = 0, 1
_WAITED: Final = "from pytest-timeout"


class Verdict(enum.Enum):
    """What came of a guard."""

    KILLED = "killed"
    WAITED = "waited"  # a test failed because it took too long: the guard's want, or a busy machine
    SURVIVED = "survived"


class HarnessError(Exception):
    """The tests say nothing of a guard: they fail with it, or cannot run."""


class Copy:
    """A copy of a checkout in which guards are broken, one at a time.

    Parameters
    ----------
    root : Path
        The checkout.
    folder : Path
        Where it is copied to; empty.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self._folder = folder
        for name in _COPIED:
            if (root / name).is_dir():
                # With Numba's kernels, which hold as long as their modules do.
                shutil.copytree(root / name, folder / name, ignore=_old_bytecode)
            elif (root / name).exists():
                shutil.copy2(root / name, folder / name)
        # By the hash of the source: a changed file of the same size and second is seen.
        compileall.compile_dir(
            folder / PACKAGE,
            quiet=2,
            invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH,
        )

    def require_passing(self, tests: Iterable[str]) -> None:
        """Raise `HarnessError` where the tests fail with all guards in place."""
        code, said = self._run(tests, FIRST_TIMEOUT_S)
        if code != _PASSED:
            raise HarnessError(f"tests fail or cannot run with every guard in place:\n{said}")

    def verdict(self, guard: Guard) -> Verdict:
        """Break a guard, run its tests, and mend it.

        Raises
        ------
        NotFoundOnceError, HarnessError
            It is not where it is said to be; its tests could not run.
        """
        path = self._folder / PACKAGE / guard.module
        source = path.read_text(encoding="utf-8")
        path.write_text(without(guard, source), encoding="utf-8")
        try:
            code, said = self._run(guard.tests, TIMEOUT_S)
        finally:
            path.write_text(source, encoding="utf-8")
        if code not in (_PASSED, _FAILED):
            raise HarnessError(f"{guard.name}: pytest ended with {code}:\n{said}")
        if code == _PASSED:
            return Verdict.SURVIVED
        return Verdict.WAITED if _WAITED in said else Verdict.KILLED

    def _run(self, tests: Iterable[str], timeout_s: int) -> tuple[int, str]:
        command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-n", "0", "--tb=line"]
        command += ["-p", "no:cacheprovider", f"--timeout={timeout_s}", *tests]
        done = subprocess.run(
            command,
            cwd=self._folder,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, (done.stdout + done.stderr)[-3000:]


def _old_bytecode(_folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name.endswith(".pyc")}
