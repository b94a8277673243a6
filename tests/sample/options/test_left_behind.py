"""An option is left behind once the future has moved its value by half its spread."""

from __future__ import annotations

import numpy as np
import pytest

from src.data_eng.compiled import kernel
from src.data_eng.sample import SampleFuture
from src.data_eng.sample.options import OptionDay, SampleOptions
from src.data_eng.sample.options.engine import ROOM, _pick_left_behind, _requote_beside
from src.data_eng.sample.options.layout import STATISTIC_EVENT, new_quotes
from src.data_eng.sample.options.market import NO_QUOTE, OptionMarket
from src.data_eng.sample.options.quoting import is_left_behind, left_behind

from ..conftest import SUMMER
from .conftest import UNDEFINED, Recorded

NOON = 12 * 3_600


@kernel
def _is_left_behind(market: OptionMarket, i: int, t: int) -> bool:
    return is_left_behind(market, i, t)


@kernel
def _how_far(market: OptionMarket, i: int, t: int) -> float:
    return left_behind(market, i, t)


@kernel
def _pick(market: OptionMarket, t: int) -> int:
    return _pick_left_behind(market, t)


@kernel
def _requote(market: OptionMarket, i: int, t: int, moved: bool) -> None:
    _requote_beside(market, i, t, moved)


@pytest.fixture
def market() -> OptionMarket:
    """The future at 6000 at noon, and every option quoted there at 5.00 to 5.20, delta 0.25."""
    day = OptionDay(SampleOptions(SampleFuture(SUMMER), quotes=6_000, strikes=5, spreads=0))
    market = day.market()
    market = market._replace(second=market.second.copy())
    market.second["front"][NOON] = 6_000.0
    market.second["carry"][NOON] = 0.0
    item = market.instrument
    item["delta"], item["quoted_at"], item["fair"] = 0.25, 6_000.0, 5.1
    item["bid"], item["ask"] = 100, 104
    item["bid_size"] = item["ask_size"] = item["bid_count"] = item["ask_count"] = 1
    # Valued in this second already: delta stays what the test says.
    item["fair_second"] = NOON
    return market


def at(market: OptionMarket) -> int:
    return int(market.state[0]["start"]) + NOON * 10**9 + 5


@pytest.mark.parametrize(
    ("bid", "move", "behind"),
    [
        (100, 0.39, False),  # a spread of four nickels; delta -0.25: 0.0975 of 0.10 points
        (100, 0.41, True),
        (100, -0.41, True),
        (NO_QUOTE, 10.3, False),  # no bid: half of 104 nickels, 2.60 points
        (NO_QUOTE, 10.5, True),
    ],
)
def test_by_half_the_spread(market: OptionMarket, bid: int, move: float, behind: bool) -> None:
    item = market.instrument[0]
    item["delta"], item["bid"] = -0.25, bid
    market.second["front"][NOON] += move
    assert _is_left_behind(market, 0, at(market)) is behind
    half = 0.1 if bid == 100 else 2.6
    assert _how_far(market, 0, at(market)) == pytest.approx(0.25 * abs(move) / half)
    item["ask"] = NO_QUOTE
    assert _is_left_behind(market, 0, at(market)) is True


def test_by_the_delta_that_it_has_now(market: OptionMarket) -> None:
    # Quoted far out of the money, and the future has come to its strike since.
    item = market.instrument[0]
    item["delta"], item["quoted_at"], item["fair_second"] = 0.001, 5_900.0, NOON - 1
    item["strike"], item["call"] = 6_000.0, 1
    behind = _how_far(market, 0, at(market))
    assert item["delta"] == pytest.approx(0.5, abs=0.02)  # at the money, the same day
    assert behind == pytest.approx(item["delta"] * 100 / 0.1)


def test_the_furthest_behind_is_picked(market: OptionMarket) -> None:
    # Options 0 and 2 have half of the flow each: 16 looks miss one of them once in 30,000.
    market.weight[:2], market.weight[2:] = 0.5, 1.0
    market.second["front"][NOON] += 1.0
    assert {_pick(market, at(market)) for _ in range(50)} == {0, 2}
    market.instrument["quoted_at"][2] -= 1.0
    assert {_pick(market, at(market)) for _ in range(50)} == {2}
    market.instrument["quoted_at"][[0, 2]] = 6_001.0
    assert {_pick(market, at(market)) for _ in range(50)} == {-1}


@pytest.mark.parametrize(
    ("moved", "rows"),
    [
        # Of the put of the second strike, of five: its call, then those of the strikes above.
        (False, [[2], [2, 4, 5], [2, 4, 5, 6, 7], [2, 4, 5, 6, 7, 8, 9]]),
        (True, [[2], [2, 5], [2, 5, 6, 7], [2, 5, 6, 7, 8, 9]]),
    ],
)
def test_a_strike_is_quoted_with_those_beside_it(
    market: OptionMarket, moved: bool, rows: list[list[int]]
) -> None:
    market.second["front"][NOON] += 5.0
    market.instrument["quoted_at"][4] = 6_005.0  # the call of the third strike, just now
    assert sorted(_quoted_with(market, 3, moved)) == rows


def _quoted_with(market: OptionMarket, i: int, moved: bool) -> list[list[int]]:
    found = set()
    for _ in range(50):
        records, wide, narrow = new_quotes(ROOM)
        fresh = market._replace(
            instrument=market.instrument.copy(),
            state=market.state.copy(),
            wide=wide,
            narrow=narrow,
            statistic=np.zeros(4 * ROOM, STATISTIC_EVENT),
        )
        fresh.instrument["bid"] += 10  # what is quoted anew changes its price
        fresh.instrument["ask"] += 10
        _requote(fresh, i, at(market), moved)
        ids = records["instrument_id"][: fresh.state[0]["row"]]
        found.add(tuple(np.flatnonzero(np.isin(market.instrument["id"], ids)).tolist()))
    return [list(rows) for rows in found]


def test_those_left_behind_are_quoted_first(options: Recorded) -> None:
    # A price stays where it is while nothing moved it: most records of a price change it.
    rows = options.nbbo[options.outright_rows(options.nbbo)]
    rows = rows[(rows["action"] != b"T") & (rows["flags"] != 168)]
    order = np.argsort(rows["instrument_id"], kind="stable")
    sorted_rows = rows[order]
    same = sorted_rows["instrument_id"][1:] == sorted_rows["instrument_id"][:-1]
    moved = sorted_rows["ask_px_00"][1:] != sorted_rows["ask_px_00"][:-1]
    moved |= sorted_rows["bid_px_00"][1:] != sorted_rows["bid_px_00"][:-1]
    assert moved[same].mean() > 0.75
    assert (rows["ask_px_00"] != UNDEFINED).all()
