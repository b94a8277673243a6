"""The tutorial runs through."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[1] / "docs" / "tutorial.py"


@pytest.mark.long
@pytest.mark.timeout(300)
def test_the_tutorial_runs_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    done = subprocess.run(
        [sys.executable, str(TUTORIAL)], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stderr
    (lake,) = tmp_path.glob("data_eng-tutorial-*")
    assert list(lake.glob("gold/*/symbol=ESM5/table=feature_vector/dt=2025-06-05/_SUCCESS"))
