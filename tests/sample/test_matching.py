"""Every record of a small day must be what a matching engine's event leaves behind."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from src.data_eng.sample import SampleFuture, sample_instruments

from .conftest import records_of
from .replay import UNDEFINED, Replay

Day = tuple[SampleFuture, NDArray[Any]]


def test_every_record_of_a_day_is_explained(small: Day) -> None:
    replay = Replay()
    replay.check(small[1])
    expected = {"AB", "AA", "CB", "CA", "MB", "MA", "TB", "TA", "TN", "CN", "AN", "RN"}
    assert set(replay.counts) == expected


@pytest.mark.parametrize(
    "date", [dt.date(2025, 6, 16), dt.date(2025, 6, 20), dt.date(2025, 1, 5)], ids=str
)
def test_roll_expiry_and_sunday_are_explained_too(date: dt.date) -> None:
    Replay().check(records_of(SampleFuture(date, records=6_000, instruments=4, seed=3)))


def test_times_of_records(small: Day) -> None:
    records = small[1]
    recv = records["ts_recv"].astype(np.int64)
    event = records["ts_event"].astype(np.int64)
    assert (np.diff(recv) >= 0).all()
    assert (np.diff(records["sequence"].astype(np.int64)) >= 0).all()
    book = records["flags"] != 168
    assert (np.diff(event[book]) >= 0).all()
    latency = (recv - event)[book]
    assert latency.min() >= 77_000
    assert 90_000 < np.median(latency) < 130_000
    assert np.quantile(latency, 0.999) > 1_000_000


def test_records_of_one_event_share_packet_and_time(small: Day) -> None:
    records = small[1]
    trades = np.flatnonzero(records["action"] == b"T")
    for field in ("ts_event", "ts_recv", "sequence", "instrument_id"):
        assert (records[field][trades] == records[field][trades + 1]).all()


def test_packets_may_hold_several_events(small: Day) -> None:
    records = small[1]
    shared = (np.diff(records["sequence"].astype(np.int64)) == 0) & (
        np.diff(records["ts_event"].astype(np.int64)) > 0
    )
    assert 0.02 < shared.mean() < 0.4
    assert (np.diff(records["ts_recv"].astype(np.int64))[shared] == 0).all()


def test_depth_is_the_index_of_the_price_on_its_side(small: Day) -> None:
    records = small[1]
    for side, name in ((b"B", "bid"), (b"A", "ask")):
        rows = records[(records["side"] == side) & (records["action"] != b"T")]
        prices = np.stack([rows[f"{name}_px_{k:02d}"] for k in range(10)], axis=1)
        found = prices == rows["price"][:, None]
        shown = found.any(axis=1)
        assert (found.argmax(axis=1)[shown] == rows["depth"][shown]).all()
        assert shown.mean() > 0.9


def test_some_modifications_go_out_of_sight(day: Day) -> None:
    rows = day[1][day[1]["action"] == b"M"]
    away = (rows["side"] == b"B") & (rows["price"] < rows["bid_px_09"])
    assert away.sum() > 10


def test_snapshot_rows_come_first_one_an_instrument(small: Day) -> None:
    sample, records = small
    count = sample.instruments
    first = records[:count]
    start = int(np.datetime64(sample.date, "ns").astype(np.int64))
    assert set(first["instrument_id"].tolist()) == {
        item.instrument_id for item in sample_instruments(sample)
    }
    assert (first["ts_recv"] == start).all()
    assert (first["ts_event"] < start).all()
    assert (first["ts_in_delta"] == 0).all()
    assert set(zip(first["action"], first["side"], first["flags"], strict=True)) == {
        (b"A", b"N", 168)
    }
    assert (records["flags"][count:] == 168).sum() == sample.faults * count


def test_opening_auction(small: Day) -> None:
    records = small[1]
    auctions = np.flatnonzero((records["action"] == b"T") & (records["side"] == b"N"))
    assert auctions.size >= 2  # front month and spread
    opening = int(np.datetime64("2025-06-05T22:00", "ns").astype(np.int64))
    assert (records["ts_event"][auctions] == opening).all()
    late = records["ts_recv"][auctions].astype(np.int64) - opening
    assert (late >= 39_000_000).all()
    crossed = records["bid_px_00"][auctions] > records["ask_px_00"][auctions]
    assert crossed.all()
    after = records[auctions + 1]
    assert (after["bid_px_00"] < after["ask_px_00"]).all()


def test_thin_contracts_have_empty_levels(small: Day) -> None:
    sample, records = small
    thin = sample_instruments(sample)[-1].instrument_id
    rows = records[records["instrument_id"] == thin]
    empty = rows["bid_px_09"] == UNDEFINED
    assert empty.any()
    assert (rows["bid_sz_09"][empty] == 0).all()
    front = records[records["instrument_id"] == sample_instruments(sample)[0].instrument_id]
    whole = np.isin(front["flags"], (130, 0)) & (front["bid_px_00"] != UNDEFINED)
    assert (front["bid_px_09"][whole] != UNDEFINED).all()
