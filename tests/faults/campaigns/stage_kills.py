"""SIGKILL before each call of a publish of stages, and the run after it."""

from __future__ import annotations

from functools import partial
from typing import Final

from ..campaign import WIDE_BYTES, Budget, Counts, Kind, Seeds
from ..injected import DyingIo, injected, killed
from ..stage_lake import StageLake, StagePoint, stages_to_build
from ..stage_promise import Tried, look

NAME: Final = "stage_kills"
KIND: Final[Kind] = "faults"
BOUNDED: Final = 48
SHARE: Final = 8.0
ADDRESS_BYTES: Final = WIDE_BYTES


def run(_rng: Seeds, budget: Budget) -> Counts:
    """Run each stage in a child that dies at a call; then look, and run it again."""
    counts = Counts(NAME, KIND)
    lake = StageLake.built(budget.folder / "lake", stages_to_build(budget, BOUNDED))
    for number in budget.numbers():
        stage, is_old, at = StagePoint.of(number, BOUNDED)
        wanted, data = lake.whole[stage.writes[0].key]
        before = lake.prepare(stage, is_old=is_old)
        with counts.case(number), injected(DyingIo(at)):
            was_killed = killed(partial(lake.run, stage))
        look(counts, number, Tried(lake, stage, before, wanted, data), had_fault=was_killed)
    return counts
