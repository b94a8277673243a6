"""A pass that fails: what is told, and that nothing is published."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.errors import CorruptPartitionError
from src.data_eng.lake.paths import Partition
from src.data_eng.settings import Settings
from src.data_eng.stages.declaration import Declaration
from src.data_eng.stages.inputs import Inputs
from src.data_eng.stages.reads import Read
from src.data_eng.stages.target import Made, Writers
from src.data_eng.stages.write import write
from tests.published_trades import DATE, KEY, damage_prices, publish_table, trades

BARS = Partition(dataset("silver.future.ohlcv_2m"), "ESM5", DATE)


class Bars(Declaration):
    name: ClassVar[str] = "bars"
    version: ClassVar[int] = 1
    reads = (Read(KEY),)
    writes = (BARS.dataset,)


def failing(_writers: Writers) -> Made:
    raise ZeroDivisionError


@pytest.mark.parametrize("is_damaged", [False, True])
def test_an_error_over_a_damaged_input_is_the_inputs(tmp_path: Path, is_damaged: bool) -> None:
    """What is wrong with the rows may be the damage's doing."""
    publish_table(tmp_path, trades())
    if is_damaged:
        damage_prices(tmp_path)
    settings = Settings(lake_root=tmp_path)
    kind = CorruptPartitionError if is_damaged else ZeroDivisionError
    with Inputs(tmp_path, Bars.reads, "ESM5", DATE, "volume") as inputs, pytest.raises(kind):
        write(Bars(), failing, settings, inputs, [BARS])
    assert list((tmp_path / BARS.table_folder).iterdir()) == []
