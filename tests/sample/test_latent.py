from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from src.data_eng.sample import SampleFuture, reference_path

from .conftest import SUMMER


def test_path_depends_on_date_root_and_seed_alone() -> None:
    times, price = reference_path(SampleFuture(SUMMER, records=20_000))
    _, same = reference_path(SampleFuture(SUMMER, records=9_000_000, instruments=46))
    _, other = reference_path(SampleFuture(SUMMER, seed=8))
    assert times.shape == price.shape == (86_401,)
    assert times.dtype == np.int64
    assert (np.diff(times) == 10**9).all()
    assert (price == same).all()
    assert (price != other).any()


def test_days_join() -> None:
    for day in (dt.date(2025, 6, 5), dt.date(2025, 1, 2), dt.date(2024, 12, 30)):
        _, today = reference_path(SampleFuture(day))
        _, tomorrow = reference_path(SampleFuture(day + dt.timedelta(days=1)))
        assert tomorrow[0] == pytest.approx(today[-1], rel=2e-4)  # a day's carry


def test_price_stands_still_while_closed() -> None:
    _, price = reference_path(SampleFuture(SUMMER))
    assert np.ptp(price[21 * 3600 : 22 * 3600 + 1]) == 0
    assert np.ptp(price[20 * 3600 : 21 * 3600]) > 0


def test_path_is_a_driftless_walk_of_about_one_per_cent_a_day() -> None:
    days = [np.diff(np.log(reference_path(SampleFuture(SUMMER, seed=s))[1])) for s in range(60)]
    daily = np.array([step.sum() for step in days])
    assert 0.006 < daily.std() < 0.012
    assert abs(daily.mean()) < 3 * daily.std() / np.sqrt(daily.size)
    minutes = np.concatenate([step.reshape(1440, 60).sum(axis=1) for step in days])
    assert abs(np.corrcoef(minutes[:-1], minutes[1:])[0, 1]) < 0.02


def test_variance_is_u_shaped() -> None:
    steps = np.stack(
        [np.diff(np.log(reference_path(SampleFuture(SUMMER, seed=s))[1])) for s in range(20)]
    )
    hour = (steps.reshape(20, 24, 3600) ** 2).sum(axis=(0, 2))
    assert hour[14] > 1.2 * hour[17] < hour[19]
    assert hour[14] > 5 * hour[5]
