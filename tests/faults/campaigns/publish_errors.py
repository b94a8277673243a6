"""An error of the system at each call of a publish, once and for good, alone and in twos."""

from __future__ import annotations

import errno
import shutil
from random import Random
from typing import Any, Final

from src.data_eng.errors import LakeError
from tests.lake_partitions import publish

from ..campaign import Budget, Counts, Kind, Seeds
from ..faulty_io import FailingIo
from ..promise import look

NAME: Final = "publish_errors"
KIND: Final[Kind] = "faults"
BOUNDED: Final = 600
SHARE: Final = 3.0

CODES: Final = (
    errno.ENOSPC,
    errno.EIO,
    errno.EDQUOT,
    errno.EACCES,
    errno.EROFS,
    errno.EMFILE,
    errno.EFBIG,
    errno.ENOMEM,
    errno.EINTR,
)
CALLS: Final = 36
"""A publish makes fewer: past its end no fault is injected, and the new partition must stand."""


class _TwiceFailing(FailingIo):
    # A second error at another call: the clearing away after the first may fail too.
    second = -1

    def before(self, number: int, name: str) -> None:
        super().before(number, name)
        if number == self.second:
            raise OSError(self.code, "a second error")


def _content(rng: Random) -> bytes:
    return rng.randbytes(rng.randrange(1, 300)) * rng.randrange(1, 60)


def _io(number: int, rng: Random) -> Any:
    # Every call, once and for good, over none and over an old one; then other codes, and twos.
    at = number % CALLS
    for_good = bool(number // CALLS % 2)
    code = CODES[number // (4 * CALLS) % len(CODES)]
    if number < 4 * CALLS * len(CODES):
        return FailingIo(at, code, for_good=for_good)
    io = _TwiceFailing(at, rng.choice(CODES), for_good=False)
    io.second = at + rng.randrange(1, 8)
    return io


def run(rng: Seeds, budget: Budget) -> Counts:
    """Publish with a fault; then look, and publish again without."""
    counts = Counts(NAME, KIND)
    for number in budget.numbers():
        one = rng.of(number)
        lake = budget.folder / str(number)
        lake.mkdir()
        old = _content(one) if number // (2 * CALLS) % 2 else None
        new = _content(one)
        with counts.case(number):
            if old is not None:
                publish(lake, old)
            io, told = _io(number, one), ""
            try:
                publish(lake, new, io)
            except LakeError as error:
                told = str(error)
                counts.refused += 1
                if "run again" not in told:
                    counts.find("tracebacks", number, f"no remedy: {told}")
            news = [new] if not told or "it is published" in told else []
            look(counts, number, lake, old if told and not news else None, news)
        shutil.rmtree(lake)
    return counts
