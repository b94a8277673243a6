"""An error of the system at each call of a publish of each light stage, once and for good."""

from __future__ import annotations

from typing import Final

from ..campaign import WIDE_BYTES, Budget, Counts, Kind, Seeds
from ..faulty_io import FailingIo
from ..injected import injected
from ..stage_lake import StageLake, light_stages
from ..stage_promise import Tried, look
from .publish_errors import CODES
from .stage_kills import CALLS, STRIDE

NAME: Final = "stage_errors"
KIND: Final[Kind] = "faults"
BOUNDED: Final = 80
SHARE: Final = 5.0
ADDRESS_BYTES: Final = WIDE_BYTES


def run(rng: Seeds, budget: Budget) -> Counts:
    """Run each stage with a call that fails; then look, and run it again."""
    counts = Counts(NAME, KIND)
    stages = light_stages()
    lake = StageLake.built(budget.folder / "lake", stages)
    wanted = {stage.writes[0].key: (lake.versions(stage), lake.data(stage)) for stage in stages}
    points = len(stages) * 2 * CALLS
    for number in budget.numbers():
        one = rng.of(number)
        at, which = divmod(number * STRIDE % points, len(stages) * 2)
        stage, is_old = stages[which // 2], bool(which % 2)
        before = lake.prepare(stage, is_old=is_old)
        io = FailingIo(at, one.choice(CODES), for_good=one.random() < 0.5)
        with counts.case(number), injected(io):
            lake.run(stage)
        tried = Tried(lake, stage, before, *wanted[stage.writes[0].key])
        look(counts, number, tried, had_fault=io.failed is not None)
    return counts
