"""An order: what is asked for, and which job is it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from src.data_eng.vendor.orders.order import Order

FIRST, LAST = dt.date(2025, 6, 5), dt.date(2025, 6, 6)
NBBO = "raw.future_option.nbbo"
ORDER = Order(NBBO, "ES", "mbp-1", ("ES.OPT", "EW.OPT"), FIRST, LAST)
# As the vendor's reference shows a job's details.
JOB = {
    "id": "GLBX-20221126-DBVXWPJJQN",
    "cost_usd": 23.6454,
    "dataset": "GLBX.MDP3",
    "symbols": "EW.OPT,ES.OPT",
    "stype_in": "parent",
    "schema": "mbp-1",
    "start": "2025-06-05T00:00:00.000000000Z",
    "end": "2025-06-07T00:00:00.000000000Z",
    "limit": None,
    "encoding": "dbn",
}


def test_a_request_ends_before_the_day_after_the_last() -> None:
    request = ORDER.request()
    assert (request["start"], request["end"]) == ("2025-06-05", "2025-06-07")
    assert request["symbols"] == ["ES.OPT", "EW.OPT"]


def test_its_job_is_known_by_what_was_asked_for() -> None:
    assert ORDER.is_of(JOB)
    assert ORDER.is_of({**JOB, "symbols": ["ES.OPT", "EW.OPT"]})


@pytest.mark.parametrize(
    "changed",
    [
        {"dataset": "XNAS.ITCH"},
        {"symbols": "ES.OPT"},
        {"symbols": "ES.OPT,EW.OPT,EW1.OPT"},
        {"symbols": None},
        {"stype_in": "raw_symbol"},
        {"schema": "tbbo"},
        {"start": "2025-06-04T00:00:00.000000000Z"},
        {"start": "2025-06-05T12:00:00.000000000Z"},
        {"end": "2025-06-08T00:00:00.000000000Z"},
        {"end": None},
        {"limit": 1000},
        {"encoding": "csv"},
    ],
    ids=str,
)
def test_another_job_is_not_it(changed: dict[str, Any]) -> None:
    assert not ORDER.is_of({**JOB, **changed})


def test_it_survives_json_and_its_name_is_its_own() -> None:
    assert Order.of_json(ORDER.as_json()) == ORDER
    assert ORDER.name.startswith("raw.future_option.nbbo.ES.2025-06-05.2025-06-06.")
    others = [
        Order(NBBO, "ES", "tbbo", ORDER.parents, FIRST, LAST),
        Order(NBBO, "ES", "mbp-1", ("ES.OPT",), FIRST, LAST),
    ]
    assert len({one.name for one in (ORDER, *others)}) == 3


@pytest.mark.parametrize(
    "changed",
    [{"root": "../x"}, {"table": "raw.future.other"}, {"schema": "trades"}, {"first": "x"}],
    ids=str,
)
def test_what_is_no_order_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no raw table|Invalid isoformat"):
        Order.of_json({**ORDER.as_json(), **changed})
