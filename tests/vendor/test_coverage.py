"""What the records of a partition cover, beside a plain loop."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from src.data_eng.exchange.products import watched_window
from src.data_eng.exchange.sessions import utc_day_ns, window_ns
from src.data_eng.vendor.coverage import (
    LONGEST_SHOWN,
    MAX_STEP_BACK_NS,
    Coverage,
    StepBackError,
    covered_ranges,
    shortfall,
)
from src.data_eng.vendor.dbn.layout import SCHEMAS, UNDEF_TIMESTAMP
from src.data_eng.vendor.dbn.metadata import DbnMetadata
from src.data_eng.vendor.dbn.reader import DbnReader
from src.data_eng.vendor.raw_file import RawFile, raw_file

SECOND = 10**9
DATE = dt.date(2025, 6, 5)
DAY = utc_day_ns(DATE)
WINDOW = window_ns(DATE, dt.time(4), dt.time(12, 30))


def facts_of(
    times: list[int], cuts: list[int], window: tuple[int, int] | None
) -> dict[str, object]:
    coverage = Coverage(window)
    for part in np.split(np.array(times, np.int64), cuts):
        coverage.add(part)
    coverage.finish()
    return coverage.facts()


def reference(times: list[int], window: tuple[int, int]) -> dict[str, object]:
    reached, steps, received = None, [], []
    for t in times:
        if reached is not None and t < reached:
            steps.append(reached - t)
        reached = t if reached is None else max(reached, t)
        received.append(reached)
    inside = [t for t in received if window[0] <= t <= window[1]]
    gaps = [(b - a, a) for a, b in pairwise([window[0], *inside, window[1]]) if b - a > 60 * SECOND]
    longest = sorted(gaps, key=lambda gap: (-gap[0], gap[1]))[:50]
    return {
        "first_ts_recv_ns": times[0] if times else None,
        "last_ts_recv_ns": reached,
        "steps_back": {"count": len(steps), "largest_ns": max(steps, default=0)},
        "silences": {
            "window_ns": list(window),
            "count": len(gaps),
            "seconds": sum(length for length, _ in gaps) / SECOND,
            "longest": [{"start_ns": a, "seconds": n / SECOND} for n, a in longest],
        },
    }


@pytest.mark.parametrize("seed", range(40))
def test_facts_are_those_of_a_plain_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.choice([0, 1, 3, 100, 2000]))
    mean = float(rng.choice([1, 30, 300])) * SECOND
    gaps = rng.exponential(mean, count).astype(np.int64) // 1000 * 1000
    gaps[rng.random(count) < 0.1] = 60 * SECOND
    start = DAY[0] + int(rng.integers(0, 15 * 3600)) * SECOND
    times = start + np.cumsum(gaps)
    times -= (rng.random(count) < 0.05) * rng.integers(0, MAX_STEP_BACK_NS, count)
    for n in range(1, count):  # no step is beyond the bound
        times[n] = max(times[n], times[:n].max() - MAX_STEP_BACK_NS)
    cuts = np.sort(rng.integers(0, count + 1, 4)).tolist()
    assert facts_of(times.tolist(), cuts, WINDOW) == reference(times.tolist(), WINDOW)


def test_the_fifty_longest_silences_by_length_then_by_start() -> None:
    length = [61 + (n * 7) % 53 for n in range(80)]
    times = (WINDOW[0] + np.cumsum([0, *length]) * SECOND).tolist()
    times += range(times[-1] + SECOND, WINDOW[1], SECOND)
    found = facts_of(times, [], WINDOW)["silences"]
    assert found == reference(times, WINDOW)["silences"]
    assert isinstance(found, dict)
    assert (found["count"], len(found["longest"])) == (80, LONGEST_SHOWN)


def test_exactly_a_minute_is_no_silence() -> None:
    times = list(range(WINDOW[0], WINDOW[1] + 1, 60 * SECOND))
    found = facts_of(times, [], WINDOW)["silences"]
    assert found == {"window_ns": list(WINDOW), "count": 0, "seconds": 0.0, "longest": []}


def test_without_a_window_no_silences_are_told() -> None:
    assert facts_of([DAY[0], DAY[1]], [1], None) == {
        "first_ts_recv_ns": DAY[0],
        "last_ts_recv_ns": DAY[1],
        "steps_back": {"count": 0, "largest_ns": 0},
        "silences": None,
    }


def test_a_step_back_beyond_the_bound_is_an_error_also_between_parts() -> None:
    base = DAY[0] + 100 * SECOND
    coverage = Coverage(WINDOW)
    coverage.add(np.array([base, base + 5, base - MAX_STEP_BACK_NS + 5]))
    assert coverage.facts()["steps_back"] == {"count": 1, "largest_ns": MAX_STEP_BACK_NS}
    with pytest.raises(StepBackError) as found:
        coverage.add(np.array([base + 9, base + 2, base + 8 - MAX_STEP_BACK_NS]))
    step = found.value
    assert (step.row, step.received_ns) == (2, base + 8 - MAX_STEP_BACK_NS)
    assert step.before_ns == base + 9
    with pytest.raises(StepBackError):
        Coverage(None).add(np.array([base, base - 1 - MAX_STEP_BACK_NS]))
    after = Coverage(None)
    after.add(np.array([base]))
    with pytest.raises(StepBackError) as first:
        after.add(np.array([base - 1 - MAX_STEP_BACK_NS, base]))
    assert (first.value.row, first.value.before_ns) == (0, base)


def test_no_real_file_steps_back(shared_data: Path) -> None:
    seen = 0
    for path in sorted([*shared_data.rglob("*.dbn"), *shared_data.rglob("*.dbn.zst")]):
        schema = next((s for s in sorted(SCHEMAS, key=len, reverse=True) if s in path.name), None)
        if schema is None:
            continue
        coverage = Coverage(None)
        with DbnReader(path, schema) as reader:
            for block in reader.blocks():
                coverage.add(np.ascontiguousarray(block["ts_recv"]).view(np.int64))
                seen += len(block)
                reader.recycle(block)
        assert coverage.facts()["steps_back"] == {"count": 0, "largest_ns": 0}, path
    assert seen > 220_000


def file_of(start: int, end: int, *symbols: str, stype: str | None = None) -> RawFile:
    meta = DbnMetadata(3, "GLBX.MDP3", "mbp-10", start, end, stype, None, symbols, (), False)
    return raw_file(Path("x"), "x", meta)


def test_covered_ranges_are_joined_and_cut_to_the_day() -> None:
    a, b = DAY
    hours = [a + h * 3600 * SECOND for h in range(25)]
    assert covered_ranges([file_of(a - 5, b + 5)], DATE) == [[a, b]]
    files = [file_of(hours[3], hours[5]), file_of(hours[1], hours[3]), file_of(hours[7], b)]
    assert covered_ranges(files, DATE) == [[hours[1], hours[5]], [hours[7], b]]
    inside = [file_of(hours[1], hours[9]), file_of(hours[2], hours[3])]
    assert covered_ranges(inside, DATE) == [[hours[1], hours[9]]]
    assert covered_ranges([*files, file_of(0, UNDEF_TIMESTAMP)], DATE) is None


def test_what_one_parent_of_options_lacks_is_not_covered() -> None:
    a, b = DAY
    hours = [a + h * 3600 * SECOND for h in range(25)]

    def parents(begin: int, end: int, *names: str) -> RawFile:
        return file_of(begin, end, *(f"{name}.OPT" for name in names), stype="parent")

    both, later = parents(hours[1], hours[4], "ES", "EW"), parents(hours[4], b, "ES")
    assert covered_ranges([both, later], DATE) == [[hours[1], hours[4]]]
    weekly = parents(hours[6], hours[9], "EW")
    found = [[hours[1], hours[4]], [hours[6], hours[9]]]
    assert covered_ranges([both, later, weekly], DATE) == found
    assert covered_ranges([parents(a, hours[2], "ES"), parents(hours[3], b, "EW")], DATE) == []
    # Ranges that only touch have nothing in common.
    assert covered_ranges([parents(a, hours[4], "ES"), parents(hours[4], b, "EW")], DATE) == []
    # A request for contracts or all symbols stands for every parent; futures have one root a file.
    by_id = file_of(hours[4], b, "ESM5 C5900", stype="raw_symbol")
    assert covered_ranges([both, by_id], DATE) == [[hours[1], b]]
    futures = [file_of(a, hours[5], "ES.FUT", stype="parent"), file_of(hours[5], b, "ESM5")]
    assert covered_ranges(futures, DATE) == [[a, b]]


def day_facts(first: int | None, last: int | None, covered: object) -> dict[str, object]:
    return {"first_ts_recv_ns": first, "last_ts_recv_ns": last, "covered_ns": covered}


def test_a_day_that_falls_short_is_told_in_one_line() -> None:
    start, end = WINDOW
    whole = [[DAY[0], DAY[1]]]

    def told(facts: dict[str, object], symbol: str = "ESM5", **values: object) -> str | None:
        by_records = bool(values.get("by_records", True))
        return shortfall(symbol, DATE, facts, by_records=by_records)

    assert told(day_facts(start + 60 * SECOND, end - 60 * SECOND, whole)) is None
    assert told(day_facts(start, end, None)) is None
    late = told(day_facts(start + 61 * SECOND, end, whole))
    assert late is not None
    assert late.startswith(
        "does not cover 04:00:00-12:30:00 New York: the records reach from 04:01:01 to 12:30:00; "
    )
    assert told(day_facts(start + 61 * SECOND, end, whole), by_records=False) is None
    cut = told(day_facts(start, end, [[start, end - 1]]), by_records=False)
    assert cut is not None
    assert "the files cover 04:00:00-12:29:59;" in cut
    assert "there is no record" in str(told(day_facts(None, None, whole)))
    assert told(day_facts(None, None, whole), symbol="HGN5") is None
    holiday = shortfall("ESH4", dt.date(2023, 12, 25), day_facts(None, None, []), by_records=True)
    assert holiday is None


@pytest.mark.parametrize("by_records", [True, False])
def test_headers_cover_to_the_nanosecond(by_records: bool) -> None:
    first, end = WINDOW
    for covered in ([[first, end]], [[first - 1, end + 1]]):
        assert (
            shortfall("ESM5", DATE, day_facts(first, end, covered), by_records=by_records) is None
        )
    for covered in ([[first + 1, end]], [[first, end - 1]], [[first, first + 5], [first + 6, end]]):
        told = shortfall("ESM5", DATE, day_facts(first, end, covered), by_records=by_records)
        assert told is not None
        assert "the files cover" in told


def test_without_a_record_headers_alone_may_cover_a_day() -> None:
    """An option table without an event is whole where its files are."""
    facts = day_facts(None, None, [list(DAY)])
    assert shortfall("ESM5", DATE, facts, by_records=False) is None
    assert "there is no record" in (shortfall("ESM5", DATE, facts, by_records=True) or "")


def test_the_window_of_a_product() -> None:
    assert watched_window("ESM5", DATE) == (
        DAY[0] + 8 * 3600 * SECOND,
        DAY[0] + (16 * 3600 + 1800) * SECOND,
    )
    assert watched_window("HGN5", DATE) is None
    assert watched_window("no contract", DATE) is None
