from __future__ import annotations

import datetime as dt

import pytest

from src.data_eng.errors import UsageError
from src.data_eng.exchange.products import PRODUCTS
from src.data_eng.sample import SAMPLE_ROOTS, SampleFuture, front_symbol
from src.data_eng.sample.contracts import instruments

from .conftest import SUMMER, records_of


@pytest.mark.parametrize(
    ("date", "front"),
    [
        ((2025, 6, 5), "ESM5"),
        ((2025, 6, 13), "ESM5"),
        ((2025, 6, 16), "ESU5"),
        ((2025, 6, 20), "ESU5"),
        ((2025, 12, 12), "ESZ5"),
        ((2025, 12, 15), "ESH6"),
        ((2025, 12, 31), "ESH6"),
        ((2029, 12, 17), "ESH0"),
    ],
    ids=str,
)
def test_front_month_rolls_on_the_monday_before_expiry(
    date: tuple[int, int, int], front: str
) -> None:
    assert front_symbol("ES", dt.date(*date)) == front


@pytest.mark.parametrize(
    ("root", "date", "symbols"),
    [
        ("CL", (2025, 5, 6), ["CLM5", "CLN5", "CLM5-CLN5"]),
        ("CL", (2025, 5, 16), ["CLN5", "CLM5", "CLM5-CLN5"]),
        ("CL", (2025, 12, 31), ["CLG6", "CLH6", "CLG6-CLH6"]),
        ("GC", (2025, 5, 6), ["GCM5", "GCQ5", "GCM5-GCQ5"]),
        ("GC", (2025, 6, 10), ["GCQ5", "GCM5", "GCM5-GCQ5"]),
        ("ZN", (2025, 5, 6), ["ZNM5", "ZNU5", "ZNM5-ZNU5"]),
        ("M2K", (2025, 6, 16), ["M2KU5", "M2KM5", "M2KM5-M2KU5"]),
    ],
    ids=str,
)
def test_contracts_of_other_roots(
    root: str, date: tuple[int, int, int], symbols: list[str]
) -> None:
    assert [item.symbol for item in instruments(root, dt.date(*date), 3)] == symbols
    assert len({item.instrument_id for item in instruments(root, dt.date(*date), 46)}) == 46


def test_every_known_root_with_a_session_has_a_sample() -> None:
    assert set(SAMPLE_ROOTS) == {root for root, one in PRODUCTS.items() if one.session is not None}


def test_three_instruments_are_front_next_and_their_spread() -> None:
    assert [item.symbol for item in instruments("ES", SUMMER, 3)] == [
        "ESM5",
        "ESU5",
        "ESM5-ESU5",
    ]
    rolled = [item.symbol for item in instruments("ES", dt.date(2025, 6, 17), 3)]
    assert rolled == ["ESU5", "ESM5", "ESM5-ESU5"]


@pytest.mark.parametrize("count", range(1, 47))
def test_any_number_of_instruments(count: int) -> None:
    listed = instruments("ES", SUMMER, count)
    assert len({item.symbol for item in listed}) == len(listed) == count
    assert len({item.instrument_id for item in listed}) == count
    assert sum(item.share for item in listed) == pytest.approx(1.0)
    assert listed[0].symbol == "ESM5"
    assert max(listed, key=lambda item: item.share) == listed[0]


def test_a_full_listing_is_22_outrights_and_24_spreads() -> None:
    listed = instruments("ES", SUMMER, 46)
    spreads = [item for item in listed if item.far is not None]
    assert len(spreads) == 24
    assert all("-" in item.symbol for item in spreads)


def test_ids_belong_to_the_contract_not_to_the_day() -> None:
    june = {item.symbol: item.instrument_id for item in instruments("ES", SUMMER, 46)}
    later = {item.symbol: item.instrument_id for item in instruments("ES", dt.date(2025, 6, 18), 3)}
    assert later.items() <= june.items()
    decade = instruments("ES", dt.date(2015, 6, 5), 1)[0]
    assert decade.symbol == "ESM5"
    assert decade.instrument_id != june["ESM5"]


def test_46_instruments_all_trade() -> None:
    sample = SampleFuture(SUMMER, records=60_000, instruments=46)
    records = records_of(sample)
    assert abs(records.size / sample.records - 1) < 0.02
    ids = {item.instrument_id for item in instruments("ES", SUMMER, 46)}
    assert set(records["instrument_id"].tolist()) == ids


@pytest.mark.parametrize("day", [16, 17, 18])
def test_the_new_front_month_leads_before_the_opening_in_roll_week(day: int) -> None:
    date = dt.date(2025, 6, day)
    records = records_of(SampleFuture(date, records=60_000))
    early = (
        records["ts_recv"]
        < int(dt.datetime(2025, 6, day, 13, 30, tzinfo=dt.UTC).timestamp()) * 10**9
    )
    trades = records[early & (records["action"] == b"T")]
    volume = [
        int(trades["size"][trades["instrument_id"] == item.instrument_id].sum())
        for item in instruments("ES", date, 2)
    ]
    assert volume[0] > 1.4 * volume[1] > 0


def test_an_expiring_contract_stops_at_0930_new_york() -> None:
    date = dt.date(2025, 6, 20)
    records = records_of(SampleFuture(date, records=20_000))
    old = instruments("ES", date, 3)[1]
    rows = records[records["instrument_id"] == old.instrument_id]
    assert old.symbol == "ESM5"
    assert rows.size > 100
    end = int(dt.datetime(2025, 6, 20, 13, 30, 1, tzinfo=dt.UTC).timestamp()) * 10**9
    assert int(rows["ts_recv"][-1]) < end


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"date": dt.date(2025, 6, 7)}, "Saturday"),
        ({"root": "HG"}, "known roots"),
        ({"instruments": 47}, "1 to 46"),
        ({"instruments": 0}, "1 to 46"),
        ({"records": 10}, "records"),
        ({"seed": -1}, "seed"),
    ],
    ids=str,
)
def test_what_cannot_be_built_is_refused(change: dict[str, object], match: str) -> None:
    wanted: dict[str, object] = {"date": SUMMER} | change
    with pytest.raises(UsageError, match=match):
        SampleFuture(**wanted)  # type: ignore[arg-type]
