"""Every column against the slow reference; no row sees what comes after it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.features.market.market_days import (
    MULTIPLIER,
    OPEN,
    ROWS,
    START,
    columns,
    perturbed,
    random_records,
    same,
    silent_records,
)
from tests.features.market.record_streams import SECOND, Record
from tests.features.market.reference import Reference
from tests.features.market.reference_history import NAMES
from tests.features.market.reference_row import reference_row

FIND = (Phase.explicit, Phase.reuse, Phase.generate)
"""A seed does not shrink to a simpler one."""

HISTORY = set(NAMES)


def assert_rows(records: list[Record], rows: list[int], cuts: list[int]) -> None:
    found = columns(records, cuts)
    assert len(found) == 60
    for row in rows:
        ref = Reference(records, OPEN + row * SECOND, START, OPEN, MULTIPLIER)
        expected = reference_row(ref)
        assert set(expected) == set(found)
        for name, value in expected.items():
            got = float(found[name][row])
            assert math.isnan(got) == (value is None), (name, row, got, value)
            if value is not None:
                assert got == pytest.approx(value, rel=1e-8, abs=1e-9), (name, row)


@settings(max_examples=12, phases=FIND)
@given(
    seed=st.integers(0, 10**9),
    rows=st.lists(st.integers(0, ROWS - 1), min_size=2, max_size=2),
    cuts=st.lists(st.integers(0, 1000), max_size=4),
)
def test_columns_are_the_reference(seed: int, rows: list[int], cuts: list[int]) -> None:
    assert_rows(random_records(seed), rows, cuts)


@settings(max_examples=15, phases=FIND)
@given(
    seed=st.integers(0, 10**9),
    share=st.sampled_from([0.002, 0.02, 0.2]),
    rows=st.lists(st.integers(0, ROWS - 1), min_size=2, max_size=2),
)
def test_columns_are_the_reference_on_spoiled_records(
    seed: int, share: float, rows: list[int]
) -> None:
    assert_rows(random_records(seed, 1000, share), rows, [300])


@settings(max_examples=10, phases=FIND)
@given(
    seed=st.integers(0, 10**9),
    rows=st.lists(st.integers(0, ROWS - 1), min_size=3, max_size=3),
)
def test_columns_are_the_reference_where_the_market_is_silent(seed: int, rows: list[int]) -> None:
    assert_rows(silent_records(seed), rows, [300])


def test_most_columns_have_values_on_an_ordinary_day() -> None:
    found = columns(random_records(4, 4000))
    missing = {name for name, column in found.items() if np.isnan(column[-1])}
    assert missing == HISTORY


@pytest.mark.parametrize("share", [0.0, 0.02])
@pytest.mark.parametrize("row", [0, 1, 130, ROWS - 2])
def test_a_row_is_the_same_without_the_records_from_it_on(row: int, share: float) -> None:
    records = random_records(11, 2500, share)
    full = columns(records)
    ts = OPEN + row * SECOND
    cut = columns([r for r in records if r.t < ts])
    for name, column in full.items():
        assert same(column[: row + 1], cut[name][: row + 1]), name


def test_a_row_does_not_change_with_what_comes_after_it() -> None:
    records = random_records(4, 2500)
    row = 200
    ts = OPEN + row * SECOND
    noise = np.random.default_rng(5)
    altered = [r if r.t < ts else perturbed(r, noise) for r in records]
    full, other = columns(records), columns(altered)
    changed = {name for name in full if not same(full[name][row + 1 :], other[name][row + 1 :])}
    for name, column in full.items():
        assert same(column[: row + 1], other[name][: row + 1]), name
    assert changed == set(full) - HISTORY - {"seconds_since_rth_open"}


def test_a_record_at_the_row_is_not_seen() -> None:
    records = random_records(13, 800)
    at = OPEN + 100 * SECOND
    before = [r for r in records if r.t < at]
    last = before[-1]
    trade = replace(last, t=at, action="T", side="B", price=20_000, size=7, flags=0, event=10**6)
    with_it = columns([*before, trade, replace(trade, action="A", flags=0x80, bids=[], asks=[])])
    without = columns(before)
    for name, column in without.items():
        assert same(column[:101], with_it[name][:101]), name
    assert with_it["volume_10s"][101] == without["volume_10s"][101] + 7
    assert np.isnan(with_it["quoted_spread_ticks"][101])
