"""Runs of the command line within the test's process."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.data_eng.cli.run import main
from tests.cli_runs import Run, Runner
from tests.dbn_files import DATE


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    """Return a function that runs the command line on the lake ``tmp_path``."""

    def runner(*extra: str, **changed: str | None) -> Run:
        flags: dict[str, str | None] = {
            "product-type": "future",
            "layer": "bronze",
            "symbol": "ES",
            "dt": str(DATE),
            "lake-root": str(tmp_path),
            **{key.replace("_", "-"): value for key, value in changed.items()},
        }
        given = {f"--{key}": value for key, value in flags.items() if value is not None}
        capsys.readouterr()
        code = main([word for pair in given.items() for word in pair] + [*extra])
        out, err = capsys.readouterr()
        return Run(code, out, err.splitlines(), Path(flags["lake-root"] or ""))

    return runner
