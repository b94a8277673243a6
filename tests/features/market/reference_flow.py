"""Order flow between complete books, before a row."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from tests.features.market.reference import ASK, BID, Change, Reference, Value


def ofi(changes: Sequence[Change], k: int) -> int:
    total = 0
    for c in changes:
        if len(c.old[0]) > k and len(c.new[0]) > k:
            (p0, q0, _), (p1, q1, _) = c.old[0][k], c.new[0][k]
            total += (p1 >= p0) * q1 - (p1 <= p0) * q0
        if len(c.old[1]) > k and len(c.new[1]) > k:
            (p0, q0, _), (p1, q1, _) = c.old[1][k], c.new[1][k]
            total += -(p1 <= p0) * q1 + (p1 >= p0) * q0
    return total


def ofi_top_of_book(ref: Reference, seconds: int) -> Value:
    changes = ref.changes_in(seconds)
    if not changes:
        return None
    depth = fmean((c.new[0][0][1] + c.new[1][0][1]) / 2 for c in changes)
    return ofi(changes, 0) / depth


def ofi_top_10(ref: Reference, seconds: int) -> Value:
    changes = ref.changes_in(seconds)
    if not changes or not ref.is_valid_for_most(seconds, 10):
        return None
    depth = fmean(sum(x[1] for side in c.new for x in side) / 20 for c in changes)
    return fmean(ofi(changes, k) for k in range(10)) / depth


def adds_and_cancels(ref: Reference, seconds: int) -> tuple[list[int], list[int]]:
    """Contracts added and cancelled, each (bid, ask)."""
    added, cancelled = [0, 0], [0, 0]
    for c in ref.changes_in(seconds):
        for side, sign in ((BID, 1), (ASK, -1)):
            for price in c.prices(side):
                is_displayed = all(
                    len(levels) < 10 or sign * price >= sign * levels[9][0]
                    for levels in (c.old[side], c.new[side])
                )
                if is_displayed:
                    added[side] += c.added(side, price)
                    cancelled[side] += c.cancelled(side, price)
    return added, cancelled
