"""The closing summary of a run: how many partitions came to what, what is left to do, the pace."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Column, Table

from ..edge import one_line
from ..pipeline.causes import causes
from ..pipeline.plan import LAYERS
from ..stages.outcome import Outcome, Status
from ..words import counted
from .fitted_table import fitted_table

FOLDED: Final = (Status.BLOCKED, Status.SKIPPED, Status.COMPLETE)
FEW: Final = 3
"""So many are told each; more of one kind are counted."""
_REASONS: Final = 20
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
            records = f"{counted(self.records, 'record')} of Bronze"
            pace = f"{records}, {self.records / spent:,.0f} a second; {pace}"
        return (
            f"{counted(self.counts[Status.WRITTEN], 'partition')}, {counted(self.rows, 'row')}, "
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


def open_words(outcomes: Sequence[Outcome]) -> list[str]:
    """Return what is left to do, a line a cause: what failed, is stale or is blocked by what.

    A line for each was told when it ended; a failure's reason is on stderr.
    """
    failed: dict[str, list[Outcome]] = {}
    blocked: dict[str, list[Outcome]] = {}
    for one in outcomes:
        if one.status is Status.FAILED and len(outcomes) > FEW:
            failed.setdefault(one.dataset, []).append(one)
        elif one.status is Status.BLOCKED:
            blocked.setdefault(one.cause or one.reason, []).append(one)
    return [
        *(f"failed: {_many(mine)}: {key}: see the error above" for key, mine in failed.items()),
        *_stale_words([one for one in outcomes if one.status is Status.STALE]),
        *(f"blocked: {_many(mine)}: {one_line(cause)}" for cause, mine in blocked.items()),
    ]


def _stale_words(outcomes: Iterable[Outcome]) -> Iterable[str]:
    found = causes((one.dataset, one.date, one.reason) for one in outcomes)
    for one in found[:_REASONS]:
        below = [day for days in one.below.values() for day in days]
        many = _partitions([*one.own, *below])
        reason = f"{one.dataset}: {one_line(one.reason)}"
        yield f"stale: {many}: {reason}; --refresh-stale rebuilds"
    if len(found) > _REASONS:
        yield f"stale: {counted(len(found) - _REASONS, 'more reason')}, above"


def folded(outcomes: Sequence[Outcome]) -> list[tuple[Outcome, int]]:
    """Return outcomes in order; of those of one cause on a date (`FOLDED`) the first, and how many.

    Many tables are blocked by one failure, skipped on one holiday, or complete and current; a few
    are told each.
    """
    groups: dict[Any, list[Outcome]] = {}
    for n, one in enumerate(outcomes):
        cause = one.cause or one.reason
        key = (one.status, one.symbol, one.date, cause) if one.status in FOLDED else n
        groups.setdefault(key, []).append(one)
    found: list[tuple[Outcome, int]] = []
    for mine in groups.values():
        found += [(mine[0], len(mine))] if len(mine) > FEW else [(one, 1) for one in mine]
    return found


def count_table(console: Console, outcomes: Sequence[Outcome]) -> Table:
    """Return a row for each layer of a product type: how many partitions came to what."""
    shown = [status for status in Status if any(one.status is status for one in outcomes)]
    columns = [
        Column("layer"),
        Column("product type"),
        *(Column(str(one), justify="right", style=_STYLES[one]) for one in shown),
        Column("rows", justify="right"),
    ]
    groups: dict[tuple[int, str], list[Outcome]] = {}
    for outcome in outcomes:
        layer, product_type, _ = outcome.dataset.split(".")
        groups.setdefault((LAYERS.index(layer), product_type), []).append(outcome)
    rows = []
    for (position, product_type), mine in sorted(groups.items()):
        counts = Counter(outcome.status for outcome in mine)
        written = sum(outcome.rows or 0 for outcome in mine)
        cells = (f"{counts[one]:,}" if counts[one] else "" for one in shown)
        rows.append([LAYERS[position], product_type, *cells, f"{written:,}" if written else ""])
    table, _ = fitted_table(console, columns, rows, ["rows"])
    return table


def _many(outcomes: Iterable[Outcome]) -> str:
    return _partitions([one.date for one in outcomes])


def _partitions(days: Sequence[dt.date]) -> str:
    dates = sorted(set(days))
    told = f"{len(dates)} dates from {dates[0]} to {dates[-1]}"
    if len(dates) <= FEW:
        told = ", ".join(map(str, dates))
    return f"{counted(len(days), 'partition')} of {told}"
