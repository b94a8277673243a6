"""Partitions for tests of the lake: published with any operating-system calls, read back whole."""

from __future__ import annotations

from pathlib import Path

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.errors import PartitionNotFoundError
from src.data_eng.lake.manifest import FileEntry, Manifest
from src.data_eng.lake.osio import REAL, OsIo
from src.data_eng.lake.paths import PART, Partition
from src.data_eng.lake.publish import PartitionBuild, repair
from src.data_eng.lake.reader import PublishedPartition
from tests.dbn_files import DATE

PARTITION = Partition(dataset("gold.future.market_by_price_10_first3h"), "ESM5", DATE)
OLD, NEW = b"old rows" * 40, b"the new rows" * 90


def publish(lake: Path, content: bytes, osio: OsIo = REAL) -> None:
    """Repair and publish a partition whose data file is ``content``, as a stage does."""
    repair(lake, PARTITION, osio)
    with PartitionBuild(lake, PARTITION, osio) as build:
        file = build.create(PART)
        file.write(content)
        manifest = Manifest(
            dataset=PARTITION.dataset.key,
            symbol=PARTITION.symbol,
            dt=PARTITION.date.isoformat(),
            stage="test",
            stage_version=1,
            contract_path="x.avsc",
            contract_sha256="0" * 64,
            parameters={},
            facts={},
            rows=1,
            files=(FileEntry(PART, file.bytes, 1, file.sha256, "0" * 64),),
            inputs=(),
            libraries={},
        )
        build.commit(manifest.to_bytes())


def visible(lake: Path) -> bytes | None:
    """Return the data of the published partition, verified; None where there is none."""
    try:
        with PublishedPartition(lake, PARTITION) as published:
            published.verify()
            with published.open_part() as file:
                return bytes(file.read())
    except PartitionNotFoundError:
        return None


def entries(lake: Path) -> list[str]:
    """Return what lies in the table's folder."""
    table = lake / PARTITION.table_folder
    return sorted(path.name for path in table.iterdir()) if table.is_dir() else []
