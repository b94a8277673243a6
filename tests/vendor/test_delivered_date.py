"""What manifests of Bronze say of raw data, in words."""

from __future__ import annotations

from typing import Any

import pytest

from src.data_eng.errors import CorruptPartitionError
from src.data_eng.lake.manifest import Manifest
from src.data_eng.vendor.delivered_date import delivered_date
from tests.dbn_files import DATE, day_ns

HOUR_NS = 3600 * 10**9
MBP10 = "bronze.future.market_by_price_10"
SILENCES = {
    "count": 2,
    "seconds": 150.5,
    "longest": [{"start_ns": 1, "seconds": 90.5}, {"start_ns": 9, "seconds": 60.0}],
    "window_ns": [0, 1],
}


def manifest(key: str, rows: int = 90, **facts: Any) -> Manifest:
    day = day_ns(DATE)
    usual = {
        "condition": "available",
        "covered_ns": [[day, day + 24 * HOUR_NS]],
        "first_ts_recv_ns": day + 4 * HOUR_NS,
        "last_ts_recv_ns": day + 23 * HOUR_NS,
        "silences": {"count": 0, "seconds": 0.0, "longest": [], "window_ns": [0, 1]},
        "steps_back": {"count": 0, "largest_ns": 0},
        "other_records": {},
    }
    return Manifest(key, "ESM5", str(DATE), "s", 1, "c", "0", {}, usual | facts, rows, (), (), {})


def test_a_whole_day_of_futures() -> None:
    found = delivered_date(manifest(MBP10, records_read=100))
    assert found.words() == (
        "files cover whole day; records 00:00:00-19:00:00 New York; dropped 10 other contracts"
    )
    assert found.shortfall is None
    assert not found.is_notable


def test_what_is_odd_is_told() -> None:
    day = day_ns(DATE)
    found = delivered_date(
        manifest(
            MBP10,
            records_read=90,
            condition="degraded",
            covered_ns=[[day + 10 * HOUR_NS, day + 14 * HOUR_NS], [day + 15 * HOUR_NS, day]],
            silences=SILENCES,
            steps_back={"count": 3, "largest_ns": 2_500_000},
            other_records={"0x15": 4},
        )
    )
    assert found.words() == (
        "files cover 06:00:00-10:00:00, 11:00:00-20:00:00; records 00:00:00-19:00:00 New York; "
        "silences 2, 150 s in all, longest 90 s; steps back 3, up to 2.5 ms; "
        "dropped 4 other record types"
    )
    assert found.shortfall is not None
    assert found.is_notable


@pytest.mark.parametrize(
    ("table", "silences"),
    [("nbbo", "2, 150 s in all, longest 90 s"), ("statistics", "none"), ("trades", "none")],
)
def test_options_and_why_their_records_were_dropped(table: str, silences: str) -> None:
    found = delivered_date(
        manifest(
            f"bronze.future_option.{table}",
            records={"outright": 90, "spread": 7, "other_underlying": 5, "undefined_terms": 0},
            instruments_without_definition={"count": 1, "records": 2, "first_ids": [5]},
            silences=SILENCES,
        )
    )
    assert found.dropped == {"spread": 7, "other underlying": 5, "without a definition": 2}
    assert found.silence_words == silences


def test_nothing_and_not_stated() -> None:
    none = delivered_date(
        manifest(MBP10, records_read=0, first_ts_recv_ns=None, last_ts_recv_ns=None, covered_ns=[])
    )
    assert none.words().startswith("files cover nothing; records none")
    assert "New York" not in none.words()
    assert delivered_date(manifest(MBP10, covered_ns=None)).cover_words == "not stated"


@pytest.mark.parametrize(
    "odd",
    [
        {"condition": "degraded"},
        {"covered_ns": []},
        {"silences": SILENCES},
        {"steps_back": {"count": 1, "largest_ns": 1}},
    ],
    ids=lambda odd: str(*odd),
)
def test_each_thing_that_is_odd_is_notable_by_itself(odd: dict[str, Any]) -> None:
    assert delivered_date(manifest(MBP10, **odd)).is_notable


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("condition", ["available"]),
        ("covered_ns", "all"),
        ("covered_ns", [[0]]),
        ("first_ts_recv_ns", "4"),
        ("last_ts_recv_ns", 10**40),
        ("silences", 5),
        ("silences", {**SILENCES, "count": "2"}),
        ("silences", {**SILENCES, "seconds": None}),
        ("silences", {**SILENCES, "longest": [{}]}),
        ("silences", {**SILENCES, "longest": [{"seconds": "90"}]}),
        ("steps_back", None),
        ("steps_back", {"count": 1.5, "largest_ns": 0}),
        ("steps_back", {"count": 1, "largest_ns": True}),
        ("records_read", "100"),
        ("records", {"spread": "7"}),
        ("instruments_without_definition", []),
        ("instruments_without_definition", {"records": "2"}),
        ("other_records", {"0x15": "4"}),
    ],
)
def test_what_bronze_does_not_write_is_damage(fact: str, value: Any) -> None:
    """A manifest may have been rewritten with its hash, and a tombstone has none."""
    with pytest.raises(CorruptPartitionError, match=f"^{MBP10} ESM5 {DATE}: what it says of its"):
        delivered_date(manifest(MBP10, **{fact: value}))


def test_a_fact_that_is_missing_is_damage() -> None:
    bare = Manifest(MBP10, "ESM5", str(DATE), "s", 1, "c", "0", {}, {}, 90, (), (), {})
    with pytest.raises(CorruptPartitionError, match="KeyError: 'first_ts_recv_ns'"):
        delivered_date(bare)
