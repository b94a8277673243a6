"""Stale partitions are told by what made them stale, however long the chain to it is."""

from __future__ import annotations

import datetime as dt

from src.data_eng.pipeline.causes import causes

BRONZE, CLEAN = "bronze.future.market_by_price_10", "silver.future.market_by_price_10_clean"
BARS, MARKET = "silver.future.ohlcv_2m", "silver.future.market"
D1, D2, D3 = (dt.date(2025, 6, day) for day in (4, 5, 6))


def follows(reason: str, *chain: str) -> str:
    """Return the reason of a table over a chain of inputs, the nearest first."""
    return "".join(f"its input {one} is stale: " for one in chain) + reason


def test_a_chain_leads_to_one_cause_over_dates_and_tables() -> None:
    changed, contract = "its inputs changed:\nthe raw files are others", "its contract changed"
    found = causes(
        [
            (BARS, D3, contract),
            (BRONZE, D1, changed),
            (CLEAN, D1, follows(changed, BRONZE)),
            (MARKET, D1, follows(changed, CLEAN, BRONZE)),
            (MARKET, D3, follows(changed, f"{CLEAN} of {D1}", BRONZE)),
            (MARKET, D2, follows(contract, BARS)),
        ]
    )
    assert [one.to_json() for one in found] == [
        {
            "dataset": BRONZE,
            "reason": changed,
            "partitions": 1,
            "made_of_it": {CLEAN: 1, MARKET: 2},
            "first": str(D1),
            "last": str(D3),
        },
        {
            "dataset": BARS,
            "reason": contract,
            "partitions": 1,
            "made_of_it": {MARKET: 1},
            "first": str(D2),
            "last": str(D3),
        },
    ]


def test_what_is_not_among_those_looked_at_is_a_cause_too() -> None:
    (found,) = causes([(MARKET, D2, follows("its contract changed", BARS))])
    assert (found.dataset, found.own, found.below) == (BARS, [], {MARKET: [D2]})


def test_reasons_of_one_table_are_told_apart() -> None:
    found = causes([(BARS, D1, "its contract changed"), (BARS, D2, "written by bars version 1")])
    assert [one.own for one in found] == [[D1], [D2]]
