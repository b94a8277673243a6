"""Tracks of chosen features over the session."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from ...catalogue.datasets import dataset
from ...catalogue.feature_tables import KEYS
from ...catalogue.vectors import level_tables
from ...errors import UsageError
from ...features.level.levels import levels
from .day import MARKET, OPTION_MARKET, ReportDay, new_york, numbers, times_ns
from .style import TEXT, axis, layout

_OF_LEVEL: Final = (
    "distance_ticks",
    "approach_speed_ticks_per_minute",
    "volume_share_within_2_ticks_300s",
    "displayed_size_to_mean_of_other_prices_ratio",
)
_OF_MARKET: Final = (
    "normalized_order_flow_imbalance_top_of_book_60s",
    "realized_volatility_bps_300s",
)
_EVERY: Final = 5
_TRACK_HEIGHT: Final = 120


def default_features(level: str) -> list[str]:
    """Return what is shown of a level unless features are named."""
    return [*(f"{level}_{name}" for name in _OF_LEVEL), *_OF_MARKET]


def feature_chart(day: ReportDay, names: Sequence[str]) -> Any:
    """Return the figure: a row for each feature with its unit, every fifth second.

    Raises
    ------
    UsageError
        A feature that no table of the day has.
    """
    tables = [_table_of(day, name) for name in names]
    from plotly.subplots import make_subplots  # noqa: PLC0415 - for reports alone

    figure = make_subplots(
        rows=len(names), cols=1, shared_xaxes=True, vertical_spacing=0.35 / len(names),
        subplot_titles=[_title(key, name) for key, name in zip(tables, names, strict=True)],
    )  # fmt: skip
    for row, (key, name) in enumerate(zip(tables, names, strict=True), 1):
        table = day.tables[key]
        values = numbers(table, name)[::_EVERY]
        if np.isnan(values).all():
            figure.add_annotation(
                text="no values", showarrow=False, row=row, col=1, xref="x domain", x=0.5,
                yref="y domain", y=0.5,
            )  # fmt: skip
            figure.update_yaxes(showticklabels=False, row=row, col=1)
        level = next((one for one in levels() if name.startswith(f"{one.name}_")), None)
        figure.add_scatter(
            x=new_york(times_ns(table, "ts")[::_EVERY]), y=values,
            mode="lines", name=name, row=row, col=1, connectgaps=False,
            line={"color": level.colour if level else TEXT, "width": 1.2},
            hovertemplate="%{x|%H:%M:%S}<br>%{y:.4g}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(**layout(_TRACK_HEIGHT * len(names) + 60, showlegend=False))
    figure.update_layout(margin={"l": 70, "r": 24, "t": 28, "b": 36})
    ends = [str(x) for x in new_york(np.array(day.window_ns))]
    figure.update_xaxes(**axis(""), range=ends, tickformat="%H:%M")
    figure.update_yaxes(**axis(""), nticks=4)
    for title in figure.layout.annotations[: len(names)]:
        title.update(x=0, xanchor="left", font={"size": 12, "color": TEXT})
    return figure


def _title(key: str, name: str) -> str:
    field = next(field for field in dataset(key).contract().fields if field.name == name)
    unit = re.search(r"Unit: (\[[^\]]*\]|[^.;,]+)", field.doc)
    return f"{name}, {html.escape(unit[1])}" if unit else name


def _table_of(day: ReportDay, name: str) -> str:
    for key in (MARKET, OPTION_MARKET, *level_tables().values()):
        if key in day.tables and name not in KEYS and name in day.tables[key].column_names:
            return key
    raise UsageError(f"--features {name}: no feature of {day.symbol} {day.date}")
