"""What a run must not import: pandas alone costs more than Silver and Gold take."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.cli_runs import RAW
from tests.dbn_files import DATE, mbp10_records, write_mbp10

ROOT = Path(__file__).parents[1]
CODE = """
import sys
from src.data_eng.cli.run import main
arguments = ["--product-type", "future", "--layer", "all", "--symbol", "ES"]
code = main([*arguments, "--dt", sys.argv[1], "--lake-root", sys.argv[2]])
heavy = ("pandas", "polars", "databento", "exchange_calendars")
print([name for name in heavy if name in sys.modules])
sys.exit(code)
"""


def test_a_run_imports_no_data_frames(tmp_path: Path) -> None:
    write_mbp10(tmp_path / RAW / "f.dbn.zst", mbp10_records(2_000))
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(DATE), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
