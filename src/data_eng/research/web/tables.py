"""Tables of a page."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence


def html_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], numeric: Iterable[int], caption: str
) -> str:
    """Return a table in a frame that scrolls by itself where the screen is narrow.

    Parameters
    ----------
    head : sequence of str
        A column's name each.
    rows : iterable of sequence of str
        Cells; every text is escaped.
    numeric : iterable of int
        Columns that hold numbers, which are set right.
    caption : str
        What it is, for those who hear the page.
    """
    right = dict.fromkeys(numeric, ' class="number"')

    def cells(row: Sequence[str], start: str, end: str) -> str:
        return "".join(
            f"<{start}{right.get(i, '')}>{html.escape(text)}</{end}>" for i, text in enumerate(row)
        )

    names = cells(head, 'th scope="col"', "th")
    body = "".join(f"<tr>{cells(row, 'td', 'td')}</tr>" for row in rows)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{html.escape(caption)}">'
        f'<table><caption class="unseen">{html.escape(caption)}</caption>'
        f"<thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>"
    )
