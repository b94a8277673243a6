"""Colours and layout that the figures share; the palette is that of Okabe & Ito (2008)."""

from __future__ import annotations

from typing import Any, Final

UP: Final = "#5B7C8D"
DOWN: Final = "#B9967A"
BIDS: Final = "Blues"
ASKS: Final = "Oranges"
OUTCOME_MARKS: Final = {
    "bounce": ("#009E73", "circle"),
    "break": ("#CC79A7", "x"),
    "timeout": ("#767676", "diamond"),
    "censored": ("#B0B0B0", "circle-open"),
}
GRID: Final = "#E8ECEF"
TEXT: Final = "#1F2D3A"


def layout(height: int, **more: Any) -> dict[str, Any]:
    """Return the layout of a figure."""
    return {
        "height": height,
        "margin": {"l": 70, "r": 24, "t": 16, "b": 64},
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": TEXT},
        "legend": {"orientation": "h", "y": -0.085, "x": 0},
        "hoverlabel": {"bgcolor": "white"},
        **more,
    }


def axis(title: str, **more: Any) -> dict[str, Any]:
    """Return an axis with a title."""
    base: dict[str, Any] = {"title": {"text": title}, "gridcolor": GRID, "zeroline": False}
    return {**base, "linecolor": GRID, **more}
