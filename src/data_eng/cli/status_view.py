"""The text of ``status``: tables, reasons grouped, one line of counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.table import Column

from ..edge import one_line
from ..pipeline.causes import Cause
from ..pipeline.inventory import Found, State
from ..vendor.delivered_date import DeliveredDate
from ..words import counted, span
from .console import plain_console
from .fitted_table import fitted_table

MAX_DATES: Final = 40
_MAX_LINES: Final = 200
_REASONS: Final = 20


@dataclass(frozen=True)
class Status:
    """What a lake holds.

    Attributes
    ----------
    found : sequence of Found
    deliveries : sequence of DeliveredDate
        What the raw data of each Bronze partition cover.
    damaged : sequence of str
        What is wrong, partition by partition.
    stale : sequence of Cause
    raw_bytes : dict of str to int
        Size of the raw files by raw table.
    free_bytes : int
        Of the file system of the lake.
    nothing : str
        What to tell where there is no partition.
    """

    found: Sequence[Found]
    deliveries: Sequence[DeliveredDate]
    damaged: Sequence[str]
    stale: Sequence[Cause]
    raw_bytes: dict[str, int]
    free_bytes: int
    nothing: str = "no partition"


def print_status(told: Status, *, is_full: bool) -> None:
    """Print it; ``is_full`` adds a line for each partition that is not complete."""
    console = plain_console()
    found = told.found
    if found:
        _print_tables(console, found)
    _print_raw_data(console, told.deliveries)
    for state in (State.COMPLETE, State.MISSING):
        _print_reasons(console, state, [one for one in found if one.state is state and one.reason])
    _print_stale(console, told.stale)
    if is_full:
        for one in found:
            if one.state not in (State.COMPLETE, State.DAMAGED):  # these are told below
                console.print(f"{one.state}: {one.partition}: {one_line(one.reason)}")
    for line in told.damaged:
        console.print(f"damaged: {one_line(line)}")
    counts = Counter(str(one.state) for one in found)
    words = ", ".join(f"{counts[state]:,} {state}" for state in State if counts[state])
    size, raw = sum(one.bytes for one in found), sum(told.raw_bytes.values())
    console.print(
        f"{words or told.nothing}; {size / 1e6:,.1f} MB of data, {raw / 1e6:,.1f} MB of raw "
        f"files; {told.free_bytes / 1e9:,.1f} GB free"
    )


def _print_raw_data(console: Console, deliveries: Sequence[DeliveredDate]) -> None:
    shown = list(deliveries)
    if len({one.dt for one in deliveries}) > MAX_DATES:
        shown = [one for one in deliveries if one.is_notable]
        rest = len(deliveries) - len(shown)
        others = "; the others:" if shown else ""
        whole = counted(rest, "table of a date", "tables of a date")
        console.print(f"raw data: whole: {whole}{others}")
    more = len(shown) - _MAX_LINES
    shown = shown[:_MAX_LINES]
    if shown:
        _print_deliveries(console, shown)
        for one in shown:
            if one.shortfall is not None:
                console.print(f"not whole: {one.dataset} {one.symbol} {one.dt}: {one.shortfall}")
            if one.long_silences is not None:
                console.print(f"silent: {one.dataset} {one.symbol} {one.dt}: {one.long_silences}")
    if more > 0:
        console.print(f"raw data: {more} more; --dates narrows, --output json has all")


def _print_stale(console: Console, stale: Sequence[Cause]) -> None:
    for one in stale[:_REASONS]:
        below, tables = [day for days in one.below.values() for day in days], len(one.below)
        also = f"; {len(below):,} made of it, in {counted(tables, 'table')}" if below else ""
        many = f"{len(one.own):,} " if one.own else ""
        console.print(
            f"stale: {one.dataset}: {many}{span([*one.own, *below])}: {one_line(one.reason)}{also}"
        )
    if len(stale) > _REASONS:
        console.print(
            f"stale: {counted(len(stale) - _REASONS, 'more reason')}; --list or --output json"
        )


def _print_tables(console: Console, found: Sequence[Found]) -> None:
    tables: dict[str, list[Found]] = {}
    for one in found:
        tables.setdefault(one.partition.dataset.key, []).append(one)
    states = [state for state in State if any(one.state is state for one in found)]
    numbers = [*map(str, states), "rows", "MB"]
    columns = [Column(name) for name in ("dataset", "symbols", "first date", "last date")]
    columns += [Column(name, justify="right") for name in numbers]
    rows = [_row(key, mine, states) for key, mine in tables.items()]
    if len({one.partition.date for one in found}) == 1:
        columns[2:4] = [Column("date")]
        rows = [[*row[:3], *row[4:]] for row in rows]
    leave_out = ("symbols", "rows", "first date", "MB", "date", "last date")
    _print_fitted(console, columns, rows, leave_out)


def _row(key: str, found: Sequence[Found], states: Sequence[State]) -> list[str]:
    counts = Counter(one.state for one in found)
    dates = [one.partition.date for one in found]
    return [
        key,
        _few(sorted({one.partition.symbol for one in found})),
        str(min(dates)),
        str(max(dates)),
        *(f"{counts[state]:,}" if counts[state] else "" for state in states),
        f"{sum(one.rows or 0 for one in found if one.state is not State.REMOVED):,}",
        f"{sum(one.bytes for one in found) / 1e6:,.1f}",
    ]


def _print_deliveries(console: Console, deliveries: Iterable[DeliveredDate]) -> None:
    headers = [
        *("date", "table", "symbol", "files cover", "records (New York)", "silences"),
        *("steps back", "dropped", "condition", "whole"),
    ]
    rows = [
        [
            one.dt,
            one.dataset.removeprefix("bronze."),
            one.symbol,
            one.cover_words,
            one.records,
            one.silence_words,
            one.step_back_words,
            one.dropped_words,
            one.condition or "not stated",
            "no" if one.shortfall else "yes",
        ]
        for one in sorted(deliveries, key=lambda item: (item.dt, item.dataset))
    ]
    leave_out = ("dropped", "symbol", "condition", "steps back", "files cover", headers[4])
    texts = ("files cover", "silences", "dropped")
    _print_fitted(console, [Column(one) for one in headers], rows, leave_out, texts)


def _print_fitted(
    console: Console,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    leave_out: Sequence[str],
    wrapped: Collection[str] = (),
) -> None:
    table, missed = fitted_table(console, columns, rows, leave_out, wrapped)
    console.print(table)
    if missed:
        console.print(f"no room for {', '.join(missed)}: a wider terminal, or --output json")
    console.print()


def _print_reasons(console: Console, state: State, found: Sequence[Found]) -> None:
    # Grouped: a new version of one stage makes a year stale for one reason.
    groups: dict[tuple[str, str], list[Found]] = {}
    for one in found:
        groups.setdefault((one.partition.dataset.key, one.reason), []).append(one)
    for (key, reason), mine in list(groups.items())[:_REASONS]:
        dates = [one.partition.date for one in mine]
        console.print(f"{state}: {key}: {len(mine):,} {span(dates)}: {one_line(reason)}")
    if len(groups) > _REASONS:
        console.print(
            f"{state}: {counted(len(groups) - _REASONS, 'more reason')}; --output json has all"
        )


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{names[0]} ... {names[-1]} ({len(names)})"
