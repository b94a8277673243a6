"""Placebo levels, and what is found on driftless walks: nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from src.data_eng.errors import UsageError
from src.data_eng.exchange.calendar import trading_days
from src.data_eng.features.book.market_events import MarketEvents
from src.data_eng.features.level.level_path import LevelPath
from src.data_eng.features.level.level_touches import level_touches
from src.data_eng.features.outcome.first_passage import BOUNCE, BREAK, TIMEOUT
from src.data_eng.features.outcome.label_touches import DayPrices, label_touches
from src.data_eng.features.true_range import TrueRange
from src.data_eng.research.evaluation.placebo import placebo_levels, span_ticks
from src.data_eng.research.evaluation.rates import all_levels, outcome_rates
from src.data_eng.research.evaluation.text import rates_text
from src.data_eng.research.evaluation.touches import session_touches
from tests.stages.silver.level_lake import add_levels
from tests.stages.silver.market_lake import sample_day

SECOND = 10**9
OPEN = 1_749_130_200 * SECOND
END = OPEN + 10_800 * SECOND
NO_BARS = TrueRange(np.zeros(0, np.int64), np.zeros(0))


def fixed(name: str, ticks: float, known_ns: int = OPEN) -> LevelPath:
    return LevelPath(name, np.array([known_ns]), np.array([ticks]), None, None)


def test_placebo_levels_are_near_the_open_apart_from_the_real_and_known_with_them() -> None:
    steps = np.array([OPEN - 9 * SECOND, OPEN + SECOND])
    average = LevelPath("sma_90", steps, np.array([20_050.3, 1.0]), None, None)
    nothing = LevelPath("or_low", np.zeros(0, np.int64), np.zeros(0), None, None)
    levels = [fixed("pm_high", 20_000.0), fixed("or_high", 19_970.0, OPEN + 99), average, nothing]
    drawn = placebo_levels(levels, 20_003.0, OPEN, 100, 500, np.random.default_rng(1))
    assert len(drawn.paths) == 3 * 500  # none beside the level that is not there
    values = np.array([path.ticks[0] for path in drawn.paths])
    assert np.array_equal(values, np.round(values))
    assert values.min() >= 19_903
    assert values.max() <= 20_103
    for real in (20_000.0, 19_970.0, 20_050.3):
        assert np.abs(values - real).min() >= 8
    known = {name: {p.known_ns for p, b in zip(drawn.paths, drawn.beside, strict=True) if b == name}
             for name in ("pm_high", "or_high", "sma_90")}  # fmt: skip
    assert known == {"pm_high": {OPEN}, "or_high": {OPEN + 99}, "sma_90": {OPEN}}


def test_placebo_levels_reach_as_far_as_the_product_moves() -> None:
    found = [span_ticks(symbol) for symbol in ("ESM5", "NQM5", "RTYM5", "YMM5")]
    assert found == [100, 360, 90, 170]


@pytest.mark.parametrize(("symbol", "reason"), [("CLM5", "no placebo span"), ("XXM5", "root XX")])
def test_a_product_without_a_span_is_an_error(symbol: str, reason: str) -> None:
    with pytest.raises(UsageError, match=f"{symbol}: .*{reason}.*exchange/products.py"):
        span_ticks(symbol)


def test_a_driftless_walk_bounces_as_often_as_it_breaks() -> None:
    outcomes = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        seconds = 13_000
        price = 20_000 + np.cumsum(rng.choice([-1, 0, 1], seconds))
        times = OPEN + np.repeat(np.arange(seconds), 2) * SECOND
        events = MarketEvents(
            times, np.arange(2 * seconds) % 2 == 0, np.repeat(price, 2).astype(np.float64)
        )
        levels = placebo_levels([fixed("pm_high", 30_000.0)], 20_000.0, OPEN, 100, 20, rng).paths
        last_ns, walk = int(times[-1]), price.astype(np.float64)
        prices = DayPrices(times[::2], walk, OPEN, np.append(np.nan, walk), NO_BARS, last_ns)
        touches = level_touches(levels, events, OPEN, END, last_ns)
        outcomes.append(label_touches(levels, touches, prices, OPEN, END).outcomes[0].outcome)
    found = np.concatenate(outcomes)
    bounced, broke = (int((found == code).sum()) for code in (BOUNCE, BREAK))
    assert bounced + broke > 2_000
    # Touches of one session overlap: far wider than the binomial error of 0.01.
    assert bounced / (bounced + broke) == pytest.approx(0.5, abs=0.04)
    assert (found == TIMEOUT).mean() < 0.02


def test_on_the_sample_market_nothing_is_found(tmp_path: Path) -> None:
    days = trading_days(dt.date(2025, 3, 3), dt.date(2025, 4, 11))
    touches = []
    for date in days:
        symbol = sample_day(tmp_path, date, records=40_000)
        add_levels(tmp_path, symbol, date)
        touches.append(session_touches(tmp_path, symbol, date, placebos=20, seed=11))
    real, placebo = zip(*touches, strict=True)
    found = outcome_rates(real, placebo, seed=11)
    assert found.touches[-1, -1] > 300
    assert found.placebo_touches[-1, -1] > 5_000
    low, high = found.difference_interval[-1, -1, 0]
    assert low < 0 < high
    for name, (low, high) in zip(all_levels(), found.joint_difference_interval, strict=True):
        assert low < 0 < high, name
    text = rates_text(found, len(days), enough=True)
    assert "Levels and placebos: no bounce rate differs" in text
