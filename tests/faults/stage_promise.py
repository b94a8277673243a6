"""The promise for what a stage publishes: each partition is old or new, and the next run mends."""

from __future__ import annotations

from typing import NamedTuple

from src.data_eng.errors import CorruptPartitionError, DataEngError
from src.data_eng.stages.stage import Stage

from .campaign import Counts
from .stage_lake import StageLake, Versions


class Tried(NamedTuple):
    """A stage after a fault.

    Attributes
    ----------
    before, wanted : list of str or None
        Manifests before, and of an undisturbed run.
    data : list of bytes
        Data files of an undisturbed run.
    """

    lake: StageLake
    stage: Stage
    before: Versions
    wanted: Versions
    data: list[bytes]


def seen(counts: Counts, number: int, tried: Tried) -> bool:
    """Count what readers see; return whether every partition is the old or the new one."""
    name = tried.stage.name
    try:
        now = tried.lake.versions(tried.stage)
    except CorruptPartitionError as error:
        counts.find("half_written", number, f"{name}: {error}")
        return False
    for one, old, new in zip(now, tried.before, tried.wanted, strict=True):
        if one not in (old, new):
            is_gone = one is None
            told = f"{name}: {'no partition' if is_gone else 'another partition'}"
            counts.find("lost" if is_gone else "wrong_values", number, told)
            return False
    # Of several tables: the last one is published last.
    if now[-1] == tried.wanted[-1]:
        counts.survived_new += 1
    else:
        counts.survived_old += 1
    return True


def look(counts: Counts, number: int, tried: Tried, *, had_fault: bool) -> None:
    """Count what readers see after a fault, and then what the next run makes of it."""
    lake, stage = tried.lake, tried.stage
    if not seen(counts, number, tried):
        return
    if not had_fault and lake.versions(stage) != tried.wanted:
        counts.find("lost", number, f"{stage.name}: nothing failed, and nothing was published")
    try:
        lake.run(stage)
    except DataEngError as error:
        counts.find("lost", number, f"{stage.name}: the next run fails: {error}")
        return
    if lake.versions(stage) != tried.wanted or lake.data(stage) != tried.data:
        counts.find("wrong_values", number, f"{stage.name}: the next run gives other bytes")
    if lake.left(stage):
        counts.find("lost", number, f"{stage.name}: leftovers after the next run")
