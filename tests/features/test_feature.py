"""Declarations: families, inputs by name, tables that follow."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import pytest

from src.data_eng.features.feature import EVEN, ODD, Feature, FeatureList, compute
from src.data_eng.features.level import columns as level_table
from src.data_eng.features.market import columns as market_table
from src.data_eng.features.option_market import columns as option_columns
from src.data_eng.features.option_market import table as option_table

FEATURES: Final = FeatureList()


@FEATURES.add(
    Feature(
        "sum_{ticks}_ticks_{seconds}s",
        doc="x_{n-1} + {ticks} over {seconds} s.",
        unit="ticks",
        window="{seconds} s",
        null_rule="Null before {seconds} s.",
        mirror=EVEN,
        each={"ticks": (1, 2), "seconds": (10, 60)},
    )
)
def summed(day: int, ticks: int, seconds: int) -> int:
    return day + ticks * seconds


@FEATURES.add(Feature("twice", "Twice.", "ticks", "", "Never null.", ODD, nullable=False))
@FEATURES.add(Feature("once", "Once.", "ticks", "", "Null without.", ODD))
def plain(day: int, more: int) -> int:
    return day + more


@dataclass(frozen=True)
class Inputs:
    day: int
    more: int


def test_a_family_is_a_column_for_each_combination() -> None:
    names = [feature.name for feature in FEATURES]
    family = [f"sum_{ticks}_ticks_{seconds}s" for ticks in (1, 2) for seconds in (10, 60)]
    assert names == [*family, "once", "twice"]
    last = FEATURES[3]
    assert last.doc == "x_{n-1} + 2 over 60 s."
    assert (last.window, last.null_rule) == ("60 s", "Null before 60 s.")
    assert dict(last.arguments) == {"ticks": 2, "seconds": 60}


def test_what_is_not_given_is_an_input_by_its_name() -> None:
    assert FEATURES[0].inputs == ("day",)
    assert FEATURES[-1].inputs == ("day", "more")
    assert compute(FEATURES, Inputs(100, 7)) == {
        "sum_1_ticks_10s": 110,
        "sum_1_ticks_60s": 160,
        "sum_2_ticks_10s": 120,
        "sum_2_ticks_60s": 220,
        "once": 107,
        "twice": 107,
    }


def test_a_function_stays_as_it_is() -> None:
    assert plain(1, 2) == 3
    assert FEATURES[-1].function is plain


def test_a_feature_without_a_function_is_an_error() -> None:
    with pytest.raises(TypeError, match="a feature without its function"):
        Feature("a", "A.", "ticks", "", "Null never.", ODD).compute(Inputs(1, 2))


@pytest.mark.parametrize(
    ("table", "inputs"),
    [
        (market_table.FEATURES, market_table.MarketInputs),
        (level_table.FEATURES, level_table.LevelFeatureInputs),
        (
            [f for f in option_table.FEATURES if f not in option_table.AT_A_MOMENT],
            option_columns.WindowInputs,
        ),
    ],
    ids=["market", "level", "options"],
)
def test_every_input_is_one_that_the_table_has(table: list[Feature], inputs: type) -> None:
    known = {field.name for field in fields(inputs)} | set(dir(inputs))
    for feature in table:
        assert set(feature.inputs) <= known, feature.name


def test_a_moment_is_the_only_input_of_what_a_moment_gives() -> None:
    assert {feature.inputs for feature in option_table.AT_A_MOMENT} == {("moment",)}
