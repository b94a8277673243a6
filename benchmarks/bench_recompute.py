"""A changed formula over tables that stand: MARKET, and the five LEVEL tables, over many sessions.

``python -m benchmarks.bench_recompute`` writes sessions with all the history that MARKET looks back
on (once, into ``--raw``) and builds their Silver tables. Then it removes the tables of the last
``--days`` of them, as a new version of a stage would, and builds them again by one worker: the
processor time of the whole process tree, less that of the same command with nothing to do, by day.
The loading of compiled kernels is part of it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import machine
from benchmarks.process_tree import run_tree
from benchmarks.raw_input import DEFAULT_RAW, write_sample
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.catalogue.tables import MARKET
from src.data_eng.exchange.calendar import trading_days
from src.data_eng.features.level.levels import level_names

HERE = Path(__file__).parents[1]
FIRST, LAST = dt.date(2025, 3, 24), dt.date(2025, 6, 6)
HISTORY = 20
FORMULAS = {
    "MARKET": (MARKET,),
    "five LEVEL tables": tuple(f"silver.future.level_{name}" for name in level_names()),
}


def build(lake: Path, dates: Sequence[dt.date], layer: str, workers: int) -> float:
    """Run a layer; return the processor time, seconds."""
    command = [
        *(sys.executable, "-m", "src.data_eng.runner", "--layer", layer, "--symbol", "ES"),
        *("--product-type", "future", "--lake-root", str(lake.resolve())),
        *("--dates", ",".join(date.isoformat() for date in dates), "--workers", str(workers)),
    ]
    return run_tree(command, HERE).cpu


def remove(lake: Path, keys: Sequence[str], dates: Sequence[dt.date]) -> None:
    """Remove the partitions of some tables and dates."""
    for key in keys:
        for date in dates:
            found = list(lake.glob(f"{dataset(key).path.format(symbol='*')}/dt={date}"))
            if len(found) != 1:
                sys.exit(f"{key} of {date}: {len(found)} partitions, 1 expected")
            shutil.rmtree(found[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, default=DEFAULT_RAW, help="where the lake is kept")
    parser.add_argument("--records", type=int, default=1_000_000, help="of each session")
    parser.add_argument("--days", type=int, default=20, help="that are built again")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    sessions = trading_days(FIRST, LAST)[: HISTORY + args.days]
    again = sessions[HISTORY:]
    lake = args.raw / f"recompute-{args.records}"
    write_sample(lake, sessions, ["--records", str(args.records)])
    for layer in ("bronze", "silver"):
        build(lake, sessions, layer, workers=2)
    print(f"{machine()}; {len(again)} days of {args.records:,} records, all with {HISTORY} before")
    print(f"{'':20}{'cpu s a day':>12}  (smallest to largest of {args.runs} runs)")
    for name, keys in FORMULAS.items():
        used = []
        for _ in range(args.runs):
            nothing = build(lake, again, "silver", workers=1)
            remove(lake, keys, again)
            used.append((build(lake, again, "silver", workers=1) - nothing) / len(again))
        print(f"{name:20}{statistics.median(used):12.3f}  ({min(used):.3f} to {max(used):.3f})")


if __name__ == "__main__":
    main()
