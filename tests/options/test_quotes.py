"""Which quotes can be used: the rules by hand, one after the other."""

from __future__ import annotations

import math

import numpy as np
import pytest

from src.data_eng.features.option_market.quotes import LastQuotes
from src.data_eng.options.quotes import (
    AGED,
    CROSSED,
    MAX_AGE_SECONDS,
    NO_QUOTE,
    RULES,
    USABLE,
    WIDE,
    Quotes,
    age_quantiles,
    count_rules,
)

NOW = 1_746_538_200_000_000_000
SECOND = 10**9
NAN = math.nan


def one(bid: float, ask: float, age_s: int, sizes: bool, schema: str) -> Quotes:
    """Return two slots, of which the second has a quote of an age."""
    quotes = LastQuotes(2, schema)
    at = np.array([NOW - age_s * SECOND])
    quotes.update(np.array([1]), at, np.array([bid]), np.array([ask]), np.array([sizes]))
    return quotes.judge(NOW)


@pytest.mark.parametrize(
    ("bid", "ask", "sizes", "rule"),
    [
        (10.0, 10.5, True, USABLE),
        (10.0, 10.5, False, CROSSED),
        (0.0, 0.5, True, CROSSED),
        (NAN, 0.5, True, NO_QUOTE),
        (10.0, NAN, True, NO_QUOTE),
        (10.0, 10.0, True, CROSSED),
        (10.5, 10.0, True, CROSSED),
        (0.05, 1.05, True, USABLE),  # one point
        (0.05, 1.10, True, WIDE),
        (7.0, 9.0, True, USABLE),  # a quarter of the mid
        (7.0, 9.1, True, WIDE),
    ],
)
def test_which_quotes_are_usable(bid: float, ask: float, sizes: bool, rule: int) -> None:
    rows = one(bid, ask, 0, sizes, "mbp-1")
    assert rows["rule"].tolist() == [NO_QUOTE, rule]
    assert math.isnan(rows["mid"][0])
    assert rows["mid"][1] == (
        (bid + ask) / 2 if rule == USABLE else pytest.approx(NAN, nan_ok=True)
    )


@pytest.mark.parametrize(
    ("schema", "age_s", "rule"),
    [
        ("tbbo", 60, USABLE),
        ("tbbo", 61, AGED),
        ("mbp-1", 36_000, USABLE),
        ("bbo-1s", 36_000, USABLE),
        ("bbo-1m", 36_000, USABLE),
    ],
)
def test_only_quotes_that_come_with_trades_age(schema: str, age_s: int, rule: int) -> None:
    assert one(10.0, 10.5, age_s, True, schema)["rule"][1] == rule


def test_the_last_quote_of_each_option_counts() -> None:
    quotes = LastQuotes(3, "mbp-1")
    slots = np.array([2, 0, 2, 0, 2])
    bid = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    quotes.update(slots, NOW + np.arange(5), bid, bid + 0.5, np.ones(5, np.bool_))
    assert quotes.rows["bid"][[0, 2]].tolist() == [4.0, 5.0]
    assert math.isnan(quotes.rows["bid"][1])
    assert quotes.rows["received"][[0, 2]].tolist() == [NOW + 3, NOW + 4]


def test_an_update_with_an_empty_side_replaces_a_quote_by_none() -> None:
    quotes = LastQuotes(1, "mbp-1")
    for bid, ask, rule in ((10.0, 10.5, USABLE), (10.0, NAN, NO_QUOTE), (10.0, 10.5, USABLE)):
        slot, at, size = np.array([0]), np.array([NOW]), np.array([True])
        quotes.update(slot, at, np.array([bid]), np.array([ask]), size)
        assert quotes.judge(NOW)["rule"].tolist() == [rule]


def test_counts_and_ages() -> None:
    """Three usable quotes, 1, 2 and 9 s old, and one that is crossed."""
    quotes = LastQuotes(5, "mbp-1")
    slots = np.arange(4)
    times = NOW - np.array([1, 2, 9, 4]) * SECOND
    bid, ask = np.full(4, 5.0), np.array([5.5, 5.5, 5.5, 4.0])
    quotes.update(slots, times, bid, ask, np.ones(4, np.bool_))
    counts, ages = np.zeros(len(RULES), np.int64), np.zeros(MAX_AGE_SECONDS, np.int64)
    count_rules(quotes.judge(NOW), np.arange(5), NOW, counts, ages)
    assert counts[[USABLE, NO_QUOTE, CROSSED]].tolist() == [3, 1, 1]
    assert counts.sum() == 5
    assert age_quantiles(ages, (0.3, 0.5, 0.9)) == [1, 2, 9]
    assert age_quantiles(np.zeros_like(ages), (0.5,)) == [None]
