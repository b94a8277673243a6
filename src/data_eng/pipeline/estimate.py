"""What a run will take, by what earlier runs took: the medians of the lake's run logs."""

from __future__ import annotations

import json
import logging
import statistics
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..lake.regular import read_regular
from ..stages.outcome import Outcome, Status
from ..words import counted
from .run_log import RUNS

log = logging.getLogger(__name__)

NEWEST: Final = 50
"""How many run logs are looked at, the newest first."""
_MOST_BYTES: Final = 64 << 20
"""Of a run log: many times that of a first run over years. A larger one is passed over."""


@dataclass(frozen=True)
class Estimate:
    """What is to be expected of a run.

    Attributes
    ----------
    partitions : int
        That would be written.
    seconds : float
        Of one worker, for those whose table was built before.
    bytes : int
        Of their data files.
    builds : int
        How many earlier builds this is by.
    unknown : int
        Partitions of tables that no log knows: they are not in seconds and bytes.
    """

    partitions: int
    seconds: float
    bytes: int
    builds: int
    unknown: int

    def words(self, workers: int) -> str:
        """Return it in words, for some workers."""
        if not self.partitions:
            return "nothing to write"
        head = f"would write {counted(self.partitions, 'partition')}"
        if self.unknown == self.partitions:
            return f"{head}; the run log knows no earlier build, so time and bytes are not known"
        workers = min(workers, self.partitions)
        by = f"about {_time(self.seconds / workers)} with {counted(workers, 'worker')}"
        size = f"{self.bytes / 1e6:,.1f} MB"
        told = f"{head}: {by}, {size}; medians of {counted(self.builds, 'earlier build')}"
        return f"{told}; {self.unknown:,} of tables never built here" if self.unknown else told


def estimate(lake_root: Path, outcomes: Iterable[Outcome]) -> Estimate:
    """Return what the partitions of a dry run would take, by the lake's run logs."""
    planned = [one for one in outcomes if one.status is Status.PLANNED]
    if not planned:
        return Estimate(0, 0.0, 0, 0, 0)
    wanted = {one.dataset for one in planned}
    history: dict[str, list[tuple[float, int]]] = {key: [] for key in wanted}
    for line in _lines(lake_root, containing=f'"{Status.WRITTEN}"'):
        if line.get("status") == str(Status.WRITTEN) and line.get("dataset") in wanted:
            seconds, size = line.get("seconds"), line.get("bytes")
            if isinstance(seconds, int | float) and isinstance(size, int):
                history[line["dataset"]].append((seconds, size))
    known = [one for one in planned if history[one.dataset]]
    medians = {
        key: tuple(statistics.median(column) for column in zip(*builds, strict=True))
        for key, builds in history.items()
        if builds
    }
    return Estimate(
        len(planned),
        sum(medians[one.dataset][0] for one in known),
        int(sum(medians[one.dataset][1] for one in known)),
        sum(map(len, history.values())),
        len(planned) - len(known),
    )


def _lines(lake_root: Path, containing: str) -> Iterator[Mapping[str, Any]]:
    # Names begin with the time. The last line of a run that was killed may be half of one. Most
    # lines of a nightly run over years tell of what was complete: they are not parsed.
    for path in sorted((lake_root / RUNS).glob("*.jsonl"), reverse=True)[:NEWEST]:
        try:
            text = read_regular(str(path), most=_MOST_BYTES).decode(errors="replace")
        except OSError as error:
            log.debug("%s: %s", path, error)
            continue
        for line in text.splitlines():
            if containing not in line:
                continue
            try:
                body = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(body, dict):
                yield body


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
