"""VPIN by single contracts."""

from __future__ import annotations

from src.data_eng.features.definitions import VPIN_BUCKETS as BUCKETS


def naive(trades: list[tuple[int, int]], volume: int) -> float | None:
    """VPIN of (size, sign) trades by single contracts, half of an unsigned one on each side."""
    contracts = [sign for size, sign in trades for _ in range(size)]
    full = [contracts[i : i + volume] for i in range(0, len(contracts), volume)]
    full = [bucket for bucket in full if len(bucket) == volume][-BUCKETS:]
    if len(full) < BUCKETS:
        return None
    total = 0.0
    for bucket in full:
        bought = sum(1.0 if s > 0 else 0.5 if s == 0 else 0.0 for s in bucket)
        total += abs(bought - (volume - bought))
    return total / (BUCKETS * volume)
