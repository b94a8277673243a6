"""Tables of text that fit the terminal: a column goes whole before another is cut."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Column, Table

_GAP: Final = 2
_WRAPPED_WIDTH: Final = 24
"""Columns of a text that may take several lines."""


def fitted_table(
    console: Console,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    leave_out: Sequence[str],
    wrapped: Collection[str] = (),
) -> tuple[Table, list[str]]:
    """Return a table without the columns that there is no room for, and their names.

    Parameters
    ----------
    console : rich.console.Console
        Whose width is to be kept.
    columns : sequence of Column
        Without cells.
    rows : sequence of sequence of str
        A cell a column.
    leave_out : sequence of str
        Headers of what can be missed, the first to go first.
    wrapped : collection of str
        Headers of texts that may take several lines; what stands in others is never cut.
    """
    headers = [str(column.header) for column in columns]
    widths = {
        header: max(cell_len(header), *(cell_len(row[n]) for row in rows), 0)
        for n, header in enumerate(headers)
    }
    for header in wrapped:
        widths[header] = min(widths[header], max(_WRAPPED_WIDTH, len(header)))
    shown = list(headers)
    for header in filter(headers.__contains__, leave_out):
        if sum(widths[one] + _GAP for one in shown) - _GAP <= console.width:
            break
        shown.remove(header)
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        header = str(column.header)
        if header in shown:
            table.add_column(
                header,
                justify=column.justify,
                style=column.style,
                no_wrap=header not in wrapped,
                min_width=widths[header],
                max_width=widths[header],
            )
    kept = [n for n, header in enumerate(headers) if header in shown]
    for row in rows:
        table.add_row(*(row[n] for n in kept))
    return table, [header for header in headers if header not in shown]
