"""When the book of a day is unknown, by whole second."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from src.data_eng.features.book.second_sums import SecondSums
from src.data_eng.features.book.silence import (
    has_no_book,
    is_outside,
    is_silent,
    is_window_known,
    unknown_book,
    unknown_seconds,
)
from tests.features.book.scans import scanned
from tests.features.book.silence_reference import (
    Ranges,
    real_records,
    undecided,
    unknown_reference,
)
from tests.features.level.level_streams import END, START, random_day
from tests.features.market.record_streams import LAST, SECOND, Record

REAL = Path("future_ES", "glbx-mdp3-20231225.mbp-10.dbn.zst")
MIDNIGHT = 1_703_462_400 * SECOND
BIDS, ASKS = [(99, 5, 1)], [(101, 5, 1)]


def at(second: float, **values: object) -> Record:
    fields = {"bids": BIDS, "asks": ASKS, "price": 99, "size": 5, **values}
    return Record(START + round(second * SECOND), "A", "B", **fields)  # type: ignore[arg-type]


def whole(seconds: SecondSums, covered: Ranges | None = None) -> list[int]:
    return np.flatnonzero(unknown_book(seconds, covered)).tolist()


def with_silences(records: list[Record], rng: np.random.Generator) -> list[Record]:
    """Return the records without those of some minutes, and a stretch with few of them."""
    for _ in range(6):
        first = int(rng.integers(0, len(records)))
        length = int(rng.integers(55, 150) * SECOND + rng.integers(-SECOND, SECOND))
        until = records[first].t + length
        records = [r for n, r in enumerate(records) if n <= first or r.t >= until]
    first = int(rng.integers(0, len(records)))
    until = records[first].t + 500 * SECOND
    rare = rng.random(len(records)) < 0.02
    return [r for n, r in enumerate(records) if n <= first or r.t >= until or rare[n]]


@pytest.mark.parametrize("limit", [7, 60])
@pytest.mark.parametrize("seed", range(12))
def test_random_days_as_walked_by_record(seed: int, limit: int) -> None:
    rng = np.random.default_rng(seed)
    records = with_silences([r for r in random_day(seed) if r.t < END], rng)
    hole = START + int(rng.integers(100, 2000)) * SECOND + int(rng.integers(0, SECOND))
    until = hole + int(rng.integers(3, 90)) * SECOND
    covered = ((START, hole), (until, END - 77 * SECOND))
    records = [r for r in records if r.t < hole or r.t >= until]
    found = unknown_book(scanned(records)[0], covered, limit)
    expected = unknown_reference(records, (START, END), covered, limit)
    assert (found >= expected).all()  # in doubt it is unknown
    decided = ~undecided(records, (START, END), limit)
    np.testing.assert_array_equal(found[decided], expected[decided])
    assert decided.mean() > 0.9
    assert 0.05 < expected.mean() < 0.95


def test_real_records_with_silences(shared_data: Path) -> None:
    real = list(real_records(shared_data / REAL))
    bounds = (MIDNIGHT, MIDNIGHT + 86_400 * SECOND)
    covered = (bounds,)
    cut = with_silences(real, np.random.default_rng(1))
    for records in (real, cut):
        found = unknown_book(scanned(records, start=bounds[0], end=bounds[1])[0], covered)
        expected = unknown_reference(records, bounds, covered, 60)
        np.testing.assert_array_equal(found, expected)
        # Known for a minute after the snapshot at 00:00 UTC, then from the pre-open on.
        assert not found[1:60].any()
        assert found[61 : (records[1].t - MIDNIGHT) // SECOND + 1].all()
        assert not found[-1]
    assert found[23 * 3600 :].sum() > 120


def test_a_silence_begins_sixty_seconds_after_the_last_record() -> None:
    seconds, _ = scanned([at(10.25), at(200.5), at(201)], end=START + 300 * SECOND)
    # Known at 11 to 70 (70.25 is the silence's start) and 201 to 260: at 261 it is 60 s again.
    known = {*range(11, 71), *range(201, 261)}
    assert whole(seconds) == [n for n in range(301) if n not in known]


def test_exactly_sixty_seconds_are_a_silence() -> None:
    seconds, _ = scanned([at(10), at(70), at(71)], end=START + 80 * SECOND)
    assert whole(seconds) == [*range(11), 70]
    almost, _ = scanned([at(10), at(69.999999999), at(71)], end=START + 80 * SECOND)
    assert whole(almost) == [*range(11)]


@pytest.mark.parametrize("broken", [{"flags": 0}, {"asks": []}])
def test_only_a_complete_two_sided_book_ends_it(broken: dict[str, object]) -> None:
    records = [at(0), at(100, **broken), at(120, **broken), at(130), at(140, **broken)]
    seconds, _ = scanned(records, end=START + 150 * SECOND)
    assert whole(seconds) == [0, *range(60, 131)]


def test_a_silence_in_which_the_book_was_lost() -> None:
    records = [at(0), at(100, flags=LAST | 4), at(101, asks=[]), at(110)]
    seconds, _ = scanned(records, end=START + 120 * SECOND)
    assert whole(seconds) == [0, *range(60, 111)]
    assert np.flatnonzero(has_no_book(seconds)).tolist() == [0, *range(101, 111)]
    assert np.flatnonzero(is_silent(seconds)).tolist() == [*range(60, 111)]


def test_trades_alone_keep_a_book_known() -> None:
    trades = [at(n, flags=0) for n in range(30, 200, 30)]
    seconds, _ = scanned([at(0), *trades], end=START + 230 * SECOND)
    assert whole(seconds) == [0]


def test_before_the_first_and_without_records() -> None:
    nothing, _ = scanned([], end=START + 90 * SECOND)
    assert whole(nothing) == list(range(91))
    assert not is_silent(nothing).any()
    late, _ = scanned([at(80)], end=START + 90 * SECOND)
    assert whole(late) == list(range(81))
    assert not is_silent(late).any()


def test_outside_the_covered_ranges() -> None:
    seconds, _ = scanned([at(n) for n in range(100)], end=START + 100 * SECOND)
    covered = ((START + 10 * SECOND, START + 40 * SECOND), (START + 50 * SECOND, START + 60**2))
    assert whole(seconds, covered) == [*range(11), *range(41, 101)]
    covered = ((START + 10 * SECOND, START + 40 * SECOND), (START + 50 * SECOND, 2 * START))
    assert whole(seconds, covered) == [*range(11), *range(41, 51)]
    assert not is_outside(seconds, None).any()


def test_after_a_hole_the_next_book_counts() -> None:
    covered = ((START, START + 20 * SECOND), (START + 30 * SECOND, START + 99 * SECOND))
    seconds, _ = scanned([at(5), at(40)], end=START + 50 * SECOND)
    assert whole(seconds, covered) == [*range(6), *range(21, 41)]


def test_nothing_looks_ahead() -> None:
    records = with_silences(list(random_day(3)), np.random.default_rng(3))
    full = unknown_book(scanned(records)[0], ((START, END),))
    for cut in (300, 901, 1700):
        end = START + cut * SECOND
        part = unknown_book(scanned(records, end=end)[0], ((START, END),))
        np.testing.assert_array_equal(part, full[: cut + 1])


def test_unknown_seconds_of_windows() -> None:
    rng = np.random.default_rng(5)
    unknown = rng.random(201) < 0.1
    ends = np.arange(201)
    for length in (1, 20, 60):
        expected = [
            sum(s < 0 or bool(unknown[s]) for s in range(end - length, end)) for end in range(201)
        ]
        assert unknown_seconds(unknown, ends, length).tolist() == expected
        known = [10 * n <= length for n in expected]
        assert is_window_known(unknown, ends, length).tolist() == known
    lengths = rng.integers(0, 100, 201)
    expected = [
        sum(s < 0 or bool(unknown[s]) for s in range(end - n, end))
        for end, n in zip(ends.tolist(), lengths.tolist(), strict=True)
    ]
    assert unknown_seconds(unknown, ends, lengths).tolist() == expected
