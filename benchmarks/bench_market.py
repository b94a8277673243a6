"""Silver of a futures day from its records to MARKET, beside reading the columns of the scan.

``uv run python -m benchmarks.bench_market --records 10000000`` writes a sample day and its Silver
records (once), checks two columns against Polars, then runs in turn, as whole processes:
the trades, the best quotes, the scan of the book (two tables), the 2-minute bars and MARKET, each
from the tables that it reads, and PyArrow reading the scan's columns of the same row groups and
nothing else, which no scan of this file can beat. It prints medians and ratios, and the compile
time of the kernels apart: a first run with an empty cache less a run with a full one.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.measure import Usage, machine, median, run_process
from benchmarks.run_stage import rebuild, run_stage
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.exchange.sessions import FIRST3H, window_ns
from src.data_eng.lake.paths import Partition
from src.data_eng.lake.table import open_table
from src.data_eng.records.mbp10_arrays import RecordChunks

DATE = dt.date(2025, 6, 5)
SYMBOL = "ESM5"
KEYS = {
    "bronze": "bronze.future.market_by_price_10",
    "records": "silver.future.market_by_price_10_clean",
    "trades": "silver.future.trades",
    "best_quote": "silver.future.best_quote",
    "scan": "silver.future.market_by_price_10_1s",
    "bars": "silver.future.ohlcv_2m",
    "market": "silver.future.market",
}
MEASURED = ("trades", "best_quote", "scan", "bars", "market")
"""In the order in which they follow from each other."""


def part(lake: Path, name: str) -> Path:
    return lake / dataset(KEYS[name]).folder(SYMBOL) / f"dt={DATE}" / "part-00000.parquet"


def build(lake: Path, name: str) -> None:
    rebuild(lake, KEYS[name], SYMBOL, DATE)


def read(lake: Path) -> None:
    with open_table(lake, Partition(dataset(KEYS["records"]), SYMBOL, DATE)) as table:
        groups = RecordChunks(table, 0.25).groups
        sum(len(table) for table in groups.tables(window_ns(DATE, *FIRST3H)[1]))


def write_records(lake: Path, records: int) -> None:
    if part(lake, "market").exists():
        return
    from src.data_eng.sample import SampleFuture, write_future_day  # noqa: PLC0415 - slow

    write_future_day(lake / "raw", SampleFuture(date=DATE, records=records))
    bronze = run_stage(lake, "bronze.future.market_by_price_10", "ES", DATE)
    for name in ("records", *MEASURED):
        run_stage(lake, KEYS[name], bronze.symbol, DATE)


def check(lake: Path) -> None:
    """Compare volume and spread of every row with those of Polars."""
    import polars as pl  # noqa: PLC0415 - of no use to the processes that are measured

    names = ["ts_recv", "action", "size", "f_last", "bid_px_00", "ask_px_00"]
    records = pl.read_parquet(part(lake, "records"), columns=names)
    features = pl.read_parquet(part(lake, "market"))
    trades = records.filter(pl.col("action") == "T")
    traded = np.append(0, np.cumsum(trades["size"].to_numpy()))
    ts, minute = features["ts"], dt.timedelta(seconds=60)
    volume = traded[trades["ts_recv"].search_sorted(ts, side="left")]
    volume -= traded[trades["ts_recv"].search_sorted(ts - minute, side="left")]
    books = records.filter(pl.col("f_last") & (pl.col("action") != "T"))
    book = books["ts_recv"].search_sorted(ts, side="left").to_numpy() - 1
    spread = (books["ask_px_00"] - books["bid_px_00"]).to_numpy()[book] / 0.25
    for name, expected in (("volume_60s", volume), ("quoted_spread_ticks", spread)):
        if not np.array_equal(features[name].to_numpy(), expected, equal_nan=True):
            sys.exit(f"{name} is not that of Polars")


def command(lake: Path, what: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.bench_market", what, "--lake-root", str(lake)]


def compare(lake: Path, records: int, runs: int) -> None:
    lake = lake / str(records)
    write_records(lake, records)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["NUMBA_CACHE_DIR"] = cache
        cold = {name: run_process(command(lake, name)) for name in MEASURED}
        run_process(command(lake, "check"))  # apart: a child's peak memory begins at its parent's
        used: dict[str, list[Usage]] = {}
        for _ in range(runs):
            for name in ("start", "read", *MEASURED):
                used.setdefault(name, []).append(run_process(command(lake, name)))
    medians = {name: median(figures) for name, figures in used.items()}
    report(lake, medians, cold)


def report(lake: Path, medians: dict[str, Usage], cold: dict[str, Usage]) -> None:
    """Print the figures; the rates are by processor time less that of starting and importing."""
    rows = pq.ParquetFile(part(lake, "records")).metadata.num_rows
    start = medians.pop("start")
    print(f"{machine()}; {rows:,} records of one contract in the partition")
    print(f"start and imports: {start.cpu:.2f} s cpu, {start.peak_mib:.0f} MiB")
    columns = f"{'wall s':>9}{'cpu s':>9}{'peak MiB':>10}{'M rec / cpu s':>15}{'x read':>8}"
    print(f"{'':12}{columns}{'compile s':>11}")
    read_cpu = medians["read"].cpu - start.cpu
    for name, figures in medians.items():
        net = figures.cpu - start.cpu
        compiled = cold[name].cpu - figures.cpu if name in cold else 0.0
        print(
            f"{name:12}{figures.wall:9.2f}{figures.cpu:9.2f}{figures.peak_mib:10.0f}"
            f"{rows / net / 1e6:15.2f}{net / read_cpu:8.2f}{compiled:11.1f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    names = ("all", "start", "read", "check", *MEASURED)
    parser.add_argument("what", nargs="?", choices=names, default="all")
    default = Path(tempfile.gettempdir()) / "data_eng-bench" / "market"
    parser.add_argument("--lake-root", type=Path, default=default)
    parser.add_argument("--records", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    if args.what == "all":
        compare(args.lake_root, args.records, args.runs)
    elif args.what in ("read", "check"):
        {"read": read, "check": check}[args.what](args.lake_root)
    elif args.what != "start":
        build(args.lake_root, args.what)


if __name__ == "__main__":
    main()
