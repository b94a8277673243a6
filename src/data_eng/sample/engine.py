"""The event loop of a day.

1. `open_books` fills the books before midnight and writes the snapshot (`_snapshot`).
2. `advance` takes the instrument whose event is due first, draws the fair price there
   (`_draw_latent`), lets one event happen and plans the next (`_plan`) until the chunk is
   full or the day over.
3. An opening (18:00 New York) begins with the auction (`_auction`).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from .book import TICKS, add_order, clear_level, outward
from .compiled import compiled
from .deep import deep_event, restock, stock_level
from .layout import ACTION_ADD, ACTION_CANCEL, ACTION_TRADE, SIDE_NONE
from .market import (
    ENDED,
    LAST_EVENT,
    LAST_RECV,
    LATENT_TS,
    REOPENED,
    ROW,
    SECOND,
    SEQUENCE,
    Market,
    View,
)
from .quoted import quoted_event, stock_quotes
from .randomness import below, exponential, geometric, normal, uniform
from .record import mark_snapshot, write_row

ROOM: Final = 256  # rows that one step may need: a snapshot or an auction of all instruments
_NANOS: Final = 1_000_000_000
_HORIZON: Final = 0.03  # of the day's records, over which their number is steered
_CLOSING_NS: Final = 30_000_000  # no event this near to a close: it would be received after
_MARGIN: Final = 200.0  # ticks


@compiled
def _draw_latent(market: Market, t: int) -> None:
    # Brownian bridge between the seconds: no part of the path can be foreseen.
    fixed = market.fixed
    clock = market.moving.clock
    second = min(86_399, (t - fixed.start_ns) // _NANOS)
    if second != clock[SECOND]:
        clock[SECOND] = second
        clock[LATENT_TS] = fixed.start_ns + second * _NANOS
        market.moving.latent[0] = fixed.front[second]
    left = fixed.start_ns + (second + 1) * _NANOS - clock[LATENT_TS]
    step = t - clock[LATENT_TS]
    if step <= 0 or left <= 0:
        return
    fraction = step / left
    now = market.moving.latent[0]
    spread = fixed.variance[second] * (left / _NANOS) * fraction * (1.0 - fraction)
    drift = (fixed.front[second + 1] - now) * fraction
    noise = math.sqrt(max(0.0, spread)) * normal(market.moving.random)
    market.moving.latent[0] = now + drift + noise
    clock[LATENT_TS] = t


@compiled
def _view(market: Market, i: int) -> View:
    fixed = market.fixed
    second = market.moving.clock[SECOND]
    carry = fixed.carry[second]
    price = fixed.front_weight[i] * market.moving.latent[0] + fixed.carry_weight[i] * carry
    tick = fixed.tick[i]
    fair = min(TICKS - _MARGIN, max(_MARGIN, price / tick - fixed.base[i]))
    progress = fixed.progress[fixed.profile[i]]
    start = max(0, second - 30)
    end = min(86_400, second + 30)
    rate = fixed.target[i] * (progress[end] - progress[start]) / (end - start) + 1e-9
    variance = fixed.front_weight[i] ** 2 * fixed.variance[second]
    variance += fixed.carry_weight[i] ** 2 * fixed.carry_variance[second]
    variance /= tick * tick
    if fixed.deep[i] == 1:
        # A move over n prices costs 2 + 2n records and comes variance / n^2 times a second;
        # a third of the records may go into moves.
        budget = 0.3 * rate
        band = (variance + math.sqrt(variance * variance + 2.0 * budget * variance)) / budget
        band = min(40.0, max(0.9, band))
    else:
        band = min(120.0, max(1.5, math.sqrt(3.0 * variance / (0.4 * rate))))
    between_moves = rate * band * band / (variance + 1e-9)
    wanted = fixed.book_size[second] * fixed.book_scale[i]
    mid = 0.5 * (market.book.best[i, 0] + market.book.best[i, 1])
    return View(fair, fair - mid, band, 1.0 / (1.0 + 0.12 * between_moves), wanted)


@compiled
def _when(market: Market, i: int, done: float) -> int:
    # The time at which a fraction `done` of the day's records is past.
    progress = market.fixed.progress[market.fixed.profile[i]]
    second = np.searchsorted(progress, done, side="right") - 1
    if second >= 86_400:
        return int(market.fixed.start_ns + 86_400 * _NANOS)
    part = (done - progress[second]) / (progress[second + 1] - progress[second])
    return int(market.fixed.start_ns + second * _NANOS + int(part * _NANOS))


@compiled
def _done(market: Market, i: int, t: int) -> float:
    progress = market.fixed.progress[market.fixed.profile[i]]
    second = min(86_399, (t - market.fixed.start_ns) // _NANOS)
    part = (t - market.fixed.start_ns - second * _NANOS) / _NANOS
    return float(progress[second] + part * (progress[second + 1] - progress[second]))


@compiled
def _plan(market: Market, i: int, t: int) -> None:
    # Most events are reactions within microseconds; the others are steered so that the
    # day has the records asked for.
    fixed = market.fixed
    moving = market.moving
    state = moving.random
    reacts = 0.74 + 0.04 * min(3.0, moving.excited[i])
    moving.excited[i] *= 0.93
    if uniform(state) < reacts:
        due = t + 900 + int(45_000.0 * math.exp(1.9 * normal(state)))
        moving.due[i] = due if due - t < _NANOS else t + _NANOS
    else:
        done = _done(market, i, t)
        ahead = min(1.0, done + _HORIZON)
        each = (moving.emitted[i] + 20.0) / (moving.events[i] + 18.0)
        missing = (fixed.target[i] * ahead - moving.emitted[i]) / each
        usual = fixed.target[i] * _HORIZON / each
        rate = min(3.0 * usual, max(0.25 * usual, missing * _HORIZON / max(0.004, ahead - done)))
        gap = exponential(state) * _HORIZON / max(1e-9, rate * 0.2)
        moving.due[i] = max(t + 900, _when(market, i, min(1.0, done + gap)))
    _keep_open(market, i)


@compiled
def _keep_open(market: Market, i: int) -> None:
    # An event just before a close, or in a break, waits for the next opening.
    due = market.moving.due[i]
    progress = market.fixed.progress[market.fixed.profile[i]]
    for close in market.fixed.closes:
        if close - _CLOSING_NS <= due < close:
            due = close
    second = (due - market.fixed.start_ns) // _NANOS
    if second < 86_400 and progress[second + 1] <= progress[second]:
        due = _when(market, i, progress[second])
    if progress[min(86_400, (due - market.fixed.start_ns) // _NANOS)] >= 1.0:
        due = market.fixed.start_ns + 86_400 * _NANOS
    market.moving.due[i] = due


@compiled
def _fill_book(market: Market, i: int) -> None:
    view = _view(market, i)
    if market.fixed.deep[i] == 0:
        stock_quotes(market, i, 0, view)
        stock_quotes(market, i, 1, view)
        return
    for side in range(2):
        price = int(math.floor(view.fair)) + side
        stock_level(market, i, side, price, view.wanted)
        for k in range(1, 12):
            stock_level(market, i, side, price + k * outward(side), view.wanted * 1.7)
        restock(market, i, side, view)


@compiled
def open_books(market: Market, snapshot: int) -> None:
    """Fill all books as of the day's start and, if wanted, write the snapshot records."""
    fixed = market.fixed
    clock = market.moving.clock
    clock[SECOND] = -1
    clock[LAST_RECV] = fixed.start_ns
    for i in range(fixed.target.size):
        first = _when(market, i, 0.0)
        _draw_latent(market, first)
        _fill_book(market, i)
        if snapshot == 1:
            _snapshot(market, i)
        _plan(market, i, first)


@compiled
def _snapshot(market: Market, i: int) -> None:
    state = market.moving.random
    side = below(state, 2)
    best = market.book.best[i, side]
    size = market.book.order_size[market.book.tail[i, side, best]]
    rate = market.fixed.target[i] * market.fixed.progress[market.fixed.profile[i], 60] / 60.0
    age = min(3.6e12, (0.02 + exponential(state) / (rate + 1e-4)) * _NANOS)
    row = market.moving.clock[ROW]
    write_row(market, i, market.fixed.start_ns - int(age), ACTION_ADD, SIDE_NONE, best, size, 0)
    mark_snapshot(market, row)


@compiled
def _auction(market: Market, i: int, t: int) -> None:
    # Orders left over the break cross the book; they print at one price and are gone.
    book = market.book
    state = market.moving.random
    print_price = book.best[i, below(state, 2)]
    volume = 0
    for k in range(1, 4):
        size = 2 + geometric(state, 0.08)
        add_order(book, i, 0, print_price + k, size)
        volume += size
    left = volume
    for k in range(3, 0, -1):
        size = left if k == 1 else max(1, left // 2)
        add_order(book, i, 1, print_price - k, size)
        left -= size
    clock = market.moving.clock
    clock[LAST_RECV] = max(clock[LAST_RECV], t + 39_000_000 + below(state, 60_000_000))
    clock[SEQUENCE] += 1
    write_row(market, i, t, ACTION_TRADE, SIDE_NONE, print_price, volume, 0)
    last = size
    for k in range(1, 4):
        clear_level(book, i, 0, print_price + k)
        clear_level(book, i, 1, print_price - k)
    write_row(market, i, t, ACTION_CANCEL, SIDE_NONE, print_price, last, 0)


@compiled
def _reopen(market: Market, t: int) -> None:
    for i in range(market.fixed.target.size):
        if market.fixed.deep[i] == 1 and _done(market, i, t) < 1.0:
            _auction(market, i, t)


@compiled
def advance(market: Market) -> int:
    """Let events happen until the chunk is full or the day is over; return the rows."""
    fixed = market.fixed
    moving = market.moving
    clock = moving.clock
    end = fixed.start_ns + 86_400 * _NANOS - _CLOSING_NS
    full = market.rows.wide.shape[0] - ROOM
    while clock[ROW] < full:
        i = np.argmin(moving.due)
        t = moving.due[i]
        if clock[REOPENED] < fixed.opens.size and t >= fixed.opens[clock[REOPENED]]:
            _reopen(market, fixed.opens[clock[REOPENED]])
            clock[REOPENED] += 1
            continue
        if t >= end:
            clock[ENDED] = 1
            break
        clock[LAST_EVENT] = t
        _draw_latent(market, t)
        moving.events[i] += 1
        if fixed.deep[i] == 1:
            deep_event(market, i, t, _view(market, i))
        else:
            quoted_event(market, i, t, _view(market, i))
        _plan(market, i, t)
    rows = clock[ROW]
    clock[ROW] = 0
    return int(rows)
