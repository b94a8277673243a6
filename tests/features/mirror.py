"""What a column is in the mirrored market, by its attribute ``mirror``."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from src.data_eng.features.book.day_seconds import F64


def image(name: str, of: Mapping[str, F64], mirror: str) -> F64:
    """Return the column as the mirrored market must have it.

    ``of`` has the columns of the same table by name, ``mirror`` may name another of them.
    """
    kind, _, other = mirror.partition(":")
    value = of[other or name]
    if kind in ("odd", "minus_swap"):
        return -value
    if kind == "one_minus":
        return 1 - value
    if kind == "reciprocal":
        return 1 / np.where(value == 0, np.nan, value)
    assert kind in ("even", "swap"), mirror
    return value
