"""The touches of one session: of the real levels, and of placebo levels drawn for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ...catalogue.datasets import dataset
from ...catalogue.tables import BARS, BEST_QUOTE, LEVEL, SECONDS, TRADES
from ...exchange.products import known_product
from ...exchange.sessions import FIRST3H, window_ns
from ...features.book.day_seconds import I64
from ...features.book.market_events import MarketEvents, market_events
from ...features.level.level_path import LevelPath
from ...features.level.level_touches import level_touches
from ...features.level.levels import level_names
from ...features.outcome.barriers import LONGEST_SECONDS
from ...features.outcome.episodes import Episodes
from ...features.outcome.label_touches import DayPrices, label_touches
from ...lake.inputs import LAST_RECORD_FACT, InputTable
from ...lake.paths import Partition
from ...lake.table import Table
from ...records.best_quotes import read_best_quotes
from ...records.day_prices import read_day_prices
from ...records.levels import read_levels
from ...records.trades import read_trades
from .placebo import placebo_levels, span_ticks

HALF_HOUR_NS: Final = 1800 * 10**9


@dataclass(frozen=True)
class SessionTouches:
    """Touches of one session with their primary outcomes.

    Attributes
    ----------
    date : datetime.date
    level : int64 array, shape (n,)
        Position in `level_names`; of a placebo level that of the real one it stands beside.
    half_hour : int64 array, shape (n,)
        Of ``feature_ts`` since 09:30 America/New_York, 0 to 5.
    outcome : uint8 array, shape (n,)
        As in `features.outcome.first_passage`.
    group : int64 array, shape (n,)
        Touches of one group are one event; of placebo levels each is its own.
    """

    date: dt.date
    level: I64
    half_hour: I64
    outcome: npt.NDArray[np.uint8]
    group: I64


def session_touches(
    lake_root: Path, symbol: str, date: dt.date, *, placebos: int, seed: int
) -> tuple[SessionTouches, SessionTouches]:
    """Return the touches of a session: of the real levels, of the placebo levels.

    Both go through the same trades and quotes, with the same barriers.

    Parameters
    ----------
    lake_root : Path
    symbol : str
        The contract.
    date : datetime.date
    placebos : int
        Placebo levels for each real level.
    seed : int
        Of the draw, with the date.

    Raises
    ------
    LakeError
        A Silver partition is missing or corrupt.
    """
    tick_size = known_product(symbol).tick_size
    open_ns, end_ns = window_ns(date, *FIRST3H)
    with ExitStack() as opened:
        trades, quotes, seconds, bars, levels = (
            _open(lake_root, Partition(dataset(key), symbol, date), opened)
            for key in (TRADES, BEST_QUOTE, SECONDS, BARS, LEVEL)
        )
        paths = read_levels(levels, tick_size)
        until_ns = end_ns + LONGEST_SECONDS * 10**9
        traded = read_trades(trades, tick_size, until_ns)
        last_ns = trades.manifest.facts[LAST_RECORD_FACT] or 0
        prices = read_day_prices(traded, seconds, bars, tick_size, last_ns)
        events = market_events(traded, read_best_quotes(quotes, tick_size, until_ns))
    day = _Day(date, events, prices, (open_ns, end_ns))
    touched = day.episodes(paths)
    real = day.touches(touched, touched.level, touched.overlap_group)
    # Placebo levels are drawn about the first trade of the session.
    opened_at = np.flatnonzero(prices.times >= open_ns)[:1]
    if not len(opened_at):
        return real, day.nothing()
    rng = np.random.default_rng([seed, date.toordinal()])
    about = float(prices.price[opened_at[0]])
    placebo = placebo_levels(paths, about, open_ns, span_ticks(symbol), placebos, rng)
    if not placebo.beside:
        return real, day.nothing()
    drawn = day.episodes(placebo.paths)
    beside = [level_names().index(name) for name in placebo.beside]
    level = np.array(beside, np.int64)[drawn.level]
    return real, day.touches(drawn, level, np.arange(len(drawn)))


@dataclass(frozen=True)
class _Day:
    date: dt.date
    events: MarketEvents
    prices: DayPrices
    grid: tuple[int, int]

    def episodes(self, paths: Sequence[LevelPath]) -> Episodes:
        touches = level_touches(paths, self.events, *self.grid, self.prices.last_ns)
        return label_touches(paths, touches, self.prices, *self.grid)

    def touches(self, found: Episodes, level: I64, group: I64) -> SessionTouches:
        half_hour = np.minimum((found.feature_ns - self.grid[0]) // HALF_HOUR_NS, 5)
        return SessionTouches(self.date, level, half_hour, found.outcomes[0].outcome, group)

    def nothing(self) -> SessionTouches:
        none = np.zeros(0, np.int64)
        return SessionTouches(self.date, none, none, np.zeros(0, np.uint8), none)


def _open(lake_root: Path, partition: Partition, opened: ExitStack) -> Table:
    one = InputTable(lake_root, partition, by_pages=True)
    opened.callback(one.close)
    return one.table
