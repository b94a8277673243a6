"""Mirror images of features, by what the table contract says of each."""

from __future__ import annotations

import polars as pl
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.catalogue.vectors import VECTOR
from src.data_eng.features.level.levels import level_names
from src.data_eng.research.orientation import mirror_images

EXCHANGED = {"pm_high": "pm_low", "pm_low": "pm_high", "or_high": "or_low", "or_low": "or_high"}


def frame(rows: int = 3) -> pl.DataFrame:
    """Every feature of the vector with values of its own, exact halves."""
    names = [field.name for field in dataset(VECTOR).contract().fields if field.mirror]
    return pl.DataFrame(
        {name: [0.5 * (n + 1) * (k - 1) for k in range(rows)] for n, name in enumerate(names)}
    )


def exchanged(name: str) -> str:
    for level in level_names():
        if name.startswith(f"{level}_"):
            return f"{EXCHANGED.get(level, level)}{name.removeprefix(level)}"
    return name


@pytest.mark.parametrize("exchange_levels", [True, False])
def test_an_image_is_what_the_contract_says_and_the_other_rows_stay(exchange_levels: bool) -> None:
    before = frame()
    rows = pl.lit(pl.Series([True, False, True]))
    after = mirror_images(before, VECTOR, rows, exchange_levels=exchange_levels)
    assert after.columns == before.columns
    assert after.row(1) == before.row(1)
    for field in dataset(VECTOR).contract().fields:
        if not field.mirror:
            continue
        how, _, other = field.mirror.partition(":")
        name = other or field.name
        source = exchanged(name) if exchange_levels else name
        for row in (0, 2):
            value = before[source][row]
            image = {
                "even": value,
                "odd": -value,
                "one_minus": 1 - value,
                "swap": value,
                "minus_swap": -value,
                "reciprocal": 1 / value if value else None,
            }[how]
            assert after[field.name][row] == image, field.name


def test_twice_turned_is_as_before_and_nothing_stays_missing() -> None:
    before = frame().with_columns(pl.lit(None, pl.Float64).alias("pm_low_touch_count"))
    every = pl.lit(value=True)
    once = mirror_images(before, VECTOR, every, exchange_levels=True)
    assert once["pm_high_touch_count"].null_count() == once.height
    again = mirror_images(once, VECTOR, every, exchange_levels=True)
    reciprocals = [f.name for f in dataset(VECTOR).contract().fields if f.mirror == "reciprocal"]
    assert again.drop(reciprocals).equals(before.drop(reciprocals))  # of 0 there is none
