"""One level merged with the tables of a day, compiled: no record of the book is read.

Trades and quotes are taken in the order of their records, of one record the trade first. Steps of
the level, and where its touch machines begin, lie on whole seconds and come before that second's
records.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...compiled import kernel, part
from ..book.second_sums import SECOND_NS
from .level_state import hold, see_quote, see_step, see_trade, take_quote
from .level_sums import FIELDS
from .touch_machine import step_level


@part
def take_steps(events: Any, state: Any, machine: Any, forming: Any) -> None:
    """Take the steps up to a whole second."""
    while state.step < events.step_ns.shape[0] and events.step_ns[state.step] <= state.now_ns:
        value = events.values[state.step]
        state.step += 1
        see_step(value, state, machine, forming)


@part
def begin_watch(watches: Any, state: Any, machine: Any, forming: Any) -> None:
    """Begin and end the touch machines at a whole second, with the quote that stands."""
    if state.now_ns == watches.formed_ns:
        step_level(np.nan, forming)
    elif state.now_ns == watches.forming_ns:
        step_level(state.level, forming)
        see_quote(False, state, machine, forming)
    if state.now_ns >= watches.start_ns and not state.is_watched:
        state.is_watched = 1
        step_level(state.level, machine)
        see_quote(False, state, machine, forming)


@part
def take_rows(until_ns: int, events: Any, state: Any, machine: Any, forming: Any) -> None:
    """Take the trades and quotes before a time."""
    trades, quotes = events.trades, events.quotes
    while True:
        has_trade = state.trade < trades.record.shape[0]
        has_trade = has_trade and trades.ts_recv[state.trade] < until_ns
        has_quote = state.quote < quotes.record.shape[0]
        has_quote = has_quote and quotes.ts_recv[state.quote] < until_ns
        if has_trade and has_quote:
            has_trade = trades.record[state.trade] <= quotes.record[state.quote]
        if has_trade:
            state.now_ns = trades.ts_recv[state.trade]
            see_trade(trades, state, machine, forming)
        elif has_quote:
            state.now_ns = quotes.ts_recv[state.quote]
            take_quote(quotes, state, machine, forming)
        else:
            return


@part
def keep_state(sums: Any, second: int, state: Any, machine: Any) -> None:
    """Write down what stands at a whole second."""
    sums.since_ns[second, 0], sums.since_ns[second, 1] = state.since_ns[0], state.since_ns[1]
    touch = sums.touch[second]
    touch.phase, touch.side = machine.phase, machine.side
    touch.touches, touch.rejections = machine.touches, machine.rejections
    touch.touch_ns, touch.end_ns = machine.touch_ns, machine.end_ns
    touch.was_rejected, touch.penetration = machine.was_rejected, machine.penetration
    touch.last_penetration = machine.last_penetration
    touch.max_penetration = machine.max_penetration
    touch.excursion = machine.excursion


@kernel
def merge_level(
    start_ns: int, watches: Any, events: Any, standing: Any, machines: Any, sums: Any
) -> None:
    """Fill a level's sums.

    Parameters
    ----------
    start_ns : int, ns since epoch UTC
        Start of the sums.
    watches : Watches
    events : LevelEvents
    standing : STANDING array, shape (1,)
    machines : MACHINE array, shape (2,)
        Of the features, and of the window that forms the level.
    sums : LevelSums
    """
    state, machine, forming = standing[0], machines[0], machines[1]
    seconds = sums.sums.shape[0]
    for second in range(seconds + 1):
        state.now_ns = start_ns + second * SECOND_NS
        take_steps(events, state, machine, forming)
        begin_watch(watches, state, machine, forming)
        keep_state(sums, second, state, machine)
        if second == seconds:
            return
        end_ns = state.now_ns + SECOND_NS
        take_rows(end_ns, events, state, machine, forming)
        state.now_ns = end_ns
        hold(state)
        for k in range(FIELDS):
            sums.sums[second, k] = state.sums[k]
            state.sums[k] = 0
