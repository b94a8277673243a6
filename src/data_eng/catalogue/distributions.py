"""How the features are distributed on a sample: small numbers beside the page, as small pictures.

The file is written by ``python -m docs.scripts.distributions`` from a lake; nothing here reads one.
A feature of the levels stands once, under ``{level}_name``, for all levels together.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from ..errors import ContractError

COMMAND: Final = "python -m docs.scripts.distributions"
LEVEL: Final = "{level}"
"""Stands for the name of a level in the name of a feature."""

HEIGHT: Final = 20
"""The tallest column of a picture; counts are scaled to it."""


@dataclass(frozen=True)
class Distribution:
    """The values of a feature.

    Attributes
    ----------
    null_share : float
        Rows without a value as a share of all.
    low, median, high : float or None
        Quantiles of 1, 50 and 99 percent, in the feature's unit; None where there is no value.
    columns : tuple of int
        Heights of a histogram from ``low`` to ``high``, 0 to `HEIGHT`; empty without values.
    """

    null_share: float
    low: float | None
    median: float | None
    high: float | None
    columns: tuple[int, ...]

    def picture(self) -> str:
        """Return the histogram as an SVG element on one line; empty without values."""
        if not self.columns:
            return ""
        runs = [(height, len(list(run))) for height, run in groupby(self.columns)]
        steps = "".join(f"V{HEIGHT - height}h{length}" for height, length in runs)
        return (
            f'<svg class="spark" viewBox="0 0 {len(self.columns)} {HEIGHT}" role="img" '
            f'preserveAspectRatio="none" aria-label="histogram"><path d="M0 {HEIGHT}{steps}'
            f'V{HEIGHT}z"/></svg>'
        )

    def words(self) -> str:
        """Return median and range, and how many rows have no value."""
        if self.median is None:
            return "no value"
        text = f"{_short(self.median)} ({_short(self.low)} to {_short(self.high)})"
        return text if self.null_share < 0.005 else f"{text}, {self.null_share:.0%} null"


def read_distributions(path: Path) -> Mapping[str, Mapping[str, Distribution]]:
    """Return distributions by ``{product_type}.{table}`` and name; nothing where there is no file.

    Raises
    ------
    ContractError
        The file is not what the command writes.
    """
    try:
        text = path.read_text()
    except FileNotFoundError:
        return {}
    try:
        tables = json.loads(text)["tables"]
        return {
            table: {name: _distribution(item) for name, item in features.items()}
            for table, features in tables.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ContractError(f"{path}: not what {COMMAND} writes ({error}); run it again") from error


def _distribution(item: Mapping[str, Any]) -> Distribution:
    low, median, high = item["quantiles"] or (None, None, None)
    columns: Sequence[int] = item["columns"]
    if any(not 0 <= height <= HEIGHT for height in columns):
        raise ValueError(f"columns {columns}")
    return Distribution(float(item["null_share"]), low, median, high, tuple(map(int, columns)))


def _short(value: float | None) -> str:
    text = f"{value:.3g}"
    return text if "e" not in text else f"{value:,.0f}" if abs(value or 0) >= 1000 else text
