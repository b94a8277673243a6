"""Skips are told by reason, and an unknown one fails the run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.skips import LIST, Skips, read_list

ROOT = Path(__file__).parents[1]
CONFTEST = """
from pathlib import Path
from tests.skips import Skips

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Skips(Path(__file__).with_name("skips.txt")))
"""
TESTS = """
import pytest

@pytest.mark.parametrize("n", range(3))
def test_known(n):
    pytest.skip(f"no file {n % 2}")

def test_unknown():
    pytest.skip("tired")

def test_passes():
    pass
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "skips.txt").write_text("# reasons\nno file [0-9]  # there need not be one\n")
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "test_module.py").write_text('import pytest\npytest.importorskip("no_such")\n')
    return tmp_path


def run(folder: Path, *flags: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *flags],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout.splitlines()


def test_an_unknown_reason_fails_the_run_of_several_workers(folder: Path) -> None:
    code, lines = run(folder, "-n", "2")
    assert code == 1
    assert "2 no file 0" in lines
    assert "1 no file 1" in lines
    advice = "not in skips.txt; run the test, or add the line"
    assert f"ERROR 1 tired: {advice}" in lines
    assert any(line.startswith("ERROR 1 could not import 'no_such'") for line in lines)
    assert lines[-1].startswith("1 passed, 5 skipped in ")


def test_known_reasons_do_not(folder: Path) -> None:
    code, lines = run(folder, "-n", "0", "-k", "known and not unknown or passes", "test_some.py")
    assert (code, "2 no file 0" in lines) == (0, True)
    assert lines[-1].startswith("1 passed, 3 skipped")


def test_the_list_says_why(tmp_path: Path) -> None:
    assert all(read_list(LIST).values())
    (tmp_path / "skips.txt").write_text("tired\n")
    with pytest.raises(AssertionError, match="does not say why"):
        Skips(tmp_path / "skips.txt")
