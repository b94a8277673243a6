"""Published partitions damaged at random: verify names it, and no reader gives another value."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Final
from unittest.mock import patch

import pyarrow as pa

from src.data_eng.errors import DataEngError
from src.data_eng.lake import reader
from src.data_eng.lake.inputs import InputTable
from src.data_eng.lake.manifest import manifest_sha256
from src.data_eng.lake.paths import MANIFEST, PART, SUCCESS
from src.data_eng.lake.table import open_table
from src.data_eng.pipeline.inventory import take_inventory
from src.data_eng.pipeline.verification import Kind as FaultKind
from src.data_eng.pipeline.verification import foreign_faults, partition_faults
from src.data_eng.research.reading import scan
from src.data_eng.settings import Settings
from tests.published_trades import KEY, PARTITION, publish_table, trades

from ..campaign import WIDE_BYTES, Budget, Counts, Kind, Seeds
from ..mutators import mutated_bytes, mutated_json, mutated_text

NAME: Final = "damaged_partitions"
KIND: Final[Kind] = "damages"
BOUNDED: Final = 150
SHARE: Final = 7.0
ADDRESS_BYTES: Final = WIDE_BYTES

Files = dict[str, bytes]


def _flipped(files: Files, one: Random) -> None:
    data = bytearray(files[PART])
    data[one.randrange(len(data))] ^= 1 << one.randrange(8)
    files[PART] = bytes(data)


def _mutated(files: Files, one: Random) -> None:
    name = one.choice((PART, PART, MANIFEST, SUCCESS))
    change = mutated_bytes if name == PART else mutated_text
    files[name] = change(files[name], one)


def _cut(files: Files, one: Random) -> None:
    name = one.choice((PART, MANIFEST, SUCCESS))
    files[name] = files[name][: one.randrange(len(files[name]))]


def _deleted(files: Files, one: Random) -> None:
    del files[one.choice((PART, MANIFEST, SUCCESS))]


def _added(files: Files, one: Random) -> None:
    files[one.choice(("part-00001.parquet", "x", "_x", ".x"))] = one.randbytes(20)


def _swapped(files: Files, one: Random) -> None:
    first, second = one.sample((PART, MANIFEST, SUCCESS), 2)
    files[first], files[second] = files[second], files[first]


def _manifest_rewritten(files: Files, one: Random) -> None:
    # By somebody who knows of _SUCCESS: sizes, hashes and rows must be those of the data still.
    body = json.loads(files[MANIFEST])
    entries, body["files"] = body["files"], json.loads(mutated_json(body["files"], one))
    if body["files"] == entries:
        return
    files[MANIFEST] = json.dumps(body).encode("utf-8", "backslashreplace")
    files[SUCCESS] = (manifest_sha256(files[MANIFEST]) + "\n").encode()


DAMAGES: Final[Sequence[Callable[[Files, Random], None]]] = (
    *(_flipped, _flipped, _flipped, _mutated, _mutated),
    *(_cut, _deleted, _added, _swapped, _manifest_rewritten),
)


def _is_named(lake: Path) -> bool:
    # As `data-eng verify` looks; the rows are of no stage of today, so that "stale" says nothing.
    settings = Settings(lake_root=lake)
    found = tuple(take_inventory(settings, [PARTITION.dataset], None, None))
    faults = [*partition_faults(settings, found), *foreign_faults(lake, found)]
    return any(fault.kind is not FaultKind.STALE for fault in faults)


def _by_row_groups(lake: Path) -> pa.Table:
    with open_table(lake, PARTITION) as table:
        groups = [table.read_row_group(index) for index in range(table.row_groups)]
        return pa.concat_tables(groups)


def _by_columns(lake: Path) -> pa.Table:
    with open_table(lake, PARTITION) as table:
        columns = [table.read([name])[name] for name in table.schema.names]
        return pa.table(columns, schema=table.schema)


def _by_pieces(lake: Path) -> pa.Table:
    with open_table(lake, PARTITION) as table:
        return pa.concat_tables(table.pieces(table.schema.names))


def _by_a_stage(lake: Path) -> pa.Table:
    opened = InputTable(lake, PARTITION)
    try:
        rows = opened.table.read()
        opened.verify()
        return rows
    finally:
        opened.close()


def _by_scan(lake: Path) -> pa.Table:
    frame = scan(KEY, symbol=PARTITION.symbol, lake_root=lake).collect().drop("symbol", "dt")
    found: pa.Table = frame.to_arrow()
    return found


READERS: Final[Sequence[Callable[[Path], pa.Table]]] = (
    *(_by_row_groups, _by_columns, _by_pieces, _by_a_stage, _by_scan),
)


def _check(counts: Counts, number: int, lake: Path, wanted: pa.Table, *, differs: bool) -> None:
    if differs and not _is_named(lake):
        counts.find("wrong_values", number, "verify does not name the damage")
    plain = wanted.to_pydict()
    for read in READERS:
        try:
            rows = read(lake)
        except DataEngError as error:
            if not str(error).strip():
                counts.find("tracebacks", number, "an error without a text")
            counts.refused += 1
            continue
        if rows.to_pydict() == plain:
            counts.survived_old += 1
        else:
            counts.find("wrong_values", number, f"{read.__name__} gives other rows")


def run(rng: Seeds, budget: Budget) -> Counts:
    """Damage a partition, verify it, and read it in every way."""
    counts = Counts(NAME, KIND)
    wanted = trades(450)
    lake = budget.folder / "lake"
    folder = publish_table(lake, wanted)
    clean = {path.name: path.read_bytes() for path in folder.iterdir()}
    for number in budget.numbers():
        one = rng.of(number)
        files = dict(clean)
        one.choice(DAMAGES)(files, one)
        shutil.rmtree(folder)
        folder.mkdir()
        for name, data in files.items():
            (folder / name).write_bytes(data)
        # Nothing replaces what is missing: it need not be waited for.
        with counts.case(number), patch.object(reader, "_RETRY_S", 0.0):
            _check(counts, number, lake, wanted, differs=files != clean)
    return counts
