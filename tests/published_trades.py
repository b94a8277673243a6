"""A small published table with every kind of column: for readers and for damage."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.lake.manifest import FileEntry, Manifest
from src.data_eng.lake.part import PartWriter
from src.data_eng.lake.paths import PART, Partition
from src.data_eng.lake.publish import PartitionBuild
from src.data_eng.lake.table import open_table

KEY: Final = "silver.future.trades"
DATE: Final = dt.date(2025, 6, 5)
PARTITION: Final = Partition(dataset(KEY), "ESM5", DATE)
OPEN_NS: Final = 1_749_130_200_000_000_000  # 09:30 in New York
ROW_GROUP: Final = 200


def trades(rows: int = 500, seed: int = 0) -> pa.Table:
    """Return trades a tenth of a second apart, some prices, sizes and quotes of them null."""
    rng = np.random.default_rng(seed)
    ts = OPEN_NS + 10**8 * np.arange(rows)
    price = rng.integers(24_000, 24_040, rows) / 4
    codes = pa.array(rng.integers(0, 3, rows), pa.int32())
    columns = [
        pa.array(ts, pa.timestamp("ns", "UTC")),
        pa.array(ts - rng.integers(0, 10**6, rows), pa.timestamp("ns", "UTC")),
        pa.array(np.cumsum(rng.integers(1, 9, rows))),
        pa.array(price, mask=rng.random(rows) < 0.1),
        pa.array(rng.integers(0, 99, rows), pa.int32(), mask=rng.random(rows) < 0.1),
        pa.DictionaryArray.from_arrays(codes, pa.array(["A", "B", "N"])),
        pa.array(rng.random(rows) < 0.1),
        pa.array(price - 0.25, mask=rng.random(rows) < 0.5),
        pa.array(rng.random(rows)),
    ]
    return pa.table(columns, schema=PARTITION.dataset.contract().arrow_schema)


def publish_table(lake: Path, table: pa.Table, partition: Partition = PARTITION) -> Path:
    """Publish a partition of these rows, in row groups of `ROW_GROUP`; return its folder."""
    contract = partition.dataset.contract()
    with PartitionBuild(lake, partition) as build:
        file = build.create(PART)
        with PartWriter(file, contract, str(partition)) as writer:
            for batch in table.combine_chunks().to_batches(ROW_GROUP):
                writer.write(batch)
            writer.close()
        entry = FileEntry(PART, file.bytes, writer.rows, file.sha256, writer.footer_sha256)
        manifest = Manifest(
            dataset=partition.dataset.key, symbol=partition.symbol, dt=partition.date.isoformat(),
            stage="test", stage_version=1, contract_path=contract.path,
            contract_sha256=contract.sha256, parameters={}, facts={}, rows=writer.rows,
            files=(entry,), inputs=(), libraries={},
        )  # fmt: skip
        build.commit(manifest.to_bytes())
    return lake / partition.folder


def damage_prices(lake: Path, partition: Partition = PARTITION) -> None:
    """Damage the prices of the first row group, and nothing else."""
    with open_table(lake, partition) as table:
        price = table.source.footer.row_groups[0].column("price")
    part = lake / partition.folder / PART
    content = bytearray(part.read_bytes())
    content[price.start + price.size - 1] ^= 1
    part.write_bytes(content)
