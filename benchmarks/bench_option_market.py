"""MARKET features of futures options: a full sample chain day on one core.

``uv run python -m benchmarks.bench_option_market`` writes a sample day of 2,000 outrights and its
Silver tables (once), then runs the stage as a whole process on one core. It prints medians.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import tempfile
from pathlib import Path

from benchmarks.measure import machine, median, run_process
from benchmarks.run_stage import stage_command
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.sample import SampleFuture, SampleOptions, write_option_day

DATE = dt.date(2025, 5, 6)
MARKET = "silver.future_option.market"
TABLES = ("definition", "trades", "nbbo", "statistics")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(tempfile.gettempdir()) / "data_eng-bench" / "option_market"
    parser.add_argument("--lake-root", type=Path, default=default)
    parser.add_argument("--quotes", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    lake = args.lake_root
    sample = SampleOptions(
        SampleFuture(date=DATE), quotes=args.quotes, strikes=90, spreads=100, spread_share=0.05
    )
    write_option_day(lake / "raw", sample)
    for table in TABLES:
        run_process(stage_command(lake, f"bronze.future_option.{table}", "ES", DATE))
        run_process(stage_command(lake, f"silver.future_option.{table}_clean", "ESM5", DATE))
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    folder = lake / dataset(MARKET).folder("ESM5")
    runs = []
    for number in range(args.runs + 1):
        shutil.rmtree(folder, ignore_errors=True)
        used = run_process(stage_command(lake, MARKET, "ESM5", DATE))
        runs += [used] if number else []  # the first one compiles
    figures = median(runs)
    print(f"{machine()}; {args.quotes:,} quotes")
    print(
        f"{MARKET}: {figures.wall:.1f} s wall, {figures.cpu:.1f} s cpu, "
        f"{figures.peak_mib:.0f} MiB peak"
    )


if __name__ == "__main__":
    main()
