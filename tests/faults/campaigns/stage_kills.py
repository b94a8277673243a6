"""SIGKILL before each call of a publish of each light stage, and the run after it."""

from __future__ import annotations

from functools import partial
from typing import Final

from ..campaign import WIDE_BYTES, Budget, Counts, Kind, Seeds
from ..injected import DyingIo, injected, killed
from ..stage_lake import StageLake, light_stages
from ..stage_promise import Tried, look

NAME: Final = "stage_kills"
KIND: Final[Kind] = "faults"
BOUNDED: Final = 30
SHARE: Final = 5.0
ADDRESS_BYTES: Final = WIDE_BYTES

CALLS: Final = 48
"""A light stage makes fewer: past its end it ends undisturbed."""
STRIDE: Final = 37
"""Apart from the number of points: numbers that follow each other are not neighbours."""


def run(_rng: Seeds, budget: Budget) -> Counts:
    """Run each stage in a child that dies at a call; then look, and run it again."""
    counts = Counts(NAME, KIND)
    stages = light_stages()
    lake = StageLake.built(budget.folder / "lake", stages)
    wanted = {stage.writes[0].key: (lake.versions(stage), lake.data(stage)) for stage in stages}
    points = len(stages) * 2 * CALLS
    for number in budget.numbers():
        at, which = divmod(number * STRIDE % points, len(stages) * 2)
        stage, is_old = stages[which // 2], bool(which % 2)
        before = lake.prepare(stage, is_old=is_old)
        with counts.case(number), injected(DyingIo(at)):
            was_killed = killed(partial(lake.run, stage))
        tried = Tried(lake, stage, before, *wanted[stage.writes[0].key])
        look(counts, number, tried, had_fault=was_killed)
    return counts
