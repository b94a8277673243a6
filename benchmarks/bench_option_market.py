"""MARKET features of futures options: a full sample chain day on one core.

``uv run python -m benchmarks.bench_option_market`` writes a sample day of 2,000 outrights and its
Silver tables (once), then runs the stage as a whole process on one core. It prints medians.
``--all-stages`` times every stage of the options together instead, Bronze to Gold, by the runner
in one process on both cores; ``--strikes`` makes the chain larger: 90 give 2,000 outrights on the
front month, 400 some 9,000.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Usage, machine, median, run_process
from benchmarks.raw_input import new_lake, runner_command
from benchmarks.run_stage import stage_command
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.sample import SampleFuture, SampleOptions, write_option_day

DATE = dt.date(2025, 5, 6)
MARKET = "silver.future_option.market"
QUOTES = "bronze.future_option.nbbo"
TABLES = ("definition", "trades", "nbbo", "statistics")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(tempfile.gettempdir()) / "data_eng-bench" / "option_market"
    parser.add_argument("--lake-root", type=Path, default=default)
    parser.add_argument("--quotes", type=int, default=5_000_000)
    parser.add_argument("--strikes", type=int, default=90, help="of each expiry (default 90)")
    parser.add_argument("--spreads", type=int, default=100, help="instruments (default 100)")
    parser.add_argument("--all-stages", action="store_true", help="Bronze to Gold together")
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    lake = args.lake_root / f"{args.quotes}-{args.strikes}-{args.spreads}"
    sample = SampleOptions(
        SampleFuture(date=DATE),
        quotes=args.quotes,
        strikes=args.strikes,
        spreads=args.spreads,
        spread_share=0.05,
    )
    write_option_day(lake / "raw", sample)
    if args.all_stages:
        lake, runs = all_stages(lake, args.runs)
        what = "all stages of the options"
    else:
        runs = one_stage(lake, args.runs)
        what = MARKET
    figures = median(runs)
    print(f"{machine()}; {args.quotes:,} quotes, {_outrights(lake):,} outrights")
    print(
        f"{what}: {figures.wall:.1f} s wall, {figures.cpu:.1f} s cpu, "
        f"{figures.peak_mib:.0f} MiB peak"
    )


def one_stage(lake: Path, runs: int) -> list[Usage]:
    """Return what the stage takes on one core; the first run compiles."""
    for table in TABLES:
        run_process(stage_command(lake, f"bronze.future_option.{table}", "ES", DATE))
        run_process(stage_command(lake, f"silver.future_option.{table}_clean", "ESM5", DATE))
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    folder = lake / dataset(MARKET).folder("ESM5")
    found = []
    for number in range(runs + 1):
        shutil.rmtree(folder, ignore_errors=True)
        used = run_process(stage_command(lake, MARKET, "ESM5", DATE))
        found += [used] if number else []
    return found


def all_stages(home: Path, runs: int) -> tuple[Path, list[Usage]]:
    """Return the lake, and what all stages take, start of Python included."""
    found = []
    for number in range(runs + 1):
        lake = new_lake(home / "raw", "all")
        used = run_process(runner_command(sys.executable, lake, "future_option", [DATE], 1))
        found += [used] if number else []
    return lake, found


def _outrights(lake: Path) -> int:
    folder = lake / dataset(QUOTES).folder("ESM5") / f"dt={DATE}"
    manifest = json.loads((folder / "_MANIFEST.json").read_text())
    return int(manifest["facts"]["instruments"]["outright"])


if __name__ == "__main__":
    main()
