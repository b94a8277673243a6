"""Of a filter, the comparisons by which row groups are left out: right ones, or none."""

from __future__ import annotations

import datetime as dt
import operator

import polars as pl
import pytest

from src.data_eng.parquet.bound import Bound
from src.data_eng.research.predicate import bounds as found
from src.data_eng.research.predicate import conditions

NS = pl.Datetime("ns", "UTC")
SCHEMA = pl.DataFrame(
    schema={
        "ts": NS,
        "count": pl.Int32,
        "byte": pl.UInt8,
        "long": pl.UInt64,
        "day": pl.Date,
        "price": pl.Float64,
        "side": pl.String,
        "symbol": pl.String,
        "dt": pl.Date,
    }
).schema
TIME = dt.datetime(2025, 6, 5, 13, 30, 0, 123456, dt.UTC)
TIME_NS = 1_749_130_200_123_456_000
ts, count, day = pl.col("ts"), pl.col("count"), pl.col("day")


@pytest.mark.parametrize(
    ("predicate", "bounds"),
    [
        (ts >= TIME, [Bound("ts", operator.ge, TIME_NS)]),
        (ts < pl.lit(TIME_NS + 7).cast(NS), [Bound("ts", operator.lt, TIME_NS + 7)]),
        (pl.lit(TIME) < ts, [Bound("ts", operator.gt, TIME_NS)]),
        (count == 5, [Bound("count", operator.eq, 5)]),
        (count <= 2**40, [Bound("count", operator.le, 2**40)]),
        (pl.col("byte") > 200, [Bound("byte", operator.gt, 200)]),
        (day > dt.date(1970, 1, 8), [Bound("day", operator.gt, 7)]),
        (
            count.is_between(3, 9) & (ts > TIME),
            [
                Bound("count", operator.ge, 3),
                Bound("count", operator.le, 9),
                Bound("ts", operator.gt, TIME_NS),
            ],
        ),
        (count > pl.lit(2) + 3, [Bound("count", operator.gt, 5)]),
        ((count > 2) & (count > pl.col("byte")), [Bound("count", operator.gt, 2)]),
    ],
)
def test_comparisons_with_a_value(predicate: pl.Expr, bounds: list[Bound]) -> None:
    assert found(conditions(predicate), SCHEMA) == bounds


@pytest.mark.parametrize(
    "predicate",
    [
        count > 1.5,
        count == pl.lit(None, pl.Int32),
        count > pl.lit(pl.Series([1, 2])),
        (count > pl.lit(pl.Series([1, 2]))) & (count > pl.lit(pl.Series([1, 2, 3]))),
        count.is_between(3, 9, closed="none"),
        (count > 3) | (count < 1),
        count != 3,
        day > TIME,
        ts > dt.date(2025, 6, 5),
        count > dt.date(2025, 6, 5),
        pl.col("price") > 3,
        pl.col("long") > 3,
        pl.col("side") > "A",
        pl.col("dt") > dt.date(2025, 6, 5),
        pl.col("symbol") == "ESM5",
    ],
)
def test_what_is_none_of_them(predicate: pl.Expr) -> None:
    assert not found(conditions(predicate), SCHEMA)
