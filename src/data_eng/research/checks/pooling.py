"""Feature tables of a lake, read into a `Pool`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ...catalogue.datasets import Dataset
from ...catalogue.feature_tables import feature_table
from ...errors import LakeError, PartitionNotFoundError
from ...lake.paths import Partition
from ...lake.reader import PublishedPartition
from ...lake.table import Table, Verify
from ..published import check_contract
from .pool import F64, Pool

Keys = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class PooledLake:
    """What was read.

    Attributes
    ----------
    pool : Pool
        The values; features of a table that has no partition of a session are null there.
    sessions : tuple of (str, datetime.date)
        Symbol and date of each of the pool's sessions.
    ts : tuple of int64 arrays, ns since epoch
        The times of the rows of each of the pool's sessions.
    covered : dict
        For each table, by dataset key, the number of sessions that have it.
    """

    pool: Pool
    sessions: tuple[tuple[str, dt.date], ...]
    ts: tuple[Keys, ...]
    covered: dict[str, int]


def read_pool(
    lake_root: Path,
    datasets: Sequence[Dataset],
    sessions: Sequence[tuple[str, dt.date]],
    verify: Verify = "pages",
) -> PooledLake:
    """Read the features of some sessions.

    Parameters
    ----------
    lake_root : Path
        The lake.
    datasets : sequence of Dataset
        Feature tables of one layer.
    sessions : sequence of (str, datetime.date)
        Symbols and dates; one without a complete partition of any table is left out.
    verify : str
        As of `lake.table.Table`.

    Raises
    ------
    ContractError
        A partition was written under another version of its contract.
    LakeError
        A partition cannot be read, is corrupt, or has other rows than the other tables.
    """
    tables = [feature_table(dataset) for dataset in datasets]
    covered = {table.key: 0 for table in tables}
    pooled, read, times = [], [], []
    for symbol, date in sessions:
        parts = [_read(lake_root, Partition(dataset, symbol, date), verify) for dataset in datasets]
        keys = next((part[0] for part in parts if part is not None), None)
        if keys is None:
            continue
        columns = []
        for table, part in zip(tables, parts, strict=True):
            if part is None:
                columns.append(np.full((len(keys), len(table.columns)), np.nan, order="F"))
                continue
            if not np.array_equal(part[0], keys):
                raise LakeError(
                    f"{table.key} {symbol} {date}: its ts are not those of the session's other "
                    f"feature tables; rebuild them with --layer {table.layer} --refresh-stale"
                )
            covered[table.key] += 1
            columns.append(part[1])
        pooled.append(np.hstack(columns))
        read.append((symbol, date))
        times.append(keys)
    pool = Pool(
        tuple(name for table in tables for name in table.columns),
        tuple(table.key for table in tables for _ in table.columns),
        tuple(pooled),
    )
    return PooledLake(pool, tuple(read), tuple(times), covered)


def _read(lake_root: Path, partition: Partition, verify: Verify) -> tuple[Keys, F64] | None:
    # Keys and values of a partition; None where there is none, or no complete one.
    contract = partition.dataset.contract()
    names = list(feature_table(partition.dataset).columns)
    try:
        published = PublishedPartition(lake_root, partition)
    except PartitionNotFoundError:
        return None
    with published:
        check_contract(partition, published.manifest, contract)
        with Table(published, verify) as source:
            source.check_contract()
            table = source.read(["ts", *names])
    values = np.empty((table.num_rows, len(names)), order="F")
    for position, name in enumerate(names):
        column = table.column(name).cast(pa.float64()).combine_chunks()
        values[:, position] = column.to_numpy(zero_copy_only=False)
    keys = table.column("ts").cast(pa.int64()).combine_chunks().to_numpy(zero_copy_only=False)
    return keys, values
