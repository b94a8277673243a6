"""Reading for research: verified, not verified, and by Polars and DuckDB themselves.

``python -m benchmarks.bench_readers`` writes a sample day, its Silver tables up to MARKET, and
publishes MARKET under 19 more dates and the bars under 149 (once, into ``--lake``), their times
moved by as many days. Then it asks the same questions of our readers with and without verification
and of `polars.scan_parquet` and DuckDB's ``read_parquet`` over the same files, in one process and
an order that changes from round to round: all rows, some columns, and the rows that a filter
leaves. It prints the medians and the ratios of neighbouring runs. The answers are compared first.

Our readers keep the footers and manifests that they parsed last; "first time" is without them.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.bench_market import DATE, KEYS, SYMBOL, write_records
from benchmarks.measure import machine
from benchmarks.raw_input import DEFAULT_RAW
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.lake import reader as lake_reader
from src.data_eng.lake.encoding import ROW_GROUP_ROWS
from src.data_eng.lake.manifest import FileEntry
from src.data_eng.lake.part import PartWriter
from src.data_eng.lake.paths import PART, Partition
from src.data_eng.lake.publish import PartitionBuild
from src.data_eng.lake.table import open_table
from src.data_eng.parquet import file_footer
from src.data_eng.research.reading import complete_partitions, scan, to_duckdb

Frames = Callable[[pl.LazyFrame], pl.LazyFrame]
OPEN = dt.datetime(2025, 6, 5, 13, 30, tzinfo=dt.UTC)
COPIES = {"market": 19, "bars": 149}


@dataclass(frozen=True)
class Question:
    """What is asked of a table: by Polars, and where it is asked of DuckDB too, in SQL."""

    key: str
    polars: Frames
    sql: str | None = None


QUESTIONS = {
    "records, whole": Question("records", lambda frame: frame),
    "records, trades of half an hour": Question(
        "records",
        lambda frame: frame.filter(
            pl.col("ts_recv") >= OPEN,
            pl.col("ts_recv") < OPEN + dt.timedelta(minutes=30),
            pl.col("action") == "T",
        ).select("ts_recv", "price", "size", "side"),
    ),
    "records, trades with the best prices": Question(
        "records",
        lambda frame: frame.filter(pl.col("action") == "T").select(
            "ts_recv", "price", "size", "bid_px_00", "ask_px_00"
        ),
        "SELECT sum(size), avg(ask_px_00 - bid_px_00) FROM rows WHERE action = 'T'",
    ),
    "records, five columns of a minute": Question(
        "records",
        lambda frame: frame.filter(
            pl.col("ts_recv") >= OPEN, pl.col("ts_recv") < OPEN + dt.timedelta(minutes=1)
        ).select("ts_recv", "price", "size", "bid_px_00", "ask_px_00"),
    ),
    "MARKET of 20 dates, whole": Question("market", lambda frame: frame),
    "MARKET of 10 dates, 3 columns": Question(
        "market",
        lambda frame: frame.filter(pl.col("dt") > DATE - dt.timedelta(10)).select(
            "ts", "quoted_spread_ticks", "dt"
        ),
        f"SELECT dt, avg(quoted_spread_ticks) FROM rows WHERE dt > DATE '{DATE}' - 10 GROUP BY 1",
    ),
    "MARKET of one date, 3 columns": Question(
        "market",
        lambda frame: frame.filter(pl.col("dt") == DATE).select("ts", "quoted_spread_ticks", "dt"),
    ),
    "bars of 150 dates, whole": Question("bars", lambda frame: frame),
    "bars of 150 dates, volume by date": Question(
        "bars",
        lambda frame: frame.group_by("dt").agg(pl.col("volume").sum()).sort("dt"),
        "SELECT dt, sum(volume) FROM rows GROUP BY dt",
    ),
}


def publish_copies(lake: Path, name: str) -> None:
    """Publish a day's table under earlier dates too, its times moved: no two are the same."""
    source = Partition(dataset(KEYS[name]), SYMBOL, DATE)
    contract = source.dataset.contract()
    with open_table(lake, source) as table:
        manifest, rows = table.manifest, table.read()
    for days in range(1, COPIES[name] + 1):
        partition = replace(source, date=DATE - dt.timedelta(days))
        if (lake / partition.folder).exists():
            continue
        with PartitionBuild(lake, partition) as build:
            file = build.create(PART)
            with PartWriter(file, contract, str(partition)) as writer:
                for batch in moved(rows, days).to_batches(ROW_GROUP_ROWS):
                    writer.write(batch)
                writer.close()
            entry = FileEntry(PART, file.bytes, writer.rows, file.sha256, writer.footer_sha256)
            written = replace(manifest, dt=partition.date.isoformat(), files=(entry,))
            build.commit(written.to_bytes())


def moved(rows: pa.Table, days: int) -> pa.Table:
    columns = [
        pc.subtract(column, pa.scalar(dt.timedelta(days), pa.duration("ns")))
        if pa.types.is_timestamp(column.type)
        else column
        for column in rows.columns
    ]
    return pa.table(columns, schema=rows.schema).combine_chunks()


def forget() -> None:
    """Forget the footers and manifests that were parsed."""
    file_footer.FOOTERS.forget()
    lake_reader._parsed.cache_clear()


def readers(lake: Path, question: Question) -> dict[str, Callable[[], Any]]:
    """Return what answers a question, by name."""
    key = KEYS[question.key]
    found = complete_partitions(key, lake_root=lake)
    files = [str(lake / partition.folder / PART) for partition in found]

    def ours(verify: Any) -> pl.DataFrame:
        return question.polars(scan(key, lake_root=lake, verify=verify)).collect()

    def theirs() -> pl.DataFrame:
        return question.polars(pl.scan_parquet(files, hive_partitioning=True)).collect()

    def ours_in_duckdb(verify: Any) -> list[Any]:
        rows = to_duckdb(key, lake_root=lake, verify=verify)
        return sorted(rows.query("rows", str(question.sql)).fetchall())

    def theirs_in_duckdb() -> list[Any]:
        rows = duckdb.read_parquet(files, hive_partitioning=True)
        return sorted(rows.query("rows", str(question.sql)).fetchall())

    def first_time() -> pl.DataFrame:
        forget()
        return ours("pages")

    made: dict[str, Callable[[], Any]] = {
        "scan": lambda: ours("pages"),
        "scan, first time": first_time,
        "scan, verify=none": lambda: ours("none"),
        "scan, verify=file": lambda: ours("file"),
        "polars.scan_parquet": theirs,
    }
    if question.sql is not None:
        made |= {
            "to_duckdb": lambda: ours_in_duckdb("pages"),
            "to_duckdb, verify=none": lambda: ours_in_duckdb("none"),
            "duckdb.read_parquet": theirs_in_duckdb,
        }
    return made


PAIRS = (
    ("scan", "scan, verify=none"),
    ("scan, verify=file", "scan, verify=none"),
    ("scan", "polars.scan_parquet"),
    ("scan, first time", "polars.scan_parquet"),
    ("to_duckdb", "to_duckdb, verify=none"),
    ("to_duckdb", "duckdb.read_parquet"),
)


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, pl.DataFrame):
        return bool(ours.equals(theirs.select(ours.columns)))
    return bool(str(ours) == str(theirs))


def measure(name: str, asked: dict[str, Callable[[], Any]], rounds: int) -> None:
    """Print the medians of a question's readers and the ratios of pairs."""
    answers = {reader: ask() for reader, ask in asked.items()}
    for one, other in PAIRS:
        if one in answers and not same(answers[one], answers[other]):
            raise SystemExit(f"{name}: {one} and {other} give other rows")
    del answers
    spent: dict[str, list[tuple[float, float]]] = {reader: [] for reader in asked}
    chance = random.Random(0)
    for _ in range(rounds):
        # Who comes after another library finds caches and threads otherwise.
        for reader in chance.sample(list(asked), len(asked)):
            wall, cpu = time.perf_counter(), time.process_time()
            asked[reader]()
            spent[reader].append((time.perf_counter() - wall, time.process_time() - cpu))
    print(f"\n{name:40}wall ms    cpu ms")
    for reader, runs in spent.items():
        wall, cpu = (1000 * statistics.median(values) for values in zip(*runs, strict=True))
        print(f"  {reader:36}{wall:9.1f} {cpu:9.1f}")
    for one, other in PAIRS:
        if one in spent:
            ratios = [
                sorted(a[kind] / b[kind] for a, b in zip(spent[one], spent[other], strict=True))
                for kind in (0, 1)
            ]
            texts = [f"{statistics.median(r):.2f} ({r[0]:.2f} to {r[-1]:.2f})" for r in ratios]
            print(f"  {one} / {other}: wall {texts[0]}, cpu {texts[1]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lake", type=Path, default=DEFAULT_RAW / "readers")
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=11)
    args = parser.parse_args()
    write_records(args.lake, args.records)
    for name in COPIES:
        publish_copies(args.lake, name)
    dates = ", ".join(f"{count + 1} dates of {name}" for name, count in COPIES.items())
    print(f"{machine()}; {args.records:,} records, {dates}")
    for name, question in QUESTIONS.items():
        measure(name, readers(args.lake, question), args.rounds)


if __name__ == "__main__":
    main()
