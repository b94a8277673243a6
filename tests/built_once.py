"""Lakes that several files of tests start from: built once in a run of tests, copied for each."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """Return a folder of the caller's own with what ``build`` makes in an empty one.

    Whichever worker of the run of tests is first builds it; the others wait. ``name`` stands for
    what ``build`` makes.
    """
    base = factory.getbasetemp()
    # The workers of a run have a folder each, in one that is the run's.
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "built_once"
    shared.mkdir(exist_ok=True)
    made = shared / name
    with FileLock(shared / f"{name}.lock"):
        if not made.exists():
            begun = Path(tempfile.mkdtemp(dir=shared))
            build(begun)
            begun.rename(made)
    own = factory.mktemp(name)
    return Path(shutil.copytree(made, own, dirs_exist_ok=True))
