"""Commands as a user for whom permissions hold: root reads everything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_RIGHTS = "-dac_override,-dac_read_search"


def without_rights() -> list[str]:
    """Return what takes the right away from root, before a command; skips where nothing can."""
    if os.getuid() != 0:
        return []
    found = shutil.which("setpriv")
    if found is None:
        pytest.skip("root reads everything, and there is no setpriv to take that right away")
    taken = [found, f"--bounding-set={_RIGHTS}", f"--inh-caps={_RIGHTS}"]
    tried = subprocess.run([*taken, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"root reads everything, and setpriv cannot take that away: {tried.stderr}")
    return taken


@contextmanager
def mode(path: Path, bits: int) -> Iterator[None]:
    """Give a path a mode, and its own again afterwards."""
    before = path.stat().st_mode
    path.chmod(bits)
    try:
        yield
    finally:
        path.chmod(before)


def run_module(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the package as a user whose permissions hold."""
    return subprocess.run(
        [*without_rights(), sys.executable, "-m", f"src.data_eng.{module}", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
