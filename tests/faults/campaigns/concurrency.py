"""Runs, readers, a deleter and kills at once on one partition."""

from __future__ import annotations

import errno
import os
import pickle
import shutil
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

from src.data_eng.errors import CorruptPartitionError, LakeError
from src.data_eng.lake.lock import lake_lock
from tests.lake_partitions import PARTITION, publish, visible

from ..campaign import Budget, Counts, Kind, Seeds
from ..promise import look

NAME: Final = "concurrency"
KIND: Final[Kind] = "faults"
BOUNDED: Final = 2
SHARE: Final = 3.0
CASE_S: Final = 60.0

ROUND_S: Final = 1.0
WRITERS, READERS = 3, 2
MARK: Final = b"rows of "


def _content(one: Random) -> bytes:
    # Recognised as whole by its own size.
    size = one.randrange(50, 60_000)
    return MARK + str(size).encode().ljust(10) + bytes(size)


def _is_whole(content: bytes) -> bool:
    size = int(content[len(MARK) : len(MARK) + 10])
    return content == MARK + str(size).encode().ljust(10) + bytes(size)


def _write(lake: Path, one: Random, done: Counter[str]) -> None:
    try:
        with lake_lock(lake, PARTITION.lock_name, one.choice((0, 30))):
            publish(lake, _content(one))
        done["publishes"] += 1
    except LakeError:
        done["refused"] += 1


def _delete(lake: Path, one: Random, done: Counter[str]) -> None:
    # As a user does, without a lock, in whatever order.
    time.sleep(one.random() / 50)
    if (lake / PARTITION.folder).exists():
        try:
            shutil.rmtree(lake / PARTITION.folder)
        except OSError as error:
            # Another partition came to its place meanwhile; where it comes between the look at the
            # folder and its opening, rmtree takes it for a link, and that error has no number.
            if error.errno not in (errno.ENOENT, errno.ENOTEMPTY, None):
                raise
        done["deletions"] += 1


def _read(lake: Path, _one: Random, done: Counter[str]) -> None:
    try:
        content = visible(lake)
    except CorruptPartitionError:
        done["half"] += 1
    except LakeError:
        done["replaced"] += 1
    else:
        whole = content is None or _is_whole(content)
        done["reads" if whole else "mixed"] += 1


Work = Callable[[Path, Random, Counter[str]], None]


def _start(work: Work, lake: Path, one: Random, end: float) -> tuple[int, int]:
    source, sink = os.pipe()
    pid = os.fork()
    if pid:
        os.close(sink)
        return pid, source
    code = 1
    try:
        signal.setitimer(signal.ITIMER_REAL, 0)
        done: Counter[str] = Counter()
        while time.monotonic() < end:
            work(lake, one, done)
        with open(sink, "wb") as file:
            pickle.dump(done, file)
        code = 0
    except Exception as error:  # noqa: BLE001 - what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{work.__name__}: {error!r} at {Path(last.filename).name}:{last.lineno}"
        with open(sink, "wb") as file:
            pickle.dump(Counter({told: 1, "tracebacks": 1}), file)
    finally:
        os._exit(code)


def _ended(pid: int, source: int) -> Counter[str]:
    with open(source, "rb") as file:
        data = file.read()
    _, status = os.waitpid(pid, 0)
    if data:
        found: Counter[str] = pickle.loads(data)
        return found
    is_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return Counter({"kills" if is_killed else "tracebacks": 1})


def _round(lake: Path, rng: Seeds, number: int) -> Counter[str]:
    one = rng.of(number)
    end = time.monotonic() + ROUND_S
    works: list[Work] = [*[_write] * WRITERS, *[_read] * READERS, *[_delete] * (number % 2)]
    children = [_start(work, lake, Random(one.random()), end) for work in works]
    # One writer is killed wherever it is; the others go on.
    time.sleep(one.random() * ROUND_S)
    os.kill(children[0][0], signal.SIGKILL)
    done: Counter[str] = Counter()
    for pid, source in children:
        done += _ended(pid, source)
    return done


def run(rng: Seeds, budget: Budget) -> Counts:
    """Run rounds of a second, every other one with a deleter."""
    counts = Counts(NAME, KIND)
    reads = 0
    for number in budget.numbers():
        lake = budget.folder / str(number)
        lake.mkdir()
        publish(lake, _content(rng.of(number)))
        done: Counter[str] = Counter()
        counts.injected -= 1  # what they did is counted
        with counts.case(number, CASE_S):
            done = _round(lake, rng, number)
        counts.injected += sum(
            done[what] for what in ("publishes", "refused", "deletions", "kills")
        )
        counts.refused += done["refused"]
        reads += done["reads"] + done["replaced"]
        for what in ("half", "mixed", "tracebacks"):
            if done[what]:
                kind = "half_written" if what != "tracebacks" else "tracebacks"
                counts.find(kind, number, f"{dict(done)}")  # type: ignore[arg-type]
        if not number % 2 and not done["publishes"]:
            counts.find("lost", number, "nobody could publish")
        last = _last(counts, number, lake)
        if last is not None or number % 2:
            look(counts, number, lake, last, [])
        else:
            counts.find("lost", number, "no partition, though nothing was deleted")
        shutil.rmtree(lake)
    counts.notes.append(f"{reads:,} reads meanwhile")
    return counts


def _last(counts: Counts, number: int, lake: Path) -> bytes | None:
    try:
        content = visible(lake)
    except LakeError as error:
        counts.find("half_written", number, str(error))
        return None
    if content is not None and not _is_whole(content):
        counts.find("half_written", number, "the last partition is not whole")
    return content
