"""Windows of trades against plain loops over the trades."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.features.feature import compute
from src.data_eng.features.option_market.activity import relative_option_volume_rth
from src.data_eng.features.option_market.table import FEATURES
from src.data_eng.features.option_market.trade_sums import F64, SUMS, OptionTrades, TradeSums
from src.data_eng.features.option_market.trade_windows import TradeWindows

WINDOW, FIRST, BUCKETS = 4, 5, 12
NAMES = {"call": True, "put": False}

TRADE = st.tuples(
    st.integers(0, BUCKETS - 1),
    st.sampled_from([-1.0, 0.0, 1.0]),
    st.integers(1, 50),
    st.floats(0.05, 100),
    st.booleans(),
    st.booleans(),
    st.sampled_from([np.nan, -0.7, -0.2, 0.1, 0.9]),
)


@given(st.lists(TRADE, max_size=40))
def test_windows_equal_plain_loops(
    trades: list[tuple[int, float, int, float, bool, bool, float]],
) -> None:
    sums = TradeSums(BUCKETS)
    for bucket, sign, size, price, is_call, today, delta in trades:
        vega = 100 * abs(delta)
        sign_, size_, price_ = (np.array([float(v)]) for v in (sign, size, price))
        call, expires = (np.array([v]) for v in (is_call, today))
        greeks = np.array([delta]), np.array([vega])
        sums.add(bucket, OptionTrades(sign_, size_, price_, call, expires, *greeks))
    values = trade_values(sums)
    for row, end in enumerate(range(FIRST, BUCKETS + 1)):
        recent = [t for t in trades if end - WINDOW <= t[0] < end]
        rth = [t for t in trades if FIRST <= t[0] < end]
        for label, chosen in (("300s", recent), ("rth", rth)):
            calls = sum(t[2] for t in chosen if t[4])
            puts = sum(t[2] for t in chosen if not t[4])
            if label == "300s":
                assert values["option_volume_300s"][row] == calls + puts
            near(values[f"put_call_volume_ratio_{label}"][row], puts, calls)
        expiring = sum(t[2] for t in rth if t[5])
        near(values["zero_dte_volume_share_rth"][row], expiring, sum(t[2] for t in rth))
        for name, right in NAMES.items():
            mine = [t for t in recent if t[4] == right]
            signed = sum(t[1] * t[2] * t[3] for t in mine)
            sided = sum(abs(t[1]) * t[2] * t[3] for t in mine)
            near(values[f"net_{name}_premium_to_{name}_premium_300s"][row], signed, sided)
        known = [t for t in recent if not np.isnan(t[6])]
        signed = sum(t[1] * t[2] * t[6] for t in known)
        sided = sum(abs(t[1]) * t[2] * abs(t[6]) for t in known)
        near(values["delta_weighted_option_order_imbalance_300s"][row], signed, sided)
        signed = sum(t[1] * t[2] * abs(t[6]) for t in known)
        near(values["vega_weighted_option_order_imbalance_300s"][row], signed, sided)


def test_a_window_of_next_to_nothing_after_a_busy_one_is_exact() -> None:
    # A far option has almost no vega: 1e-7 after some 1e9 is lost in a cumulative sum.
    sums = TradeSums(BUCKETS)
    one, call = np.ones(1), np.array([True])
    for bucket, size, vega in ((0, 3e7, 33.3), (1, 7e7, 71.7), (7, 1.0, 1e-7), (8, 2.0, 1e-8)):
        greeks = vega * one, vega * one
        sums.add(bucket, OptionTrades(one, size * one, one, call, ~call, *greeks))
    values = trade_values(sums)
    for greek in ("delta", "vega"):
        found = values[f"{greek}_weighted_option_order_imbalance_300s"]
        assert found[8 - FIRST : 13 - FIRST].tolist() == [1.0] * 5
        assert np.isnan(found[7 - FIRST])


@pytest.mark.parametrize("prior", [4, 5])
def test_the_relative_volume_is_of_five_sessions_or_more(prior: int) -> None:
    """By hand: 6 contracts by the second step, 2, 4, ... in the sessions before, one unknown."""
    sums = TradeSums(BUCKETS)
    sums.sums[FIRST, 0], sums.sums[FIRST + 1, 1] = 5.0, 1.0
    trades = TradeWindows(sums.sums, WINDOW, FIRST, np.ones(BUCKETS, np.bool_))
    steps = BUCKETS - FIRST + 1
    sessions = np.outer(2.0 * np.arange(1, prior + 2), np.minimum(np.arange(steps), 1))
    sessions[-1] = np.nan
    got = relative_option_volume_rth(trades, sessions)
    assert np.isnan(got[0])  # their mean is 0
    wanted = [5 / 6, 1.0] if prior == 5 else [np.nan, np.nan]
    assert got[1:3] == pytest.approx(wanted, nan_ok=True)


def test_what_files_do_not_cover_is_unknown() -> None:
    """20 buckets of a window, of which 2 may be missing; the files begin and end on the way."""
    window, first, buckets = 20, 30, 60
    sums = np.ones((buckets, len(SUMS)))
    for begin, end in ((0, 60), (12, 60), (31, 60), (0, 45), (28, 40)):
        covered = np.zeros(buckets, np.bool_)
        covered[begin:end] = True
        trades = TradeWindows(sums, window, first, covered)
        for row, at in enumerate(range(first, buckets + 1)):
            missing = sum(not begin <= n < end for n in range(at - window, at))
            is_inside = begin <= at - 1 < end
            recent = trades.sum("call_volume", "300s")[row]
            assert np.isnan(recent) == (not is_inside or missing > 2)
            rth = trades.sum("call_volume", "rth")[row]
            assert np.isnan(rth) == (not is_inside or (begin > first and at > first))


def trade_values(sums: TradeSums) -> dict[str, F64]:
    """The features of trades alone."""
    covered = np.ones(BUCKETS, np.bool_)
    windows = SimpleNamespace(trades=TradeWindows(sums.sums, WINDOW, FIRST, covered))
    return compute([found for found in FEATURES if found.inputs == ("trades",)], windows)


def near(got: float, part: float, whole: float) -> None:
    if whole == 0:
        assert np.isnan(got)
    else:
        assert got == pytest.approx(part / whole, abs=1e-9)
