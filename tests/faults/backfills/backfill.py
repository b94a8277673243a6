"""A backfill of many dates: run, hurt at random moments, and run again until it ends with 0."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from .attempt import Attempt
from .crew import WORKERS, Crew
from .injuries import ENDING, injuries
from .places import Place

SILENT_S: Final = 240.0
"""A run that says nothing for so long and is not hurt hangs: a task of these days takes seconds."""
ENDS_S: Final = 60.0
"""Within which a run ends that was told to."""
GONE_S: Final = 15.0
"""Within which every process of a run has ended after it."""
MOST_RUNS: Final = 500
_POLL_S: Final = 0.05
_NUMBER: Final = re.compile(r"[0-9a-f]{6,}|\d+")


@dataclass
class Found:
    """What a backfill came to.

    Attributes
    ----------
    hurt : Counter
        What was done to it.
    ended : Counter
        Exit codes of its runs.
    lines : Counter
        What the runs wrote to standard error, numbers left out.
    broken : list of str
        What should not have been.
    """

    hurt: Counter[str] = field(default_factory=Counter)
    ended: Counter[int] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


@dataclass
class Backfill:
    """One lake, built by many runs.

    Attributes
    ----------
    place : Place
    crew : Crew
    arguments : sequence of str
        Of the run, but for the lake and who does the tasks.
    folder : Path
        For the output of its runs.
    rng : Random
    gap_s : float
        Mean time between two faults, seconds.
    """

    place: Place
    crew: Crew
    arguments: Sequence[str]
    folder: Path
    rng: Random
    gap_s: float
    found: Found = field(default_factory=Found)

    def run(self, until: float) -> None:
        """Hurt it until then by the monotonic clock, and let it end."""
        for number in range(MOST_RUNS):
            attempt = Attempt(
                [*self._command(), *self.crew.flags()],
                self.place.environment,
                self.folder / f"run-{number}",
            )
            try:
                self._watch(attempt, until)
            finally:
                attempt.end()
            code = attempt.process.returncode
            self.found.ended[code] += 1
            self.found.lines.update(_NUMBER.sub("#", one) for one in attempt.errors.splitlines())
            if "Traceback" in attempt.output:
                self.found.broken.append(f"a traceback in {attempt.folder}")
            if not code:
                return
        self.found.broken.append(f"no run of {MOST_RUNS} ended with 0")

    def _command(self) -> list[str]:
        run = ["src.data_eng.runner", *self.arguments, "--lake-root", self.place.name]
        return [*run, "--workers", str(WORKERS)]

    def _watch(self, attempt: Attempt, until: float) -> None:
        next_s = time.monotonic() + self.rng.expovariate(1 / self.gap_s)
        said, silent_since = -1, time.monotonic()
        while not attempt.has_ended:
            now = time.monotonic()
            if attempt.said != said:
                said, silent_since = attempt.said, now
            if now - silent_since > SILENT_S:
                self.found.broken.append(f"no word for {SILENT_S:g} s: {attempt.folder}")
                return
            if next_s <= now < until:
                if self._hurt(attempt):
                    break
                next_s = time.monotonic() + self.rng.expovariate(1 / self.gap_s)
                silent_since = time.monotonic()
            time.sleep(_POLL_S)
        deadline = time.monotonic() + ENDS_S
        while not attempt.has_ended and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        if not attempt.has_ended:
            self.found.broken.append(f"did not end in {ENDS_S:g} s: {attempt.folder}")
            return
        left = attempt.left_after(GONE_S)
        if left:
            names = [" ".join(one.cmdline())[-60:] for one in left if one.is_running()]
            self.found.broken.append(f"lived on after {attempt.folder}: {names}")

    def _hurt(self, attempt: Attempt) -> bool:
        # Returns whether the run must end now.
        injury = self.rng.choice(injuries(self.crew, self.place))
        self.found.hurt[injury(attempt, self.crew, self.place, self.rng)] += 1
        return injury in ENDING
