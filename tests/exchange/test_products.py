"""What is known of products, and what is said of those that are not."""

from __future__ import annotations

import datetime as dt

import pytest

from src.data_eng.errors import FrontMonthError, UsageError
from src.data_eng.exchange.expiry import EXPIRY_RULES, expiration_date
from src.data_eng.exchange.products import (
    PRODUCTS,
    Product,
    known_product,
    regular_session_ns,
    regular_session_parameter,
    why_unknown,
)
from src.data_eng.exchange.roll import Candidate, choose_front_month, has_roll_calendar
from src.data_eng.exchange.sessions import EQUITY_INDEX, NEW_YORK, PRE_MARKET, RTH, RTH_OPEN
from src.data_eng.settings import PRE_MARKET_END, Settings

ON = dt.date(2025, 6, 5)


def test_equity_indices_are_declared_whole() -> None:
    indices = [one for root, one in PRODUCTS.items() if has_roll_calendar(root)]
    assert len(indices) == 9
    for product in indices:
        assert product.session is EQUITY_INDEX
        assert product.expiry_rule == "third_friday"
        assert product.round_number is not None
        ticks = product.round_number / product.tick_size
        assert ticks % 1 == pytest.approx(0, abs=1e-9)


def test_the_session_is_that_of_the_windows_and_of_the_settings() -> None:
    session = EQUITY_INDEX
    assert (session.pre_market_start, session.open) == PRE_MARKET
    assert (session.open, session.close) == RTH
    assert PRE_MARKET_END == RTH_OPEN
    assert Settings().opening_range_minutes == session.opening_range_minutes
    assert Settings().pre_market_start == f"{session.pre_market_start:%H:%M}"


def test_a_root_is_one_declaration(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="HGN5: product root HG is not known; known are ES, "):
        known_product("HGN5")
    monkeypatch.setitem(PRODUCTS, "HG", Product(0.0005, 25_000.0))
    assert known_product("HGN5").multiplier == 25_000.0


@pytest.mark.parametrize("root", ["CL", "GC", "ZN"])
def test_other_roots_have_their_own_facts(root: str) -> None:
    product = PRODUCTS[root]
    assert product.session is not None
    assert product.session.close != RTH[1]
    assert (product.session.pre_market_start, product.session.open) == PRE_MARKET
    assert product.round_ticks is not None
    assert product.round_ticks % 1 == pytest.approx(0, abs=1e-9)
    assert product.expiry_rule in EXPIRY_RULES
    assert not has_roll_calendar(root)
    assert why_unknown(f"{root}Q5") is None


@pytest.mark.parametrize(
    ("symbol", "day", "close"),
    [
        ("ESU5", ON, (16, 0)),
        ("CLQ5", ON, (14, 30)),
        ("GCQ5", ON, (13, 30)),
        ("ZNU5", ON, (15, 0)),
        ("ZNZ5", dt.date(2025, 11, 28), (13, 0)),  # the day after Thanksgiving
        ("HGN5", ON, (16, 0)),  # not known
    ],
)
def test_the_regular_session_of_a_date(symbol: str, day: dt.date, close: tuple[int, int]) -> None:
    begin, end = (
        dt.datetime.fromtimestamp(ns / 1e9, NEW_YORK) for ns in regular_session_ns(symbol, day)
    )
    assert (begin.date(), begin.time()) == (day, RTH_OPEN)
    assert (end.date(), end.time()) == (day, dt.time(*close))
    assert regular_session_parameter(symbol)[0] == "09:30"


def test_what_is_not_defined_for_a_root_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    root, symbol = "HG", "HGQ5"
    monkeypatch.setitem(PRODUCTS, root, Product(0.0005, 25_000.0))
    assert known_product(symbol).tick_size > 0
    reason = why_unknown(symbol)
    assert reason is not None
    assert reason.startswith(f"no regular session is known of {symbol}; features are for ES, ")
    assert expiration_date(symbol, ON) is None
    candidates = [Candidate(symbol, 1, 9, 5, 9), Candidate(f"{root}V5", 2, 9, 6, 9)]
    chosen = choose_front_month("volume", root, ON, candidates)
    assert (chosen.symbol, chosen.calendar_symbol) == (f"{root}V5", None)
    with pytest.raises(FrontMonthError, match="use --roll-rule volume"):
        choose_front_month("calendar", root, ON, candidates)


def test_what_is_no_future_is_no_product() -> None:
    assert why_unknown("ESM5") is None
    assert why_unknown("ES") == "ES is no futures contract, such as ESU5"
    with pytest.raises(UsageError, match="ESZ5-ESH6 is no futures contract"):
        known_product("ESZ5-ESH6")
