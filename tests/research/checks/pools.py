"""Pools of made-up features, and lakes that hold them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from src.data_eng.arrays import arrow_array
from src.data_eng.catalogue.datasets import Dataset
from src.data_eng.catalogue.finding import Finding, Severity
from src.data_eng.lake.manifest import FileEntry, Manifest
from src.data_eng.lake.part import PartWriter
from src.data_eng.lake.paths import PART, Partition
from src.data_eng.lake.publish import PartitionBuild
from src.data_eng.research.checks.pool import F64, Pool

SESSIONS = 20
ROWS = 40
TABLE = "silver.future.market"
NEW_YORK_NANOS = {"type": "long", "logicalType": "timestamp-nanos", "timeZone": "America/New_York"}


def pool_of(
    columns: Mapping[str, F64], sessions: int = SESSIONS, tables: Mapping[str, str] | None = None
) -> Pool:
    """Pool of columns of equal length, cut into sessions of equal length."""
    values = np.column_stack(list(columns.values()))
    names = tuple(columns)
    of = tuple((tables or {}).get(name, TABLE) for name in names)
    return Pool(names, of, tuple(np.split(values, sessions)))


def independent(count: int, seed: int, rows: int = SESSIONS * ROWS) -> dict[str, F64]:
    """Independent columns of different kinds: normal, heavy-tailed, never negative, counts."""
    rng = np.random.default_rng(seed)
    kinds = (
        lambda: rng.normal(rng.uniform(-1e4, 1e4), 10.0 ** rng.integers(-4, 4), rows),
        lambda: rng.standard_t(3, rows) * 10.0 ** rng.integers(-4, 4),
        lambda: rng.lognormal(rng.uniform(-2, 6), 1.0, rows),
        lambda: rng.poisson(rng.uniform(0.5, 50), rows).astype(np.float64),
        lambda: rng.uniform(-1, 1, rows),
    )
    return {f"x{index}": np.asarray(kinds[index % len(kinds)]()) for index in range(count)}


def innocent(seed: int, rows: int = 120) -> dict[str, F64]:
    """Columns that say nothing of each other or of the clock, 20 sessions of them.

    Noise of different kinds, random walks that begin anew each session and random walks that go
    on, rare counts, a rare count so far, a side that changes, and columns with holes.
    """
    rng = np.random.default_rng(seed)
    count = SESSIONS * rows
    columns = independent(5, seed, count)
    for number in range(3):
        steps = rng.normal(size=(SESSIONS, rows))
        columns[f"walk{number}"] = steps.cumsum(axis=1).ravel() * 10.0 ** rng.integers(-2, 3)
    columns["long_walk"] = rng.normal(0.0, 5.0, count).cumsum()
    for number, rate in enumerate((0.01, 0.03)):
        columns[f"rare{number}"] = rng.poisson(rate, count).astype(np.float64)
    so_far = rng.poisson(0.02, (SESSIONS, rows)).cumsum(axis=1).ravel()
    columns["so_far"] = so_far.astype(np.float64)
    columns["side"] = np.sign(columns["walk0"])
    holes = rng.random((2, count)) < 0.3
    columns["with_holes"] = np.where(holes[0], np.nan, rng.normal(size=count))
    far = np.abs(columns["walk1"]) > np.median(np.abs(columns["walk1"]))
    columns["far_walk"] = np.where(far, np.nan, rng.normal(size=count))
    # Warm-up: nothing before the tenth row of a session, and a session without a value.
    late = np.tile(np.arange(rows) < 10, SESSIONS) | (np.arange(count) < rows)
    columns["late"] = np.where(late, np.nan, rng.normal(size=count))
    columns["late_too"] = np.where(late, np.nan, rng.lognormal(size=count))
    return columns


def failed(findings: Iterable[Finding]) -> list[tuple[str, ...]]:
    """Columns of each FAIL."""
    return [found.columns for found in findings if found.severity is Severity.FAIL]


def dataset_of(folder: Path, key: str, features: Sequence[str]) -> Dataset:
    """A feature table with a contract of its own."""
    layer, product_type, table = key.split(".")
    time = {"type": "long", "logicalType": "timestamp-nanos"}
    fields: list[dict[str, Any]] = [
        {"name": "ts", "type": time, "doc": "Grid time. Never null."},
        {"name": "ts_est", "type": NEW_YORK_NANOS, "doc": "The same in New York. Never null."},
    ]
    fields += [
        {"name": name, "type": ["null", "double"], "default": None, "doc": f"{name}|1. Null: no."}
        for name in features
    ]
    file = folder / layer / product_type / f"{table}.avsc"
    file.parent.mkdir(parents=True, exist_ok=True)
    schema = {"type": "record", "name": table, "doc": f"Table {table}.", "fields": fields}
    file.write_text(json.dumps(schema))
    path = f"{layer}/product_type={product_type}/symbol={{symbol}}/table={table}"
    return Dataset(key, path, str(file), ())


def publish(
    lake: Path,
    dataset: Dataset,
    date: dt.date,
    values: F64,
    *,
    symbol: str = "ESM5",
    first_ts: int = 0,
    contract_sha256: str | None = None,
) -> Path:
    """Publish a partition whose features are ``values``, NaN as null; return its folder."""
    contract = dataset.contract()
    ts = np.arange(first_ts, first_ts + len(values), dtype=np.int64)
    arrays = [arrow_array(ts, field.type) for field in contract.fields[:2]]
    for column in values.T:
        data = np.ascontiguousarray(column)
        arrays.append(arrow_array(data, pa.float64(), np.isnan(data)))
    batch = pa.RecordBatch.from_arrays(arrays, schema=contract.arrow_schema)
    partition = Partition(dataset, symbol, date)
    with PartitionBuild(lake, partition) as build:
        file = build.create(PART)
        with PartWriter(file, contract, str(partition)) as writer:
            writer.write(batch)
            writer.close()
        manifest = Manifest(
            dataset.key, symbol, date.isoformat(), "test", 1, contract.path,
            contract_sha256 or contract.sha256, {}, {}, writer.rows,
            (FileEntry(PART, file.bytes, writer.rows, file.sha256, writer.footer_sha256),), (), {},
        )  # fmt: skip
        build.commit(manifest.to_bytes())
    return lake / partition.folder
