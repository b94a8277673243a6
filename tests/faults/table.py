"""The counts of campaigns as text: one line as each ends, a table at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .campaign import Counts, Kind

_COLUMNS: Final = (
    ("campaign", "name"),
    ("injected", "injected"),
    ("old", "survived_old"),
    ("new or right", "survived_new"),
    ("refused", "refused"),
    ("lost", "lost"),
    ("half-written", "half_written"),
    ("wrong values", "wrong_values"),
    ("tracebacks", "tracebacks"),
    ("hangs", "hangs"),
    ("peak MiB", "peak_mib"),
    ("seconds", "seconds"),
)
_KINDS: Final[tuple[Kind, ...]] = ("faults", "damages", "inputs")


def line(counts: Counts) -> str:
    """Return the line of a campaign that has ended."""
    told = f"{counts.name}: {counts.injected:,} {counts.kind} in {counts.seconds:.1f} s, "
    told += f"{counts.broken} findings, peak {counts.peak_mib:.0f} MiB"
    return "; ".join([told, *counts.notes])


def reproducers(counts: Counts, seed: int) -> list[str]:
    """Return a line for each finding, with the command that makes it again."""
    return [
        f"  {counts.name}, seed {seed}, number {one.number}: {one.broken}: {one.text}\n"
        f"    python -m tests.faults --only {counts.name} --seed {seed} --number {one.number}"
        for one in counts.findings
    ]


def table(found: Sequence[Counts]) -> str:
    """Return the counts as a Markdown table, with a line for the sum of each kind."""
    rows = [[_cell(counts, name) for _, name in _COLUMNS] for counts in found]
    for kind in _KINDS:
        same = [counts for counts in found if counts.kind == kind]
        if same:
            total = Counts(f"all {kind}", kind)
            for name in (name for _, name in _COLUMNS[1:]):
                values = [getattr(counts, name) for counts in same]
                setattr(total, name, max(values) if name == "peak_mib" else sum(values))
            rows.append([_cell(total, name) for _, name in _COLUMNS])
    titles = [title for title, _ in _COLUMNS]
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    ruler = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = [titles, ruler, *rows]
    return "\n".join("| " + " | ".join(_padded(one, widths)) + " |" for one in lines)


def _padded(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = zip(cells, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]


def _cell(counts: Counts, name: str) -> str:
    value = getattr(counts, name)
    return value if isinstance(value, str) else f"{value:,.0f}"
