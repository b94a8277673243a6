"""The raw input of benchmarks: sample days, written once, and lakes that point to them."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

DEFAULT_RAW: Final = Path(tempfile.gettempdir()) / "data_eng-bench" / "raw"


def write_sample(home: Path, dates: Sequence[dt.date], arguments: Sequence[str]) -> Path:
    """Write sample days that are not there yet; return their raw layer.

    Parameters
    ----------
    home : Path
        Folder of this input; it names all that the input depends on.
    dates : sequence of date
    arguments : sequence of str
        Of ``python -m src.data_eng.sample``.
    """
    for date in dates:
        # A process of its own: the sample's memory and kernels are not the benchmark's.
        command = [sys.executable, "-m", "src.data_eng.sample", "--lake-root", str(home)]
        command += ["--dt", date.isoformat(), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return home / "raw"


def new_lake(raw: Path, name: str) -> Path:
    """Return an empty lake beside a raw layer, which it links to; one of that name is removed."""
    lake = raw.parent / f"lake-{name}"
    shutil.rmtree(lake, ignore_errors=True)
    lake.mkdir()
    (lake / "raw").symlink_to(raw.resolve(), target_is_directory=True)
    return lake


def runner_command(
    python: str, lake: Path, product_type: str, dates: Sequence[dt.date], workers: int
) -> list[str]:
    """Return the command that builds all layers of dates of a lake."""
    return [
        *(python, "-m", "src.data_eng.runner", "--layer", "all", "--symbol", "ES"),
        *("--product-type", product_type, "--lake-root", str(lake.resolve())),
        *("--dates", ",".join(date.isoformat() for date in dates), "--workers", str(workers)),
    ]
