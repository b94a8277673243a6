"""Real system calls that fail or kill, by strace: the ground truth of the calls in process."""

from __future__ import annotations

import contextlib
import shutil
from functools import partial
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from src.data_eng.lake.lock import lake_lock
from tests.lake_partitions import NEW, OLD, PARTITION, publish

from ..campaign import Budget, Counts, Kind, Seeds
from ..faulty_io import CountedIo, Killed
from ..promise import look
from ..traced import DONE, REFUSED, Ended, can_trace, points, traced

NAME: Final = "system_calls"
KIND: Final[Kind] = "faults"
BOUNDED: Final = 150
SHARE: Final = 8.0
ADDRESS_BYTES: Final = 8 << 30

BEFORE: Final = ("none", "old", "leftovers")
CODES: Final = ("EIO", "ENOSPC", "EDQUOT", "EACCES", "EROFS", "EMFILE", "ENOMEM", "ENOSYS")
KILLED: Final = -9
LOCKED_S: Final = 0.1
"""A lock that the system denies is taken for one that another process holds."""
STANDS: Final = ("it is published", "what was published stays")
"""How an error says that what failed is not the publishing."""


class Point(NamedTuple):
    """A fault: the call of a number among those of its name, what becomes of it, and for good."""

    before: str
    call: str
    at: int
    fault: str
    when: str


class _DiesAtTheRename(CountedIo):
    is_dead = False

    def before(self, number: int, name: str) -> None:
        self.is_dead = self.is_dead or name in {"rename_noreplace", "exchange"}
        if self.is_dead:
            raise Killed


def _publish(lake: Path) -> None:
    with lake_lock(lake, PARTITION.lock_name, LOCKED_S):
        publish(lake, NEW)


def _prepared(lake: Path, before: str) -> bytes | None:
    # Returns what stands.
    lake.mkdir()
    if before == "none":
        return None
    publish(lake, OLD)
    if before == "leftovers":
        with contextlib.suppress(Killed):
            publish(lake, NEW, _DiesAtTheRename())
    return OLD


def every_point(folder: Path, rng: Random) -> list[Point]:
    """Return each call of a publish: killed there, and two errors of many, once and for good.

    Over no partition, over an old one, and over an old one with what a killed publish left.
    """
    found = []
    for before in BEFORE:
        lake = folder / before
        _prepared(lake, before)
        for call, at in points(traced(partial(_publish, lake), folder / "log").calls):
            found.append(Point(before, call, at, "signal=KILL", ""))
            for code in rng.sample(CODES, 2):
                found += [Point(before, call, at, f"error={code}", good) for good in ("", "+")]
        shutil.rmtree(lake)
    return found


def run(rng: Seeds, budget: Budget) -> Counts:
    """Publish in processes whose Nth system call of a kind fails, once and for good, or kills."""
    counts = Counts(NAME, KIND)
    if not can_trace(budget.folder):
        counts.notes.append("no strace here that may watch a process and inject")
        return counts
    _publish(budget.folder / "first")  # what it imports, it has imported
    mixed = rng.of(-1)
    every = every_point(budget.folder, mixed)
    mixed.shuffle(every)
    tried = 0
    for number in budget.numbers():
        if number >= len(every):
            break
        point = every[number]
        lake = budget.folder / str(number)
        old = _prepared(lake, point.before)
        inject = f"{point.call}:{point.fault}:when={point.at}{point.when}"
        with counts.case(number):
            ended = traced(partial(_publish, lake), budget.folder / "log", inject)
            tried += ended.was_injected
            _judge(counts, number, lake, old, ended)
        shutil.rmtree(lake)
    counts.notes.append(f"{tried:,} of {len(every):,} points injected")
    return counts


def _judge(counts: Counts, number: int, lake: Path, old: bytes | None, ended: Ended) -> None:
    if not ended.was_injected:
        counts.find("lost", number, f"the call was not met: {ended}")
    elif ended.code == REFUSED:
        counts.refused += 1
        is_published = any(one in ended.text for one in STANDS)
        look(counts, number, lake, None if is_published else old, [NEW] if is_published else [])
    elif ended.code == DONE:
        look(counts, number, lake, None, [NEW])
    elif ended.code == KILLED:
        look(counts, number, lake, old, [NEW])
    else:
        counts.find("tracebacks", number, f"exit code {ended.code}: {ended.text}")
