"""The options' MARKET table in the mirror, and what its manifest counts."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from src.data_eng.catalogue.datasets import dataset
from src.data_eng.features.option_market.table import FEATURES
from src.data_eng.lake.paths import Partition
from src.data_eng.lake.reader import PublishedPartition
from src.data_eng.options.quotes import RULES
from tests.dbn_files import DATE
from tests.option_files import OPEN_NS
from tests.stages.silver.option_lake import (
    SECOND_NS,
    SILENT_S,
    Day,
    build,
    make_day,
    market_of,
    option_lake,
)
from tests.stages.silver.option_reference import SlowMarket

CENTRE = 5_900 * 10**9
BLACK_76 = ("volatility", "risk_reversal", "butterfly", "gamma", "weighted")
"""Parts of names of columns that are made with a model of logarithms, which has no mirror."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return option_lake(tmp_path_factory)


@pytest.fixture(scope="module")
def market(lake: Path) -> pl.DataFrame:
    return market_of(lake)


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    return build(tmp_path_factory.mktemp("mirror"), mirror(make_day()))


def mirror(day: Day) -> Day:
    """Turn strikes about the centre and change calls and puts; premiums stay as they are."""
    terms = day["definition"]
    terms["strike_price"] = 2 * CENTRE - terms["strike_price"]
    is_call = terms["instrument_class"] == b"C"
    terms["instrument_class"] = np.where(is_call, b"P", b"C")
    return day


ROWS = [0, 605, 3_330, 5_410, 7_210, 9_000, 10_800]


def test_every_column_has_a_mirror_or_a_model() -> None:
    tested = [f.name for f in FEATURES if not any(part in f.name for part in BLACK_76)]
    assert len(tested) == 12, tested


@pytest.mark.parametrize(
    "name", [f.name for f in FEATURES if not any(part in f.name for part in BLACK_76)]
)
def test_the_mirrored_market(market: pl.DataFrame, mirrored: pl.DataFrame, name: str) -> None:
    rule = next(f.mirror for f in FEATURES if f.name == name)
    other = rule.partition(":")[2] or name
    ours, theirs = market[name].to_numpy(), mirrored[other].to_numpy()
    if name.endswith("_pct_front"):
        # Points from the forward: per cent of it are others in the mirror.
        ours, theirs = ours[ROWS], theirs[ROWS]
        plain, turned = forwards()
        ours, theirs = ours * plain, theirs * turned
    assert (~np.isnan(ours)).sum() >= min(len(ours), 7)
    if rule == "reciprocal":
        known = ours != 0
        np.testing.assert_allclose(theirs[known], 1 / ours[known], rtol=1e-9, atol=0)
        assert np.isnan(theirs[~known]).all()
    elif name == "option_relative_quoted_spread_front":
        # Where the forward lies midway the ten nearest strikes are others.
        assert np.isclose(theirs, ours, rtol=1e-9, atol=0, equal_nan=True).mean() > 0.998
    else:
        sign = -1 if rule == "odd" or rule.startswith("minus") else 1
        # Points times 100, of forwards of 6000 with sixteen digits.
        np.testing.assert_allclose(theirs, sign * ours, rtol=1e-9, atol=1e-7)


@cache
def forwards() -> tuple[list[float], list[float]]:
    """Return the front expiry's forward at `ROWS`, of the day and in the mirror."""
    plain, turned = SlowMarket(make_day(), DATE), SlowMarket(mirror(make_day()), DATE)
    return [forward(plain, row) for row in ROWS], [forward(turned, row) for row in ROWS]


def forward(slow: SlowMarket, second: int) -> float:
    _, front = slow.smiles(OPEN_NS + second // 5 * 5 * SECOND_NS, 1800 * SECOND_NS)[0]
    assert front is not None
    return front.forward


def facts_of(lake: Path) -> dict[str, Any]:
    partition = Partition(dataset("silver.future_option.market"), "ESM5", DATE)
    with PublishedPartition(lake, partition) as published:
        return dict(published.manifest.facts)


def test_the_manifest_counts_the_quotes(lake: Path) -> None:
    """Every rule has quotes on the day; the counts are those of slow loops over some steps."""
    facts = facts_of(lake)
    found = facts["quotes"]
    silent = (SILENT_S[1] // 5 + 1) - (SILENT_S[0] + 60) // 5
    assert found["steps"] == 2_161 - silent
    counts = found["by_rule"]
    assert set(counts) == set(RULES)
    assert all(counts[rule] > 0 for rule in set(RULES) - {"aged"})
    assert counts["aged"] == 0  # mbp-1
    assert found["age_seconds"]["0.5"] < found["age_seconds"]["0.9"] < 10_800
    for kind in ("vertical_spreads", "butterflies"):
        assert 0 < found[kind]["violations"] < 0.2 * found[kind]["neighbours"]
    assert facts["history"] == {"sessions": 7, "with_the_same_parents": 6}


def test_silence_makes_quotes_unknown_and_trades_go_on(market: pl.DataFrame) -> None:
    begin, end = SILENT_S[0] + 60, SILENT_S[1] // 5 * 5 + 5
    silent = market[begin:end]
    for name in ("atm_implied_volatility_front", "option_relative_quoted_spread_front"):
        assert silent[name].null_count() == end - begin
        assert market[name][begin - 1] is not None
        assert market[name][end] is not None
    for name in ("option_volume_300s", "relative_option_volume_rth"):
        assert silent[name].null_count() == 0
    # Open interest is published of every expiry: its ratio needs no quote.
    assert silent["put_call_open_interest_ratio"].null_count() == 0
