"""Small values for `option_reference`."""

from __future__ import annotations

import math
from typing import Any

from scipy.optimize import brentq

from tests.dbn_files import Records
from tests.stages.silver.option_reference_smile import Number


def before(records: Records, at_ns: int) -> Records:
    return records[records["ts_recv"] < at_ns]


def ratio(part: float, whole: float) -> Number:
    return part / whole if whole else None


def points(a: Number, b: Number) -> Number:
    return None if a is None or b is None else 100 * (a - b)


def at_30_days(years: list[float], values: list[Number]) -> Number:
    known = [(t, v) for t, v in zip(years, values, strict=True) if v is not None]
    before = [pair for pair in known if pair[0] <= 30 / 365]
    after = [pair for pair in known if pair[0] >= 30 / 365]
    if not before or not after:
        return None
    (t1, v1), (t2, v2) = before[-1], after[0]
    total = v1**2 * t1 + (v2**2 * t2 - v1**2 * t1) * (30 / 365 - t1) / (t2 - t1)
    return math.sqrt(total / (30 / 365))


def zero_gamma(net: Any) -> Number:
    grid = [0.9 + 0.2 * i / 400 for i in range(401)]
    values = [net(x) for x in grid]
    roots = [brentq(net, grid[i], grid[i + 1]) for i in range(400) if values[i] * values[i + 1] < 0]
    return 100 * (1 - min(roots, key=lambda x: abs(x - 1))) if roots else None
