"""Episodes of records and levels: of random days, and of a level at 100 ticks made by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from src.data_eng.features.book.best_quotes import BestQuotes, QuoteReader
from src.data_eng.features.book.market_events import MarketEvents, market_events
from src.data_eng.features.book.quote_records import quote_records
from src.data_eng.features.book.trades import TradeReader
from src.data_eng.features.level.level_touches import Touches, level_touches
from src.data_eng.features.outcome.episodes import Episodes
from src.data_eng.features.outcome.label_touches import DayPrices, label_touches
from src.data_eng.features.true_range import TrueRange
from tests.features.level.level_days import path
from tests.features.level.level_streams import START
from tests.features.level.reference import Level
from tests.features.market.record_streams import LAST, SECOND, Record, chunk

GRID = (START, START + 600 * SECOND, START + 2200 * SECOND)
FIRST = START + 100 * SECOND
HAND = (START, FIRST, FIRST + 3600 * SECOND)
"""Start of the records, first and last row of the grid, of a day made by hand."""
LEVEL = Level("pm_high", [(FIRST, 100.0)])


def day_events(records: Sequence[Record]) -> MarketEvents:
    read = quote_records(chunk(records))
    return market_events(TradeReader().add(read), QuoteReader().add(read))


def touches(
    records: Sequence[Record], levels: Sequence[Level], grid: tuple[int, int, int] = GRID
) -> Touches:
    paths, last_ns = [path(level) for level in levels], records[-1].t
    records = kept_alive(records) if grid == HAND else records
    return level_touches(paths, day_events(records), *grid[1:], last_ns)


def kept_alive(records: Sequence[Record]) -> list[Record]:
    """Return the records with others between, which say nothing, so that no silence begins."""
    first, last = records[0].t, records[-1].t
    beats = [
        Record(t, "M", "N", [], [], flags=0, event=-t) for t in range(first + 1, last, 20 * SECOND)
    ]
    return sorted([*records, *beats], key=lambda r: r.t)


def day_prices(
    events: MarketEvents, quotes: BestQuotes, start_ns: int, last_ns: int, ranges: TrueRange
) -> DayPrices:
    """Return what touches are labelled by, mids and spreads read off the quotes."""
    is_trade = events.is_trade
    seconds = np.arange(start_ns, last_ns + 2 * SECOND, SECOND)
    at = np.searchsorted(quotes.ts_recv, seconds) - 1
    bid, ask = (
        np.append(np.where(quotes.is_valid, one, np.nan), np.nan)[at]
        for one in (quotes.bid, quotes.ask)
    )
    times, price = events.times[is_trade], events.value[is_trade]
    return DayPrices(times, price, start_ns, (bid + ask) / 2, (ask - bid) / 2, ranges, last_ns)


def episodes(
    records: Sequence[Record],
    levels: Sequence[Level],
    true_range: dict[int, float],
    grid: tuple[int, int, int] = GRID,
) -> Episodes:
    ends = sorted(true_range)
    ranges = TrueRange(np.array(ends, np.int64), np.array([true_range[end] for end in ends]))
    paths, last_ns = [path(level) for level in levels], records[-1].t
    read = quote_records(chunk(kept_alive(records) if grid == HAND else records))
    quotes = QuoteReader().add(read)
    events = market_events(TradeReader().add(read), quotes)
    touches = level_touches(paths, events, *grid[1:], last_ns)
    prices = day_prices(events, quotes, grid[0], last_ns, ranges)
    return label_touches(paths, touches, prices, *grid[1:])


def quote(second: float, mid: int, half_spread: int = 1) -> Record:
    bids, asks = [(mid - half_spread, 5, 1)], [(mid + half_spread, 5, 1)]
    return Record(FIRST + round(second * SECOND), "A", "B", bids, asks, mid - half_spread, 5, LAST)


def trade(second: float, price: int) -> Record:
    return Record(FIRST + round(second * SECOND), "T", "B", [], [], price, 1, 0)


def label_of(*records: Record, levels: Sequence[Level] = (LEVEL,)) -> Episodes:
    """Return the episodes of a day whose mid comes from 90 to two ticks below the level."""
    start = quote(-1, 90)
    until = Record(FIRST + 7200 * SECOND, "A", "B", start.bids, start.asks, 89, 5, LAST)
    return episodes([start, quote(0.5, 98), *records, until], levels, {}, grid=HAND)
