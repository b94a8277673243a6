"""What a request that fails means: above all whether an order was surely not taken."""

from __future__ import annotations

import datetime as dt
import email.utils
from typing import Any

import pytest
import requests
from databento import BentoClientError, BentoError, BentoServerError

from src.data_eng.errors import VendorError, VendorRefusedError
from src.data_eng.vendor.orders import failures
from src.data_eng.vendor.orders.failures import MAX_PAUSE_S, TRIES, failure_of, retried

KEY = "db-secret"


def of_status(status: int, wait: str = "") -> Any:
    kind = BentoClientError if 400 <= status < 500 else BentoServerError
    return kind(http_status=status, message="why", headers={"Retry-After": wait})


UNKNOWN = {
    "read timeout": requests.ReadTimeout(),
    "connect timeout": requests.ConnectTimeout(),
    "reset": requests.ConnectionError("reset"),
    "cut off": requests.exceptions.ChunkedEncodingError(),
    "no JSON": requests.exceptions.JSONDecodeError("x", "y", 0),
    "no certificate": requests.exceptions.SSLError("self-signed"),
    "of the system": OSError("no route"),
    "of the client": BentoError("odd"),
    "of another kind": ValueError("odd"),
    "500": of_status(500),
    "503": of_status(503),
    "504": of_status(504),
    "307": of_status(307),
}
REFUSED = {str(status): of_status(status) for status in (400, 401, 402, 403, 409, 422, 429)}
PASSING = {"read timeout", "connect timeout", "reset", "cut off", "no JSON", "of the system"}
PASSING |= {"500", "503", "504", "429"}


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr(failures, "pause", found.append)
    return found


@pytest.mark.parametrize("name", [*UNKNOWN, *REFUSED])
@pytest.mark.parametrize("is_order", [False, True])
def test_an_order_is_sent_again_only_where_it_was_surely_not_taken(
    pauses: list[float], name: str, *, is_order: bool
) -> None:
    calls = []

    def call() -> None:
        calls.append(name)
        raise (UNKNOWN | REFUSED)[name]

    kind = VendorRefusedError if name in REFUSED else VendorError
    with pytest.raises(VendorError) as raised:
        retried("order of x", KEY, call, is_order=is_order)
    assert type(raised.value) is kind
    may_be_repeated = name in PASSING and (name in REFUSED or not is_order)
    assert len(calls) == (TRIES if may_be_repeated else 1)
    assert pauses == ([2.0, 4.0, 8.0, 16.0] if may_be_repeated else [])


def test_pauses_are_those_that_the_vendor_asks_for(pauses: list[float]) -> None:
    answers = iter([of_status(429, "7"), of_status(503), 5])

    def call() -> object:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert retried("x", KEY, call) == 5
    assert pauses == [7.0, 4.0]
    late = of_status(429, f"{MAX_PAUSE_S + 1:g}")
    answers = iter([late])
    with pytest.raises(VendorRefusedError, match="it asks to wait 121 s"):
        retried("x", KEY, call)
    assert pauses == [7.0, 4.0]


def test_a_pause_may_be_a_date() -> None:
    when = email.utils.format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60))
    found = failure_of(of_status(503, when), KEY).pause_s
    assert found is not None
    assert 30 < found <= 60
    past = email.utils.format_datetime(dt.datetime.now(dt.UTC) - dt.timedelta(days=1))
    assert failure_of(of_status(503, past), KEY).pause_s == 0
    assert failure_of(of_status(503, "soon"), KEY).pause_s is None


def test_a_failure_is_one_line_without_the_key() -> None:
    text = failure_of(ValueError(f"a\nb {KEY} " + "c" * 400), KEY).text
    assert text.startswith("not as the vendor's client expects it (a\\nb *** c")
    assert text.endswith("ccc...)")
    assert len(text) < 400
