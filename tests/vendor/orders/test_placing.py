"""Placing an order, with a vendor that counts: none twice, whatever became of the run before."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, cast

import pytest

from src.data_eng.errors import LakeError, VendorError, VendorRefusedError
from src.data_eng.vendor.orders.client import Vendor
from src.data_eng.vendor.orders.journal import Entry, Journal
from src.data_eng.vendor.orders.order import Order
from src.data_eng.vendor.orders.placing import Quote, place, settled
from tests.dbn_files import DATE

ORDER = Order("raw.future.market_by_price_10", "ES", "mbp-10", ("ES.FUT",), DATE, DATE)


class Counting:
    """A vendor that knows some jobs of the order, and whose answers may be errors."""

    def __init__(self, *, cost: float = 1.0, answer: str | Exception = "JOB-1") -> None:
        self._cost, self._answer = cost, answer
        self.job: str | None = None
        self.asked: list[Any] = []

    def cost(self, _order: Order) -> float:
        self.asked.append("cost")
        return self._cost

    def submit(self, _order: Order) -> str:
        self.asked.append("submit")
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def find(self, _order: Order, since: dt.datetime) -> str | None:
        self.asked.append(since)
        return self.job


def asked_at(minutes_ago: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes_ago)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path)


def test_an_order_goes_out_at_the_price_that_was_shown(journal: Journal) -> None:
    vendor = Counting(cost=1.005)
    entry = place(cast(Vendor, vendor), journal, Quote(ORDER, 1.0, 10))
    assert vendor.asked == ["cost", "submit"]
    assert entry.job == "JOB-1"
    assert journal.entries() == [entry]


@pytest.mark.parametrize("cost", [1.011, 1.5, 100.0])
def test_a_dearer_one_is_neither_sent_nor_kept(journal: Journal, cost: float) -> None:
    vendor = Counting(cost=cost)
    with pytest.raises(VendorRefusedError, match=r"and 1\.00 were shown; not placed"):
        place(cast(Vendor, vendor), journal, Quote(ORDER, 1.0, 10))
    assert vendor.asked == ["cost"]
    assert journal.entries() == []


def test_an_entry_stays_unless_the_order_was_surely_not_taken(journal: Journal) -> None:
    with pytest.raises(VendorRefusedError):
        place(
            cast(Vendor, Counting(answer=VendorRefusedError("no"))), journal, Quote(ORDER, 1.0, 10)
        )
    assert journal.entries() == []
    with pytest.raises(VendorError, match="whether it was taken is not known"):
        place(cast(Vendor, Counting(answer=VendorError("late"))), journal, Quote(ORDER, 1.0, 10))
    (entry,) = journal.entries()
    assert (entry.order, entry.job) == (ORDER, None)


@pytest.mark.parametrize("minutes_ago", [0, 6, 60 * 24 * 40])
def test_a_job_that_is_known_is_not_looked_for(journal: Journal, minutes_ago: float) -> None:
    """It may be so old that no list names it: it would be ordered again."""
    entry = Entry(ORDER, asked_at(minutes_ago), "JOB-1")
    journal.keep(entry)
    vendor = Counting()
    assert settled(cast(Vendor, vendor), journal, entry) is entry
    assert vendor.asked == []
    assert journal.entries() == [entry]


def test_a_job_that_is_found_is_known_from_then_on(journal: Journal) -> None:
    entry = Entry(ORDER, asked_at(1))
    journal.keep(entry)
    vendor = Counting()
    vendor.job = "JOB-7"
    found = settled(cast(Vendor, vendor), journal, entry)
    assert found == Entry(ORDER, entry.asked, "JOB-7")
    assert journal.entries() == [found]
    # The vendor's clock may be behind this one.
    assert vendor.asked[0] <= entry.asked - dt.timedelta(minutes=10)


def test_what_may_be_on_its_way_is_waited_for_and_then_forgotten(journal: Journal) -> None:
    soon, late = Entry(ORDER, asked_at(4.5)), Entry(ORDER, asked_at(5.5))
    journal.keep(soon)
    with pytest.raises(VendorError, match="is not among the account's jobs yet"):
        settled(cast(Vendor, Counting()), journal, soon)
    assert journal.entries() == [soon]
    assert settled(cast(Vendor, Counting()), journal, late) is None
    assert journal.entries() == []


def test_an_entry_is_under_way_until_its_files_are_there(journal: Journal, tmp_path: Path) -> None:
    for entry in (Entry(ORDER, asked_at(1)), Entry(ORDER, asked_at(1), "JOB-1")):
        journal.keep(entry)
        for tidy in (False, True):
            assert journal.under_way(tidy=tidy) == [entry]
        assert journal.entries() == [entry]
    (tmp_path / ORDER.folder / "JOB-1").mkdir(parents=True)
    assert journal.under_way(tidy=False) == []
    assert journal.entries() == [entry]
    assert journal.under_way(tidy=True) == []
    assert journal.entries() == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "[]",
        "7",
        '{"job": null}',
        '{"job": null, "asked": "2026-11-01T00:00:00+00:00"}',
        '{"job": null, "asked": 7, "order": {}}',
        '{"job": 7, "asked": "2026-11-01T00:00:00+00:00", "order": {}}',
    ],
)
def test_an_entry_that_says_something_else_is_an_error(journal: Journal, body: str) -> None:
    journal.keep(Entry(ORDER, asked_at(1)))
    journal.path(ORDER).write_text(body)
    with pytest.raises(LakeError, match="cannot be read as an order"):
        journal.entries()


def test_one_that_cannot_be_read_or_tells_no_zone_is_an_error(journal: Journal) -> None:
    entry = Entry(ORDER, asked_at(1))
    journal.keep(entry)
    path = journal.path(ORDER)
    text = path.read_text()
    path.write_text(text.replace("+00:00", ""))
    with pytest.raises(LakeError, match="cannot be read as an order"):
        journal.entries()
    path.unlink()
    path.mkdir()
    with pytest.raises(LakeError, match="cannot be read as an order"):
        journal.entries()
