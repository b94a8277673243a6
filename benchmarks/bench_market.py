"""MARKET features of a futures day: the stage as a whole process, beside reading its columns.

``uv run python -m benchmarks.bench_market --records 10000000`` writes a sample day and its Silver
records (once), checks some columns against DuckDB, then runs in turn, as whole processes:
the 2-minute bars, the features, and PyArrow reading the same columns of the same row groups and
nothing else, which no implementation on this file can beat. It prints medians and ratios, and the
compile time of the kernels apart: a first run with an empty cache less a run with a full one.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from benchmarks.measure import Usage, machine, median, run_process
from src.data_eng.datasets import dataset
from src.data_eng.pipeline import build_chains, run_chain
from src.data_eng.sample import SampleFuture, write_future_day
from src.data_eng.sessions import FIRST3H, window_ns
from src.data_eng.settings import Settings
from src.data_eng.stage import Context, Stage, Status
from src.data_eng.stages.silver.future_market import SilverFutureMarket
from src.data_eng.stages.silver.mbp10_arrays import RecordChunks
from src.data_eng.stages.silver.ohlcv_2m import SilverOhlcv2m

DATE = dt.date(2025, 6, 5)
SYMBOL = "ESM5"
KEYS = {
    "bars": "silver.future.ohlcv_2m",
    "features": "silver.future.market",
    "records": "silver.future.market_by_price_10_clean",
    "bronze": "bronze.future.market_by_price_10",
}


def stage(name: str) -> Stage:
    records, bars, bronze = (dataset(KEYS[key]) for key in ("records", "bars", "bronze"))
    if name == "bars":
        return SilverOhlcv2m(records, bars)
    return SilverFutureMarket(records, bars, bronze, dataset(KEYS["features"]))


def part(lake: Path, name: str) -> Path:
    return lake / dataset(KEYS[name]).folder(SYMBOL) / f"dt={DATE}" / "part-00000.parquet"


def build(lake: Path, name: str) -> None:
    shutil.rmtree(part(lake, name).parent, ignore_errors=True)
    outcome = stage(name).run(Context(Settings(lake_root=lake)), SYMBOL, DATE)
    if outcome.status is not Status.WRITTEN:
        sys.exit(f"{name}: {outcome.status}: {outcome.reason}")


def read(lake: Path) -> None:
    with part(lake, "records").open("rb") as file:
        groups = RecordChunks(file, 0.25, SYMBOL).groups
        sum(len(table) for table in groups.tables(window_ns(DATE, *FIRST3H)[1]))


def write_records(lake: Path, records: int) -> None:
    if part(lake, "records").exists():
        return
    write_future_day(lake / "raw", SampleFuture(date=DATE, records=records))
    settings = Settings(lake_root=lake)
    for layer in ("bronze", "silver"):
        for chain in build_chains("future", layer, "ES", [DATE], settings):
            for outcome in run_chain(chain):
                if outcome.status is Status.FAILED:
                    sys.exit(f"{outcome.dataset}: {outcome.reason}")


def check(lake: Path) -> None:
    """Compare volume, trade count and spread of every row with DuckDB's."""
    sql = f"""
        WITH trades AS (SELECT * FROM '{part(lake, "records")}' WHERE action = 'T'),
        books AS (SELECT * FROM '{part(lake, "records")}' WHERE f_last AND action <> 'T'),
        volumes AS (
            SELECT m.ts, sum(t.size) AS volume, sum(t.size) / count(*) AS average
            FROM '{part(lake, "features")}' m JOIN trades t
            ON t.ts_recv < m.ts AND t.ts_recv >= m.ts - INTERVAL 60 SECOND GROUP BY m.ts)
        SELECT count(*), max(abs(m.volume_60s - v.volume)),
            max(abs(m.average_trade_size_60s - v.average)),
            max(abs(m.quoted_spread_ticks - (b.ask_px_00 - b.bid_px_00) / 0.25))
        FROM '{part(lake, "features")}' m JOIN volumes v USING (ts)
        ASOF JOIN books b ON m.ts > b.ts_recv"""
    found = duckdb.sql(sql).fetchone()
    if found is None or found[0] < 10_000 or max(found[1:]) > 1e-9:
        sys.exit(f"the features are not those of DuckDB: {found}")


def command(lake: Path, what: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.bench_market", what, "--lake-root", str(lake)]


def compare(lake: Path, records: int, runs: int) -> None:
    lake = lake / str(records)
    write_records(lake, records)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["NUMBA_CACHE_DIR"] = cache
        cold = {name: run_process(command(lake, name)) for name in ("bars", "features")}
        check(lake)
        used: dict[str, list[Usage]] = {}
        for _ in range(runs):
            for name in ("read", "bars", "features"):
                used.setdefault(name, []).append(run_process(command(lake, name)))
    medians = {name: median(figures) for name, figures in used.items()}
    report(lake, medians, cold)


def report(lake: Path, medians: dict[str, Usage], cold: dict[str, Usage]) -> None:
    rows = pq.ParquetFile(part(lake, "records")).metadata.num_rows
    print(f"{machine()}; {rows:,} records of one contract in the partition")
    columns = f"{'wall s':>9}{'cpu s':>9}{'peak MiB':>10}{'M rec / s':>11}{'x read':>8}"
    print(f"{'':12}{columns}{'compile s':>11}")
    for name, figures in medians.items():
        compiled = cold[name].wall - figures.wall if name in cold else 0.0
        print(
            f"{name:12}{figures.wall:9.2f}{figures.cpu:9.2f}{figures.peak_mib:10.0f}"
            f"{rows / figures.wall / 1e6:11.2f}{figures.wall / medians['read'].wall:8.2f}"
            f"{compiled:11.1f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    names = ("all", "bars", "features", "read")
    parser.add_argument("what", nargs="?", choices=names, default="all")
    default = Path(tempfile.gettempdir()) / "data_eng-bench" / "market"
    parser.add_argument("--lake-root", type=Path, default=default)
    parser.add_argument("--records", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    if args.what == "all":
        compare(args.lake_root, args.records, args.runs)
    elif args.what == "read":
        read(args.lake_root)
    else:
        build(args.lake_root, args.what)


if __name__ == "__main__":
    main()
