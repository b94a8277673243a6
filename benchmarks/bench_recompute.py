"""A changed formula over tables that stand: MARKET, and the five LEVEL tables, over many sessions.

``python -m benchmarks.bench_recompute`` writes sessions with all the history that MARKET looks back
on (once, into ``--raw``) and builds their Silver tables. Then it removes the tables of the last
``--days`` of them, as a new version of a stage would, and builds them again by one worker; then
those of every other day alone, by the same command. The processor time of the whole process tree
that the days between take is what a day takes. What the command takes beyond its days, and beyond
the same command with nothing to do, it takes once: imports of the formulas, loading of kernels.
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


def rebuild(lake: Path, keys: Sequence[str], dates: Sequence[dt.date]) -> tuple[float, float]:
    """Return the processor time of building tables again: by day, and once a run; seconds."""
    nothing = build(lake, dates, "silver", workers=1)
    remove(lake, keys, dates)
    whole = build(lake, dates, "silver", workers=1)
    remove(lake, keys, dates[1::2])
    day = (whole - build(lake, dates, "silver", workers=1)) / len(dates[::2])
    return day, whole - nothing - day * len(dates)


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
    print(
        f"{'':20}{'cpu s a day':>12}{'once':>7}  (a day: smallest to largest of {args.runs} runs)"
    )
    for name, keys in FORMULAS.items():
        day, once = zip(*(rebuild(lake, keys, again) for _ in range(args.runs)), strict=True)
        print(
            f"{name:20}{statistics.median(day):12.3f}{statistics.median(once):7.2f}"
            f"  ({min(day):.3f} to {max(day):.3f})"
        )


if __name__ == "__main__":
    main()
