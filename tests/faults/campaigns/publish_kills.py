"""SIGKILL before each call of a publish, with and without renameat2, and kills of the repair."""

from __future__ import annotations

import errno
import os
import shutil
from functools import partial
from typing import Final

from tests.lake_partitions import publish

from ..campaign import Budget, Counts, Kind, Seeds
from ..injected import DyingIo, killed
from ..promise import look

NAME: Final = "publish_kills"
KIND: Final[Kind] = "faults"
BOUNDED: Final = 60
SHARE: Final = 4.0

CALLS: Final = 36


class _WithoutRenameat2(DyingIo):
    def before(self, number: int, name: str) -> None:
        super().before(number, name)
        if name in {"rename_noreplace", "exchange"}:
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))


def run(rng: Seeds, budget: Budget) -> Counts:
    """Publish in children that die, one after the other; then look, and publish again."""
    counts = Counts(NAME, KIND)
    for number in budget.numbers():
        one = rng.of(number)
        lake = budget.folder / str(number)
        lake.mkdir()
        old = b"old" * one.randrange(1, 900) if number // CALLS % 2 else None
        make = _WithoutRenameat2 if number // (2 * CALLS) % 2 else DyingIo
        # The first at each call in turn; then some more, which find what the first one left.
        calls = [number % CALLS, *(one.randrange(CALLS) for _ in range(one.choice((0, 0, 1, 3))))]
        news = [bytes([index]) * one.randrange(1, 9_000) for index in range(len(calls))]
        with counts.case(number):
            if old is not None:
                publish(lake, old)
            for at, new in zip(calls, news, strict=True):
                killed(partial(publish, lake, new, make(at)))
            counts.injected += len(calls) - 1
            is_hole = make is _WithoutRenameat2 and old is not None
            look(counts, number, lake, old, news, may_be_absent=is_hole)
        shutil.rmtree(lake)
    return counts
