"""The lakes whose values are kept: a sample day with its history, and the real shifted day.

``python -m tests.golden.golden_lakes`` builds them and writes the summaries anew.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from src.data_eng.cli.run import main
from src.data_eng.exchange.calendar import trading_days
from src.data_eng.sample import SampleFuture, SampleOptions, write_future_day, write_option_day

from .lake_summary import Summary, lake_summary

HERE: Final = Path(__file__).parent
SAMPLE_DATE: Final = dt.date(2025, 6, 5)
HISTORY_FROM: Final = dt.date(2025, 5, 7)
REAL_DATE: Final = dt.date(2023, 12, 26)
REAL_FILE: Final = Path("future_ES", "glbx-mdp3-20231226.mbp-10.shifted.dbn.zst")


def sample_summary(root: Path) -> Summary:
    """Build 20 small sessions of ES and one with options; return the last one's summary."""
    for date in trading_days(HISTORY_FROM, SAMPLE_DATE):
        records = 120_000 if date == SAMPLE_DATE else 15_000
        sample = SampleFuture(date=date, root="ES", records=records)
        write_future_day(root / "raw", sample)
    write_option_day(root / "raw", SampleOptions(sample, quotes=200_000))
    _run(root, "future", f"{HISTORY_FROM}:{SAMPLE_DATE - dt.timedelta(days=1)}")
    _run(root, "all", str(SAMPLE_DATE))
    return lake_summary(root, str(SAMPLE_DATE))


def real_summary(root: Path, shared_data: Path) -> Summary:
    """Build the real order flow of ESH4 under its artificial clock; return its summary."""
    folder = root / "raw/source=databento/product_type=future/symbol=ES/table=market_by_price_10"
    folder.mkdir(parents=True)
    shutil.copyfile(shared_data / REAL_FILE, folder / REAL_FILE.name)
    _run(root, "future", str(REAL_DATE))
    return lake_summary(root, str(REAL_DATE))


def golden(name: str) -> Summary:
    """Return a summary that is kept."""
    found: Summary = json.loads((HERE / f"{name}.json").read_text())
    return found


def _run(root: Path, product_type: str, dates: str) -> None:
    command = ["--product-type", product_type, "--layer", "all", "--symbol", "ES"]
    assert main([*command, "--dates", dates, "--lake-root", str(root)]) == 0


def write(shared_data: Path) -> None:
    """Build the lakes and write their summaries."""
    with tempfile.TemporaryDirectory() as folder:
        found = {
            "sample": sample_summary(Path(folder, "sample")),
            "real": real_summary(Path(folder, "real"), shared_data),
        }
    for name, summary in found.items():
        (HERE / f"{name}.json").write_text(json.dumps(summary, indent=0) + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
