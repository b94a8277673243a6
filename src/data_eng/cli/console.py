"""What a run shows: progress on a terminal, a line a partition elsewhere, a table at the end."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from ..edge import one_line
from ..stages.outcome import Outcome, Status

MAX_TABLE_ROWS: Final = 40
PLAIN_WIDTH: Final = 160
"""Columns of the tables where there is no terminal to fit them to."""
_STYLES: Final = {
    Status.WRITTEN: "green",
    Status.PLANNED: "green",
    Status.COMPLETE: "dim",
    Status.SKIPPED: "dim",
    Status.STALE: "yellow",
    Status.BLOCKED: "yellow",
    Status.FAILED: "red",
}


class LineFormatter(logging.Formatter):
    """One line a log record; what is for debugging keeps its lines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return level and message."""
        text = record.getMessage()
        shown = text if record.levelno <= logging.DEBUG else one_line(text)
        return f"{record.levelname}: {shown}"


class JsonFormatter(logging.Formatter):
    """One JSON object a log record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        body = {"event": "log", "level": record.levelname.lower(), "message": record.getMessage()}
        return json.dumps(body)


def setup_logging(log_format: str, *, debug: bool) -> None:
    """Send warnings (with ``debug`` everything of ours) to stderr, one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else LineFormatter())
    ours = logging.getLogger(__name__.rpartition(".cli")[0])  # the package's root
    ours.handlers = [handler]
    ours.propagate = False
    ours.setLevel(logging.DEBUG if debug else logging.WARNING)


class RunView:
    """Shows a run as it goes; a context manager.

    Parameters
    ----------
    log_format : str
        ``text`` or ``json``: with ``json`` every line on stdout and stderr is a JSON object.
    partitions : int
        Partitions that the run is about.
    """

    def __init__(self, log_format: str, partitions: int) -> None:
        self._json = log_format == "json"
        self._console = plain_console()
        if not self._console.is_terminal:
            self._console.width = PLAIN_WIDTH
        self._errors = plain_console(stderr=True)
        self._live = self._console.is_terminal and not self._json
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._live,
        )
        self._all: TaskID = self._progress.add_task("partitions", total=max(partitions, 1))
        self._current: tuple[str, TaskID] | None = None
        self._ahead = 0  # partitions that have ended and are not shown yet
        self._started = time.monotonic()
        self.outcomes: list[Outcome] = []

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

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
            else:
                self._progress.advance(self._all)
            target = self._errors if outcome.status is Status.FAILED else self._console
            target.print(self._line(outcome))

    def note_left_out(self, closed: Sequence[tuple[dt.date, str]]) -> None:
        """Tell which dates of a range are no trading days, and why."""
        weekends = [day for day, _ in closed if day.weekday() >= 5]
        for day, reason in closed:
            if day.weekday() < 5 or self._json:
                self._note(f"skipped {day}: {reason}", day, reason)
        if weekends and not self._json:
            self._note(f"skipped {len(weekends)} Saturdays and Sundays", weekends[0], "")

    def _note(self, text: str, day: dt.date, reason: str) -> None:
        body = {"event": "date", "dt": day.isoformat(), "status": "skipped", "reason": reason}
        self._console.print(json.dumps(body) if self._json else text)

    def summary(self, peak_bytes: int = 0) -> None:
        """Show the table of partitions, what was written, and in what time.

        Parameters
        ----------
        peak_bytes : int
            Largest resident size of a process that ran tasks.
        """
        written = [one for one in self.outcomes if one.status is Status.WRITTEN]
        rows = sum(one.rows or 0 for one in written)
        size = sum(one.bytes for one in written)
        seconds = time.monotonic() - self._started
        if self._json:
            counts = Counter(str(outcome.status) for outcome in self.outcomes)
            spent = {"seconds": round(seconds, 3), "rows": rows, "bytes": size}
            body = {"event": "summary", **counts, **spent, "peak_bytes": peak_bytes}
            self._console.print(json.dumps(body))
            return
        is_short = len(self.outcomes) <= MAX_TABLE_ROWS
        if is_short:
            self._console.print(self._partition_table())
        if not is_short or len({outcome.date for outcome in self.outcomes}) > 1:
            self._console.print(self._count_table())
        if written:
            self._console.print(
                f"{len(written):,} partitions, {rows:,} rows, {size / 1e6:,.1f} MB written in "
                f"{seconds:.1f} s; peak memory of a process {peak_bytes / 2**20:,.0f} MiB"
            )

    def _end_current(self) -> None:
        if self._current is not None:
            self._progress.remove_task(self._current[1])
            self._current = None

    def _line(self, outcome: Outcome) -> str:
        if self._json:
            body = {
                "event": "partition",
                "dataset": outcome.dataset,
                "symbol": outcome.symbol,
                "dt": outcome.date.isoformat(),
                "status": str(outcome.status),
                "reason": outcome.reason,
                "rows": outcome.rows,
                "seconds": round(outcome.seconds, 3),
            }
            return json.dumps(body)
        reason = one_line(outcome.reason)
        head = f"{outcome.status:<8} {outcome.dataset} {outcome.symbol} {outcome.date}"
        if outcome.status is Status.FAILED:
            return f"error: {outcome.dataset} {outcome.symbol} {outcome.date}: {reason}"
        if outcome.status is Status.WRITTEN and outcome.rows is not None:
            told = f"; {reason}" if reason else ""
            return f"{head}: {outcome.rows:,} rows in {outcome.seconds:.2f} s{told}"
        return f"{head}: {reason}" if reason else head

    def _partition_table(self) -> Table:
        table = Table(dataset_column(), "symbol", "date", "status", "rows", "reason")
        for outcome in self.outcomes:
            rows = "" if outcome.rows is None else f"{outcome.rows:,}"
            # A failure's full reason went to stderr; here it would stand twice.
            failed = outcome.status is Status.FAILED
            reason = "see above" if failed else one_line(outcome.reason)
            table.add_row(
                outcome.dataset,
                outcome.symbol,
                outcome.date.isoformat(),
                Text(str(outcome.status), style=_STYLES[outcome.status]),
                rows,
                reason,
            )
        return table

    def _count_table(self) -> Table:
        table = Table(dataset_column(), *(str(status) for status in Status), "rows")
        for key in dict.fromkeys(outcome.dataset for outcome in self.outcomes):
            mine = [outcome for outcome in self.outcomes if outcome.dataset == key]
            counts = Counter(outcome.status for outcome in mine)
            rows = sum(outcome.rows or 0 for outcome in mine)
            table.add_row(key, *(str(counts[status]) for status in Status), f"{rows:,}")
        return table


def plain_console(*, stderr: bool = False) -> Console:
    """Return a console for texts that manifests say: never markup, nor an emoji by its name."""
    return Console(stderr=stderr, soft_wrap=True, highlight=False, markup=False, emoji=False)


def dataset_column() -> Column:
    """Return the column of dataset keys of a table."""
    # A key cut short names no dataset.
    return Column("dataset", no_wrap=True, overflow="ignore", min_width=36)
