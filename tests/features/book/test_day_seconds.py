"""Windows of a series by second: looked up one by one, and computed some rows at a time."""

from __future__ import annotations

import numpy as np
import pytest

from src.data_eng.features.book.day_seconds import DaySeconds, by_rows, change
from src.data_eng.features.book.second_sums import SECOND_NS, VOLUME, SecondSums

START = 1_749_081_600 * SECOND_NS
SECONDS = 700


def day(open_second: int) -> DaySeconds:
    seconds = SecondSums(START, START + SECONDS * SECOND_NS)
    seconds.sums[:, VOLUME] = np.random.default_rng(3).integers(0, 50, SECONDS)
    open_ns = START + open_second * SECOND_NS
    return DaySeconds(seconds, START, open_ns, START + SECONDS * SECOND_NS, 0.25, 50.0)


@pytest.mark.parametrize("open_second", [7, 60])
@pytest.mark.parametrize("missing", [np.nan, -1.0])
def test_a_window_is_the_series_at_its_steps(open_second: int, missing: float) -> None:
    """The first windows of a day that begins at second 7 reach to before its start."""
    one = day(open_second)
    series = np.random.default_rng(0).normal(size=SECONDS + 1)
    found = one.before(series, 4, 5, missing)
    assert found.shape == (len(one.rows), 4)
    for row, at in zip(found.tolist(), one.rows.tolist(), strict=True):
        steps = [at - 15, at - 10, at - 5, at]
        wanted = [series[step] if step >= 0 else missing for step in steps]
        assert row == pytest.approx(wanted, abs=0, nan_ok=True)


def test_the_sum_of_each_window_ends_at_its_second() -> None:
    one = day(60)
    found, volume = one.each_window(VOLUME, 10), one.seconds.sums[:, VOLUME].tolist()
    wanted = [sum(volume[max(second - 10, 0) : second]) for second in range(SECONDS + 1)]
    assert found.tolist() == wanted


def test_some_rows_at_a_time_give_the_sums_of_each_row_alone() -> None:
    """To the last bit, for more rows than are taken at once."""
    windows = day(60).before(np.random.default_rng(1).normal(size=SECONDS + 1), 60, 1)
    found = by_rows(lambda a, b: (a * b).sum(axis=1), windows, windows)
    alone = [np.multiply(row.copy(), row.copy()).sum() for row in windows]
    assert found.tolist() == alone


def test_a_change_is_missing_where_the_series_has_no_past() -> None:
    found = change(np.array([1.0, 2.0, 4.0, np.nan, 16.0]), 2)
    assert np.isnan(found).tolist() == [True, True, False, True, False]
    assert found[[2, 4]].tolist() == [3.0, 12.0]
    assert np.isnan(change(np.ones(3), 5)).all()
