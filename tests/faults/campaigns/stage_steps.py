"""Every stage, every table: what would stand were it killed before any call of its publish."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from src.data_eng.errors import DataEngError
from src.data_eng.lake.publish import leftovers, repair

from ..campaign import WIDE_BYTES, Budget, Counts, Kind, Seeds
from ..injected import WatchedIo, injected
from ..stage_lake import StageLake, stages_to_build
from ..stage_promise import Tried, seen

NAME: Final = "stage_steps"
KIND: Final[Kind] = "faults"
BOUNDED: Final = 24
"""The light stages, over none and over an old one."""
SHARE: Final = 12.0
ADDRESS_BYTES: Final = WIDE_BYTES
CASE_S: Final = 60.0


def _repaired(counts: Counts, number: int, tried: Tried, copy: Path) -> None:
    # What the next run finds after a kill here, in a lake of its own: leftovers go, no more.
    lake = tried.lake
    other = StageLake(copy)
    for partition in lake.partitions(tried.stage):
        table = lake.root / partition.table_folder
        if table.is_dir():
            shutil.copytree(table, copy / partition.table_folder)
    try:
        before = other.versions(tried.stage)
        for partition in lake.partitions(tried.stage):
            repair(copy, partition)
            if leftovers(copy, partition):
                counts.find("lost", number, f"{partition}: leftovers are not removed")
        if other.versions(tried.stage) != before:
            counts.find("lost", number, f"{tried.stage.name}: repair changes what stands")
    except DataEngError as error:
        counts.find("half_written", number, f"{tried.stage.name}: {error}")
    shutil.rmtree(copy)


def _looker(counts: Counts, number: int, tried: Tried, copy: Path) -> Callable[[int], None]:
    busy = False

    def look(_call: int) -> None:
        nonlocal busy
        if busy:  # the repair of the copy makes calls too
            return
        busy = True
        counts.injected += 1
        seen(counts, number, tried)
        copy.mkdir()
        _repaired(counts, number, tried, copy)
        busy = False

    return look


def run(_rng: Seeds, budget: Budget) -> Counts:
    """Run each stage once over none and once over an old partition, and look at every step."""
    counts = Counts(NAME, KIND)
    wanted_of = stages_to_build(budget, BOUNDED)
    lake = StageLake.built(budget.folder / "lake", wanted_of)
    done = 0
    for number in budget.numbers():
        if number >= 2 * len(wanted_of):
            break
        stage, is_old = wanted_of[number // 2], bool(number % 2)
        wanted, data = lake.versions(stage), lake.data(stage)
        tried = Tried(lake, stage, lake.prepare(stage, is_old=is_old), wanted, data)
        look = _looker(counts, number, tried, budget.folder / "copy")
        counts.injected -= 1  # the steps are counted, not the run
        with counts.case(number, CASE_S), injected(WatchedIo(look)):
            lake.run(stage)
        if lake.versions(stage) != wanted or lake.data(stage) != data:
            counts.find("wrong_values", number, f"{stage.name}: rebuilt to other bytes")
        done += 1
    counts.notes.append(f"{done} runs of {len(wanted_of)} stages")
    return counts
