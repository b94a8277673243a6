"""What a run shows: progress on a terminal, a line a partition elsewhere, a summary at the end."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from ..catalogue.datasets import dataset
from ..edge import one_line
from ..lake.paths import Partition
from ..stages.outcome import ALREADY, Outcome, Status
from ..words import counted
from .console import json_line, plain_console
from .run_summary import (
    FEW,
    FOLDED,
    count_table,
    folded,
    open_words,
    status_words,
    totals,
)


class RunView:
    """Shows a run as it goes; a context manager.

    Parameters
    ----------
    log_format : str
        ``text`` or ``json``: with ``json`` every line on stdout and stderr is a JSON object.
    partitions : int
        Partitions that the run is about.
    run : str
        Id of the run.
    """

    def __init__(self, log_format: str, partitions: int, run: str) -> None:
        self._json, self._run = log_format == "json", run
        self._console = plain_console()
        self._errors = plain_console(stderr=True)
        self._terminals = [
            one for one in (self._console, self._errors) if one.is_terminal
        ]  # asked once: each time it is looked up in the environment
        self._live = self._console in self._terminals and not self._json
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._live,
            redirect_stderr=False,  # `aside` makes room
        )
        self._all: TaskID = self._progress.add_task("partitions", total=max(partitions, 1))
        self._current: tuple[str, TaskID] | None = None
        self._ahead = 0  # partitions that have ended and are not shown yet
        self._started = time.monotonic()
        self._held: list[Outcome] = []  # not shown yet: many have one cause
        self.outcomes: list[Outcome] = []

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @property
    def seconds(self) -> float:
        """Wall time so far."""
        return time.monotonic() - self._started

    def advance(self, dataset: str, share: float) -> None:
        """Show how far the partition under way is."""
        if not self._live:
            return
        if self._current is None or self._current[0] != dataset:
            if self._current is not None:
                self._ahead += 1
                self._progress.advance(self._all)
            self._end_current()
            self._current = dataset, self._progress.add_task(dataset, total=1.0)
        self._progress.update(self._current[1], completed=share)

    def show(self, outcomes: Sequence[Outcome]) -> None:
        """Show what became of partitions; failed ones go to stderr."""
        self._end_current()
        for outcome in outcomes:
            self.outcomes.append(outcome)
            if self._ahead:
                self._ahead -= 1
            elif self._live:
                self._progress.advance(self._all)
            if outcome.status in FOLDED and not self._json:
                # A lake that is whole is told date by date, not when the run ends.
                before = self._held[-1] if self._held else outcome
                if before.status is Status.COMPLETE and before.date != outcome.date:
                    self._show_held()
                self._held.append(outcome)
                continue
            self._show_held()
            target = self._errors if outcome.status is Status.FAILED else self._console
            line = self._as_json(outcome) if self._json else _line(outcome)
            if target is self._errors:
                with self.aside():
                    self._tell(target, line)
            else:
                self._tell(target, line)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar away while something else is written to the terminal, to stderr."""
        is_shown = self._live and self._errors in self._terminals
        if is_shown:
            self._progress.stop()
        yield
        if is_shown:
            self._progress.start()

    def note_left_out(self, closed: Sequence[tuple[dt.date, str]]) -> None:
        """Tell which dates of a range are no trading days, and why."""
        weekends = [day for day, _ in closed if day.weekday() >= 5]
        for day, reason in closed:
            if day.weekday() < 5 or self._json:
                body = {"dt": day.isoformat(), "status": "skipped", "reason": reason}
                self.note("date", f"skipped {day}: {reason}", body)
        if weekends and not self._json:
            many = counted(len(weekends), "Saturday or Sunday", "Saturdays and Sundays")
            self.note("date", f"skipped {many}", {})

    def note(self, event: str, text: str, body: Mapping[str, Any]) -> None:
        """Tell something besides partitions: a text, or an event with its fields."""
        line = json_line("info", self._run, {"event": event, **body}) if self._json else text
        self._console.print(line)

    def summary(self, peak_bytes: int = 0, requests: Mapping[str, int] | None = None) -> None:
        """Show what partitions came to, what is left to do, and what was written in what time.

        Parameters
        ----------
        peak_bytes : int
            Largest resident size of a process that ran tasks.
        requests : mapping, optional
            Made of object storage, by kind.
        """
        self._show_held()
        found = totals(self.outcomes, self.seconds)
        if self._json:
            body = {**found.as_json(), "peak_bytes": peak_bytes}
            if requests:
                body["requests"] = dict(requests)
            self.note("summary", "", body)
            return
        if len(self.outcomes) > FEW:
            self._console.print()
            self._console.print(count_table(self._console, self.outcomes))
            self._console.print()
        for line in open_words(self.outcomes):
            self._console.print(line)
        self._console.print(f"{status_words(found.counts) or 'nothing to do'}; run {self._run}")
        if found.counts.get(Status.WRITTEN):
            peak = f"peak memory of a process {peak_bytes / 2**20:,.0f} MiB"
            self._console.print(f"{found.words()}; {peak}")
        if requests:
            told = ", ".join(f"{count:,} {kind}" for kind, count in sorted(requests.items()))
            self._console.print(f"requests of object storage: {told}")

    def _show_held(self) -> None:
        held, self._held = self._held, []
        for outcome, many in folded(held):
            if many == 1:
                self._console.print(_line(outcome))
                continue
            where = f"{many} tables of {outcome.symbol} {outcome.date}"
            cause = one_line(outcome.cause or outcome.reason)
            self._console.print(f"{outcome.status:<8} {where}{_because(cause)}")

    def _tell(self, console: Console, line: str) -> None:
        # A run over years tells a hundred thousand; where no terminal is, nothing is laid out.
        if console in self._terminals:
            console.print(line)
        else:
            console.file.write(f"{line}\n")
            console.file.flush()

    def _end_current(self) -> None:
        if self._current is not None:
            self._progress.remove_task(self._current[1])
            self._current = None

    def _as_json(self, outcome: Outcome) -> str:
        body = {
            "event": "partition",
            "dataset": outcome.dataset,
            "symbol": outcome.symbol,
            "dt": outcome.date.isoformat(),
            "partition": _folder(outcome),
            "status": str(outcome.status),
            "reason": outcome.reason,
            "cause": outcome.cause,
            "rows": outcome.rows,
            "bytes": outcome.bytes,
            "seconds": round(outcome.seconds, 3),
        }
        level = {Status.FAILED: "error", Status.BLOCKED: "warning", Status.STALE: "warning"}
        return json_line(level.get(outcome.status, "info"), self._run, body)


def _folder(outcome: Outcome) -> str:
    where = Partition(dataset(outcome.dataset), outcome.symbol, outcome.date)
    return where.folder.as_posix()


def _line(outcome: Outcome) -> str:
    reason = one_line(outcome.reason)
    head = f"{outcome.status:<8} {outcome.dataset} {outcome.symbol} {outcome.date}"
    if outcome.status is Status.FAILED:
        return f"error: {outcome.dataset} {outcome.symbol} {outcome.date}: {reason}"
    if outcome.status is Status.WRITTEN and outcome.rows is not None:
        told = f"; {reason}" if reason else ""
        return f"{head}: {counted(outcome.rows, 'row')} in {outcome.seconds:.2f} s{told}"
    return f"{head}{_because(reason)}"


def _because(reason: str) -> str:
    # That what is complete is complete already goes without saying.
    return "" if reason in ("", ALREADY) else f": {reason}"
