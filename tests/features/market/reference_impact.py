"""Slopes of the price on flow, and illiquidity, over the intervals before a row."""

from __future__ import annotations

import math
from statistics import fmean

from tests.features.market.reference import NS, Reference, Value, sign
from tests.features.market.reference_flow import ofi


def intervals(ref: Reference, steps: int, seconds: int) -> list[tuple[int, int]]:
    return [
        (ref.ts - (k + 1) * seconds * NS, ref.ts - k * seconds * NS)
        for k in range(steps - 1, -1, -1)
    ]


def impact(ref: Reference, kind: str) -> Value:
    xs, ys, traded = [], [], 0
    for begin, end in intervals(ref, 180, 10):
        a, b = ref.mid_at(begin), ref.mid_at(end)
        if a is None or b is None:
            continue
        trades = ref.trades_between(begin, end)
        traded += sum(r.size or 0 for r in trades) > 0
        if kind == "trades":
            x = sum(sign(r) * (r.size or 0) for r in trades)
        else:
            x = ofi(ref.changes_between(begin, end), 0)
        xs.append(x / 1000)
        ys.append(b - a)
    if traded < 60 or max(xs) == min(xs):
        return None
    x_mean, y_mean = fmean(xs), fmean(ys)
    pairs = list(zip(xs, ys, strict=True))
    return sum((x - x_mean) * (y - y_mean) for x, y in pairs) / sum((x - x_mean) ** 2 for x in xs)


def amihud(ref: Reference, tick_size: float) -> Value:
    values = []
    for begin, end in intervals(ref, 30, 60):
        a, b = ref.mid_at(begin), ref.mid_at(end)
        trades = ref.trades_between(begin, end)
        if a is None or b is None or not sum(r.size or 0 for r in trades):
            continue
        notional = sum((r.price or 0) * tick_size * ref.multiplier * (r.size or 0) for r in trades)
        values.append(1e4 * abs(math.log(b / a)) / (notional / 1e8))
    return fmean(values) if len(values) >= 20 else None
