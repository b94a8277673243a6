"""The touches of a day as a table whose rows choose what the page shows."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any

from ...features.level.levels import level_names, level_words
from .levels import DID

_HEAD = ("#", "time", "level", "price", "from", "outcome", "after", "back", "through")
_NUMERIC = frozenset((1, 3, 6, 7, 8))


def touch_table(touches: Iterable[Mapping[str, Any]], decimals: int = 2) -> str:
    """Return the table; each row begins with the button that chooses its touch.

    Parameters
    ----------
    touches : iterable of mapping
        As of `touches.touch_rows`.
    decimals : int
        Of prices.
    """
    rows = "".join(_row(touch, decimals) for touch in touches)
    if not rows:
        return '<p id="untouched">No level was touched between 09:30 and 12:30.</p>'
    head = "".join(
        f'<th scope="col"{_right(i)}>{html.escape(name)}</th>' for i, name in enumerate(_HEAD)
    )
    return (
        '<div class="wide" id="touches" tabindex="0" role="region" aria-label="Touches">'
        '<table><caption class="unseen">Touches; the button of a row shows its book, its '
        "features and its outcome. Arrow keys go from row to row.</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(touch: Mapping[str, Any], decimals: int) -> str:
    primary = touch["sets"][0]
    decided = primary["decided"]
    number, kind = touch["number"], touch["outcome"]
    level = f'<i class="swatch"></i>{html.escape(level_words(touch["level"]))}'
    cells = [
        clock(touch["time"]),
        level,
        "" if touch["price"] is None else f"{touch['price']:,.{decimals}f}",
        "▲ below" if touch["side"] < 0 else "▼ above",
        html.escape(DID[kind]),
        "" if decided is None else duration(decided - touch["from"]),
        _ticks(primary["back"]),
        _ticks(primary["through"]),
    ]
    name = (
        f"Touch {number}: {level_words(touch['level'])} from "
        f"{'below' if touch['side'] < 0 else 'above'} at {clock(touch['time'])}, {DID[kind]}"
    )
    button = (
        f'<button type="button" class="mark {kind}" data-touch="{number}" aria-pressed="false" '
        f'aria-label="{html.escape(name)}">{number}</button>'
    )
    body = "".join(f"<td{_right(i)}>{cell}</td>" for i, cell in enumerate(cells, 1))
    place = level_names().index(touch["level"])
    return f'<tr data-touch="{number}" class="level-{place}"><td>{button}</td>{body}</tr>'


def clock(seconds: float, digits: int = 0) -> str:
    """Return seconds since 00:00 as a clock shows them.

    Examples
    --------
    >>> clock(34385.753), clock(34385.753, 3)
    ('09:33:05', '09:33:05.753')
    """
    milli = round(seconds * 1000)
    whole, rest = divmod(milli, 1000)
    words = f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{words}.{rest:03d}" if digits else words


def duration(seconds: float) -> str:
    """Return a duration in minutes and seconds.

    Examples
    --------
    >>> duration(176.357), duration(0.2)
    ('2:56', '0:00')
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _ticks(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"


def _right(i: int) -> str:
    return ' class="number"' if i in _NUMERIC else ""
