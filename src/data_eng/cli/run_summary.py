"""The closing summary of a run: partitions, what came of them and why, and how fast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from ..edge import one_line
from ..stages.outcome import Outcome, Status
from .console import dataset_column

MAX_TABLE_ROWS: Final = 40
FOLDED: Final = (Status.BLOCKED, Status.SKIPPED)
_FEW: Final = 3
_STYLES: Final = {
    Status.WRITTEN: "green",
    Status.PLANNED: "green",
    Status.COMPLETE: "dim",
    Status.SKIPPED: "dim",
    Status.REMOVED: "dim",
    Status.STALE: "yellow",
    Status.BLOCKED: "yellow",
    Status.FAILED: "red",
}


@dataclass(frozen=True)
class Totals:
    """What a run came to in numbers.

    Attributes
    ----------
    counts : dict of int
        Partitions by status.
    records : int
        Rows that were written to Bronze.
    rows, bytes : int
        Of all that was written.
    seconds : float
        Wall time.
    """

    counts: dict[str, int]
    records: int
    rows: int
    bytes: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return them as the fields of a JSON line."""
        spent = max(self.seconds, 1e-9)
        return {
            **self.counts,
            "seconds": round(self.seconds, 3),
            "records": self.records,
            "rows": self.rows,
            "bytes": self.bytes,
            "records_per_second": round(self.records / spent),
            "bytes_per_second": round(self.bytes / spent),
        }

    def words(self) -> str:
        """Return what was written, and at what pace."""
        spent = max(self.seconds, 1e-9)
        pace = f"{self.bytes / spent / 1e6:,.1f} MB/s"
        if self.records:
            pace = (
                f"{self.records:,} records of Bronze, {self.records / spent:,.0f} a second; {pace}"
            )
        return (
            f"{self.counts[Status.WRITTEN]:,} partitions, {self.rows:,} rows, "
            f"{self.bytes / 1e6:,.1f} MB written in {self.seconds:.1f} s ({pace})"
        )


def totals(outcomes: Iterable[Outcome], seconds: float) -> Totals:
    """Return the totals of a run."""
    told = list(outcomes)
    written = [one for one in told if one.status is Status.WRITTEN]
    bronze = [one for one in written if one.dataset.startswith("bronze.")]
    return Totals(
        dict(Counter(str(one.status) for one in told)),
        sum(one.rows or 0 for one in bronze),
        sum(one.rows or 0 for one in written),
        sum(one.bytes for one in written),
        seconds,
    )


def status_words(counts: dict[str, int]) -> str:
    """Return how many partitions came to what, each status apart."""
    return ", ".join(f"{counts[status]:,} {status}" for status in Status if counts.get(status))


def blocked_words(outcomes: Iterable[Outcome]) -> list[str]:
    """Return a line for all partitions that are blocked by one cause."""
    causes: dict[str, list[Outcome]] = {}
    for one in outcomes:
        if one.status is Status.BLOCKED:
            causes.setdefault(one.cause or one.reason, []).append(one)
    return [
        f"blocked: {len(mine):,} partition{'s' * (len(mine) > 1)} of {_dates(mine)}: "
        f"{one_line(cause)}"
        for cause, mine in causes.items()
    ]


def folded(outcomes: Sequence[Outcome]) -> list[tuple[Outcome, int]]:
    """Return outcomes in order; of those of one cause on a date (`FOLDED`) the first, and how many.

    Many tables are blocked by one failure, or skipped on one holiday; a few are told each.
    """
    groups: dict[Any, list[Outcome]] = {}
    for n, one in enumerate(outcomes):
        cause = one.cause or one.reason
        key = (one.status, one.symbol, one.date, cause) if one.status in FOLDED else n
        groups.setdefault(key, []).append(one)
    found: list[tuple[Outcome, int]] = []
    for mine in groups.values():
        found += [(mine[0], len(mine))] if len(mine) > _FEW else [(one, 1) for one in mine]
    return found


def partition_table(outcomes: Sequence[Outcome]) -> Table:
    """Return a row a partition; what one cause blocks on a date is one row."""
    table = Table(dataset_column(), "symbol", "date", "status", "rows", "reason")
    for outcome, many in folded(outcomes):
        rows = "" if outcome.rows is None else f"{outcome.rows:,}"
        reason = one_line(outcome.reason if many == 1 else outcome.cause or outcome.reason)
        # A failure's full reason went to stderr; here it would stand twice.
        table.add_row(
            outcome.dataset if many == 1 else f"{many} tables",
            outcome.symbol,
            outcome.date.isoformat(),
            Text(str(outcome.status), style=_STYLES[outcome.status]),
            rows,
            "see above" if outcome.status is Status.FAILED else reason,
        )
    return table


def count_table(outcomes: Sequence[Outcome]) -> Table:
    """Return a row a table: how many partitions came to what."""
    shown = [status for status in Status if any(one.status is status for one in outcomes)]
    table = Table(dataset_column(), *(str(status) for status in shown), "rows")
    for key in dict.fromkeys(outcome.dataset for outcome in outcomes):
        mine = [outcome for outcome in outcomes if outcome.dataset == key]
        counts = Counter(outcome.status for outcome in mine)
        rows = sum(outcome.rows or 0 for outcome in mine)
        table.add_row(key, *(str(counts[status]) for status in shown), f"{rows:,}")
    return table


def _dates(outcomes: Sequence[Outcome]) -> str:
    dates = sorted({one.date for one in outcomes})
    if len(dates) <= _FEW:
        return ", ".join(map(str, dates))
    return f"{len(dates)} dates from {dates[0]} to {dates[-1]}"
