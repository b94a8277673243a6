"""The regular session of a sample day, statistic by statistic, beside its bounds.

The bounds are what the literature and practice say of ES, from memory: to be replaced by
those of a whole real session when there is one. ``pytest -s`` prints the statistics.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from src.data_eng.sample import SampleFuture

from .conftest import SUMMER, front_of, records_of
from .measures import (
    at,
    between,
    burstiness,
    lag_one,
    mid_moves,
    record_mix,
    spread_and_queue,
    trade_sizes,
    volume,
)

OPEN, CLOSE = at(SUMMER, 9, 30), at(SUMMER, 16)
MINUTE = 60 * 10**9
BOUNDS = {
    "one-tick share of time": (0.97, 0.99),
    "mean trade": (3.0, 5.0),
    "one-lots": (0.55, 0.65),
    "trade size, 99th percentile": (25.0, 60.0),
    "orders at the best price": (15.0, 40.0),
    "contracts at the best price": (30.0, 150.0),
    "share of T": (0.04, 0.07),
    "share of M": (0.15, 0.30),
    "lag-1 correlation of mid moves": (-0.25, -0.10),
    "99th percentile of records a second, over the mean, lowest half hour": (4.0, 8.0),
    "the same, highest half hour": (4.0, 8.0),
    "records, first minute over 9:35 to 9:55": (1.5, 6.0),
    "records, minute from 10:00 over 9:45 to 9:55": (1.5, 6.0),
    "volume, first half hour over midday's": (2.0, 6.0),
    "volume, last half hour over midday's": (2.0, 6.0),
}


@pytest.fixture(scope="module")
def statistics(front: NDArray[Any]) -> dict[str, float]:
    session = between(front, OPEN, CLOSE)
    found = spread_and_queue(session) | trade_sizes(session) | record_mix(session)
    found["lag-1 correlation of mid moves"] = lag_one(mid_moves(session))
    bursts = burstiness(session, OPEN, CLOSE)
    found["99th percentile of records a second, over the mean, lowest half hour"] = bursts.min()
    found["the same, highest half hour"] = bursts.max()
    minutes = between(front, OPEN, OPEN + 60 * MINUTE)["ts_recv"].astype(np.int64)
    counts = np.bincount((minutes - OPEN) // MINUTE, minlength=60)
    found["records, first minute over 9:35 to 9:55"] = counts[0] / counts[5:25].mean()
    found["records, minute from 10:00 over 9:45 to 9:55"] = counts[30] / counts[15:25].mean()
    contracts = volume(session, OPEN, CLOSE)
    midday = contracts[5:9].mean()
    found["volume, first half hour over midday's"] = contracts[0] / midday
    found["volume, last half hour over midday's"] = contracts[-1] / midday
    width = max(map(len, BOUNDS))
    for name, (low, high) in BOUNDS.items():
        sys.stdout.write(f"{name:{width}}  {found[name]:8.3f}  {low} to {high}\n")
    return found


@pytest.mark.parametrize("name", BOUNDS)
def test_statistic(statistics: dict[str, float], name: str) -> None:
    low, high = BOUNDS[name]
    assert low <= statistics[name] <= high


def test_volume_is_u_shaped(front: NDArray[Any]) -> None:
    contracts = volume(front, OPEN, CLOSE)
    thirds = contracts[:4].mean(), contracts[4:9].mean(), contracts[9:].mean()
    assert thirds[0] > thirds[1] < thirds[2]


def test_the_night_is_like_a_real_one(front: NDArray[Any]) -> None:
    # ESH4 on 2023-12-25, 18:05 to 19:00: 0.59, 3.6, 16, 36, 0.07, 0.25.
    night = between(front, at(SUMMER, 1), at(SUMMER, 3))
    found = spread_and_queue(night) | trade_sizes(night) | record_mix(night)
    assert 0.5 < found["one-lots"] < 0.7
    assert 2.5 < found["mean trade"] < 5.0
    assert 8 < found["orders at the best price"] < 20
    assert 15 < found["contracts at the best price"] < 45
    assert 0.03 < found["share of T"] < 0.09
    assert 0.15 < found["share of M"] < 0.30


def test_the_mid_of_the_martingale_mode() -> None:
    lag, whole = [], []
    for seed in range(3):
        sample = SampleFuture(
            SUMMER, records=400_000, instruments=1, seed=seed, martingale=True, faults=0
        )
        moves = mid_moves(between(front_of(records_of(sample)), OPEN, CLOSE))
        lag.append(lag_one(moves))
        whole.append((np.abs(moves) >= 1.0).mean())
    sys.stdout.write(f"lag-1 correlation, martingale mode: {np.round(lag, 3)}\n")
    assert abs(np.mean(lag)) < 0.03
    assert min(whole) > 0.95
