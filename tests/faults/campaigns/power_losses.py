"""Loss of power at any moment of a publish that follows killed ones: every state of the disk."""

from __future__ import annotations

import contextlib
import shutil
from typing import Any, Final

from tests.lake_partitions import NEW, OLD, PARTITION, publish

from ..campaign import Budget, Counts, Kind, Seeds
from ..faulty_io import CALLS as NAMES
from ..faulty_io import Killed
from ..power_loss import RecordingIo, found, states

NAME: Final = "power_losses"
KIND: Final[Kind] = "faults"
BOUNDED: Final = 20
SHARE: Final = 1.0

CALLS: Final = 36
MOST_STATES: Final = 20_000
"""Of one case: what several kills leave unsynced multiplies."""


class _DyingRecorder(RecordingIo):
    # Records, and dies before the call of a number; what is open is open no more.
    left: int | None = None

    def __getattribute__(self, name: str) -> Any:
        inner = super().__getattribute__(name)
        if name not in NAMES:
            return inner

        def call(*args: Any) -> Any:
            if self.left is not None:
                if not self.left:
                    raise Killed
                self.left -= 1
            return inner(*args)

        return call


def run(rng: Seeds, budget: Budget) -> Counts:
    """Record a publish that is killed and the one after it; look at each state of the disk."""
    counts = Counts(NAME, KIND)
    for number in budget.numbers():
        one = rng.of(number)
        lake = budget.folder / str(number)
        lake.mkdir()
        has_old = bool(number // CALLS % 2)
        if has_old:
            publish(lake, OLD)
        record = _DyingRecorder(lake)
        counts.injected -= 1  # the states are counted
        with counts.case(number):
            allowed = [found(record, record.initial, record.certain, PARTITION.folder)]
            record.left = number % CALLS
            with contextlib.suppress(Killed):
                publish(lake, b"killed" * one.randrange(1, 50), record)
            record.left = None
            allowed.append(found(record, record.entries, set(record.content), PARTITION.folder))
            publish(lake, NEW, record)
            allowed.append(found(record, record.entries, set(record.content), PARTITION.folder))
            _look_at_states(counts, number, record, allowed)
        shutil.rmtree(lake)
    return counts


def _look_at_states(counts: Counts, number: int, record: RecordingIo, allowed: list[Any]) -> None:
    old, _, new = allowed
    for seen, (has_ended, tree, certain) in enumerate(states(record, record.events)):
        if seen == MOST_STATES:
            break
        counts.injected += 1
        now = found(record, tree, certain, PARTITION.folder)
        if now == new:
            counts.survived_new += 1
        elif has_ended:
            counts.find("lost", number, "a run that ended is not on the disk")
        elif now in allowed:
            counts.survived_old += 1
        elif now is None:
            counts.find("lost", number, f"no partition where there was {'one' if old else 'none'}")
        else:
            counts.find("half_written", number, f"files {sorted(now)}, some not complete")
