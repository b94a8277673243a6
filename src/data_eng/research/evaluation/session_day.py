"""What touches of one session are found and labelled by, read from the lake."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...catalogue.datasets import dataset
from ...catalogue.tables import BARS, BEST_QUOTE, LEVEL, SECONDS, TRADES
from ...exchange.products import known_product
from ...exchange.sessions import FIRST3H, window_ns
from ...features.book.market_events import MarketEvents, market_events
from ...features.level.level_inputs import LevelBars, LevelTrades
from ...features.level.level_path import LevelPath
from ...features.outcome.barriers import LONGEST_SECONDS
from ...features.outcome.label_touches import DayPrices
from ...lake.inputs import last_record_ns
from ...lake.paths import Partition
from ...lake.table import Table, Verify, open_table
from ...records.bar_range import read_true_range
from ...records.best_quotes import read_best_quotes
from ...records.day_prices import read_day_prices
from ...records.level_bars import read_level_bars
from ...records.levels import read_levels
from ...records.seconds import read_best_prices
from ...records.trades import read_trades
from ..published import check_contract
from .placebo import level_starts


@dataclass(frozen=True)
class SessionDay:
    """A session.

    Attributes
    ----------
    date : datetime.date
    paths : list of LevelPath
        The real levels.
    events : MarketEvents
    prices : DayPrices
    bars : LevelBars
    grid : tuple of int, ns since epoch UTC
        First and last row of the grid.
    """

    date: dt.date
    paths: list[LevelPath]
    events: MarketEvents
    prices: DayPrices
    bars: LevelBars
    grid: tuple[int, int]

    @property
    def trades(self) -> LevelTrades:
        """The trades that count."""
        return LevelTrades(self.prices.times, self.prices.price.astype(np.int64))


def read_session(lake_root: Path, session: Partition, verify: Verify = "pages") -> SessionDay:
    """Read the session of a partition; raises `LakeError` where a Silver partition is missing."""
    symbol, date = session.symbol, session.date
    tick_size = known_product(symbol).tick_size
    grid = window_ns(date, *FIRST3H)
    with ExitStack() as opened:
        trades, quotes, seconds, bars, levels = (
            _open(lake_root, Partition(dataset(key), symbol, date), verify, opened)
            for key in (TRADES, BEST_QUOTE, SECONDS, BARS, LEVEL)
        )
        until_ns = grid[1] + LONGEST_SECONDS * 10**9
        traded = read_trades(trades, tick_size, until_ns)
        last_ns = last_record_ns(trades.manifest)
        return SessionDay(
            date,
            read_levels(levels, tick_size),
            market_events(traded, read_best_quotes(quotes, tick_size, until_ns)),
            read_day_prices(traded, seconds, bars, tick_size, last_ns),
            read_level_bars(bars, tick_size),
            grid,
        )


def read_distances(
    lake_root: Path, session: Partition, verify: Verify = "pages"
) -> dict[str, float]:
    """Return how far each fixed level is from the mid at its start, average true ranges."""
    symbol, date = session.symbol, session.date
    tick_size = known_product(symbol).tick_size
    open_ns, _ = window_ns(date, *FIRST3H)
    with ExitStack() as opened:
        trades, seconds, bars, levels = (
            _open(lake_root, Partition(dataset(key), symbol, date), verify, opened)
            for key in (TRADES, SECONDS, BARS, LEVEL)
        )
        start_ns, bid, ask = read_best_prices(seconds, tick_size)
        last_ns = last_record_ns(trades.manifest)
        true_range = read_true_range(bars, tick_size)
        nothing = np.zeros(0, np.int64)
        prices = DayPrices(
            nothing, np.zeros(0), start_ns, (bid + ask) / 2, (ask - bid) / 2, true_range, last_ns
        )
        starts = level_starts(read_levels(levels, tick_size), prices, open_ns)
    return {name: start.distance for name, start in starts.items()}


def _open(lake_root: Path, partition: Partition, verify: Verify, opened: ExitStack) -> Table:
    table = opened.enter_context(open_table(lake_root, partition, verify))
    check_contract(partition, table.manifest, partition.dataset.contract())
    table.check_contract()
    return table
