from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from src.data_eng.sample import SampleFuture
from src.data_eng.sample.options import (
    OptionDay,
    SampleOptions,
    definition_records,
    option_chunks,
    write_option_day,
)

from ..conftest import SUMMER

SAMPLE = SampleOptions(SampleFuture(SUMMER), quotes=60_000, strikes=31, spreads=300)
UNDEFINED = 2**63 - 1
NICKEL = 50_000_000


@dataclass(frozen=True)
class Recorded:
    """A day and all its records."""

    day: OptionDay
    definition: NDArray[Any]
    nbbo: NDArray[Any]
    trades: NDArray[Any]
    statistics: NDArray[Any]

    def outright_rows(self, records: NDArray[Any]) -> NDArray[np.bool_]:
        return np.isin(records["instrument_id"], self.day.chain.instrument_id)


def recorded(sample: SampleOptions) -> Recorded:
    day = OptionDay(sample)
    chunks = list(option_chunks(day))
    return Recorded(
        day,
        definition_records(day),
        np.concatenate([chunk.nbbo for chunk in chunks]),
        np.concatenate([chunk.trades for chunk in chunks]),
        np.concatenate([chunk.statistics for chunk in chunks]),
    )


@pytest.fixture(scope="session")
def options() -> Recorded:
    return recorded(SAMPLE)


@pytest.fixture(scope="session")
def option_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("options") / "raw"
    write_option_day(root, SAMPLE)
    return root


def midnight(date: Any) -> int:
    return int(np.datetime64(date, "ns").astype(np.int64))
