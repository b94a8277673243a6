"""Raw files damaged at random: refused by the vendor's manifest, else an error or their rows."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Final

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.errors import CorruptPartitionError, PartitionNotFoundError
from src.data_eng.lake.paths import Partition
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.lake.table import open_table
from src.data_eng.stages.outcome import Status
from tests.dbn_files import DATE, decode, mbp10_records, write_mbp10
from tests.lakes import run as run_stage_of

from ..campaign import WIDE_BYTES, Budget, Counts, Kind, Seeds
from ..mutators import mutated_bytes

NAME: Final = "damaged_raw"
KIND: Final[Kind] = "damages"
BOUNDED: Final = 80
SHARE: Final = 3.0
ADDRESS_BYTES: Final = WIDE_BYTES

KEY: Final = "bronze.future.market_by_price_10"
PARTITION: Final = Partition(dataset(KEY), "ESM5", DATE)
RECORDS: Final = 40
FOLDER: Final = "raw/source=databento/product_type=future/symbol=ES/table=market_by_price_10"
MANIFEST: Final = "manifest.json"


def _flipped(path: Path, one: Random) -> None:
    data = bytearray(path.read_bytes())
    data[one.randrange(len(data))] ^= 1 << one.randrange(8)
    path.write_bytes(data)


def _mutated(path: Path, one: Random) -> None:
    path.write_bytes(mutated_bytes(path.read_bytes(), one))


def _cut(path: Path, one: Random) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: one.randrange(len(data))])


def _no_file(path: Path, one: Random) -> None:
    path.unlink()
    kind = one.randrange(5)
    if kind == 0:
        path.mkdir()
    elif kind == 1:
        path.symlink_to(path)
    elif kind == 2:
        os.mkfifo(path)
    elif kind == 3:
        path.symlink_to(path.with_name("not there"))


def _twice(path: Path, one: Random) -> None:
    data = path.read_bytes()
    path.write_bytes(data + data[one.randrange(len(data)) :])


DAMAGES: Final[Sequence[Callable[[Path, Random], None]]] = (
    *(_flipped, _flipped, _flipped, _mutated, _mutated, _mutated, _cut, _cut, _twice, _no_file),
)


def _listed(path: Path) -> str:
    data = path.read_bytes()
    entry = {"filename": path.name, "size": len(data), "hash": hashlib.sha256(data).hexdigest()}
    return json.dumps({"files": [entry]})


def _standing(lake: Path) -> str | None:
    try:
        with PublishedPartition(lake, PARTITION) as published:
            published.verify()
            return published.manifest_sha256
    except PartitionNotFoundError:
        return None


def _is_whole(lake: Path, path: Path) -> bool:
    # What was published are the records of the front month that a reader finds in the file.
    records = decode(path, "mbp-10")[0]
    with open_table(lake, PARTITION) as table:
        rows = table.read(["ts_recv", "size"])
    kept = records[records["instrument_id"] == 5002]
    times = rows["ts_recv"].cast("int64").to_pylist()
    return bool(
        times == kept["ts_recv"].tolist() and rows["size"].to_pylist() == kept["size"].tolist()
    )


def _check(counts: Counts, number: int, lake: Path, before: str | None, *, listed: bool) -> None:
    # What stands after the run, whatever it came to.
    try:
        now = _standing(lake)
    except CorruptPartitionError as error:
        counts.find("half_written", number, str(error))
        return
    if now == before:
        counts.survived_old += 1
    elif now is None:
        counts.find("lost", number, "the old partition is gone")
    elif listed:
        counts.find("wrong_values", number, "published, though the vendor's manifest contradicts")
    else:
        counts.survived_new += 1


def _write(path: Path, one: Random) -> None:
    write_mbp10(
        path,
        mbp10_records(RECORDS),
        version=one.choice((1, 2, 3)),
        frames=one.choice((1, 1, 3)),
        checksum=one.random() < 0.5,
    )


def _case(counts: Counts, number: int, one: Random, lake: Path) -> None:
    """Damage the raw file of a date, over an old partition or none, and run Bronze."""
    folder = lake / FOLDER
    path = folder / f"glbx-mdp3-20250605.mbp-10.dbn{one.choice(('', '.zst'))}"
    _write(path, one)
    listed, before = one.random() < 0.5, None
    if one.random() < 0.5:
        run_stage_of(KEY, lake, "ES", DATE)
        before = _standing(lake)
    clean = path.read_bytes()
    if listed:
        (folder / MANIFEST).write_text(_listed(path))
    one.choice(DAMAGES)(path, one)
    is_same = path.is_file() and path.read_bytes() == clean
    with counts.case(number):
        outcome = run_stage_of(KEY, lake, "ES", DATE, refresh_stale=True)
        if outcome.status is Status.WRITTEN and not _is_whole(lake, path):
            counts.find("wrong_values", number, "other rows than the file holds")
    _check(counts, number, lake, before, listed=listed and not is_same)


def run(rng: Seeds, budget: Budget) -> Counts:
    """Run the cases, each in a lake of its own."""
    counts = Counts(NAME, KIND)
    for number in budget.numbers():
        lake = budget.folder / str(number)
        lake.mkdir()
        _case(counts, number, rng.of(number), lake)
        shutil.rmtree(lake)
    return counts
