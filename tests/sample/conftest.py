from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from src.data_eng.sample import SampleFuture, market_by_price_10_chunks

SUMMER = dt.date(2025, 6, 5)


def records_of(sample: SampleFuture) -> NDArray[Any]:
    return np.concatenate(list(market_by_price_10_chunks(sample)))


def front_of(records: NDArray[Any]) -> NDArray[Any]:
    """Return the records of the busiest instrument."""
    ids, counts = np.unique(records["instrument_id"], return_counts=True)
    return np.asarray(records[records["instrument_id"] == ids[counts.argmax()]])


@pytest.fixture(scope="session")
def small() -> tuple[SampleFuture, NDArray[Any]]:
    sample = SampleFuture(SUMMER, records=20_000, instruments=5)
    return sample, records_of(sample)


@pytest.fixture(scope="session")
def day() -> tuple[SampleFuture, NDArray[Any]]:
    sample = SampleFuture(SUMMER, records=600_000)
    return sample, records_of(sample)


@pytest.fixture(scope="session")
def front(day: tuple[SampleFuture, NDArray[Any]]) -> NDArray[Any]:
    return front_of(day[1])
