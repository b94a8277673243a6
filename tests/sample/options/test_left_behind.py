"""An option is left behind once the future has moved its value by half its spread."""

from __future__ import annotations

import numpy as np
import pytest

from src.data_eng.compiled import kernel
from src.data_eng.sample import SampleFuture
from src.data_eng.sample.options import OptionDay, SampleOptions
from src.data_eng.sample.options.market import NO_QUOTE, OptionMarket
from src.data_eng.sample.options.quoting import is_left_behind

from ..conftest import SUMMER
from .conftest import UNDEFINED, Recorded

NOON = 12 * 3_600


@kernel
def _left_behind(market: OptionMarket, i: int, t: int) -> bool:
    return is_left_behind(market, i, t)


@pytest.fixture(scope="module")
def market() -> OptionMarket:
    day = OptionDay(SampleOptions(SampleFuture(SUMMER), quotes=6_000, strikes=5, spreads=0))
    market = day.market()
    return market._replace(second=market.second.copy())


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
    item["delta"], item["quoted_at"], item["quarter"] = -0.25, 6_000.0, 0
    item["bid"], item["ask"] = bid, 104
    market.second["front"][NOON] = 6_000.0 + move
    t = int(market.state[0]["start"]) + NOON * 10**9 + 5
    assert _left_behind(market, 0, t) is behind
    item["ask"] = NO_QUOTE
    assert _left_behind(market, 0, t) is True


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
