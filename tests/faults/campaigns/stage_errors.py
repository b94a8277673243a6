"""An error of the system at each call of a publish of stages, once and for good."""

from __future__ import annotations

from typing import Final

from ..campaign import WIDE_BYTES, Budget, Counts, Kind, Seeds
from ..faulty_io import FailingIo
from ..injected import injected
from ..stage_lake import StageLake, StagePoint, stages_to_build
from ..stage_promise import Tried, look
from .publish_errors import CODES

NAME: Final = "stage_errors"
KIND: Final[Kind] = "faults"
BOUNDED: Final = 96
SHARE: Final = 8.0
ADDRESS_BYTES: Final = WIDE_BYTES


def run(rng: Seeds, budget: Budget) -> Counts:
    """Run each stage with a call that fails; then look, and run it again."""
    counts = Counts(NAME, KIND)
    lake = StageLake.built(budget.folder / "lake", stages_to_build(budget, BOUNDED))
    for number in budget.numbers():
        one = rng.of(number)
        stage, is_old, at = StagePoint.of(number, BOUNDED)
        wanted, data = lake.whole[stage.writes[0].key]
        before = lake.prepare(stage, is_old=is_old)
        io = FailingIo(at, one.choice(CODES), for_good=one.random() < 0.5)
        with counts.case(number), injected(io):
            lake.run(stage)
        tried = Tried(lake, stage, before, wanted, data)
        look(counts, number, tried, had_fault=io.failed is not None)
    return counts
