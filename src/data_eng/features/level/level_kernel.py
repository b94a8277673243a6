"""One level merged with the tables of a day, compiled: no record of the book is read.

Trades and quotes are taken in the order of their records, of one record the trade first. Steps of
the level lie on whole seconds and come before that second's records.
"""

from __future__ import annotations

from typing import Any

from ...compiled import kernel, part
from ..book.second_sums import SECOND_NS
from .level_state import count_changes, hold, see_step, see_trade, take_quote
from .level_sums import FIELDS


@part
def take_steps(t: int, events: Any, state: Any, machine: Any) -> None:
    """Take the steps up to a whole second."""
    while state.step < events.step_ns.shape[0] and events.step_ns[state.step] <= t:
        value = events.values[state.step]
        state.step += 1
        see_step(value, state, machine)


@part
def take_rows(until_ns: int, events: Any, state: Any, machine: Any) -> None:
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
            see_trade(trades, state, machine)
        elif has_quote:
            state.now_ns = quotes.ts_recv[state.quote]
            take_quote(quotes, state, machine)
        else:
            return


@part
def keep_touch(touch: Any, machine: Any) -> None:
    """Write down the machine as it stands."""
    touch.phase, touch.side = machine.phase, machine.side
    touch.touches, touch.bounces = machine.touches, machine.bounces
    touch.touch_ns, touch.end_ns = machine.touch_ns, machine.end_ns
    touch.last_penetration = machine.last_penetration
    touch.max_penetration = machine.max_penetration


@kernel
def merge_level(start_ns: int, events: Any, standing: Any, machines: Any, sums: Any) -> None:
    """Fill a level's sums.

    Parameters
    ----------
    start_ns : int, ns since epoch UTC
        Start of the sums.
    events : LevelEvents
    standing : STANDING array, shape (1,)
    machines : MACHINE array, shape (1,)
    sums : LevelSums
    """
    state, machine = standing[0], machines[0]
    seconds = sums.sums.shape[0]
    for second in range(seconds + 1):
        state.now_ns = start_ns + second * SECOND_NS
        take_steps(state.now_ns, events, state, machine)
        keep_touch(sums.touch[second], machine)
        if second == seconds:
            return
        end_ns = state.now_ns + SECOND_NS
        take_rows(end_ns, events, state, machine)
        state.now_ns = end_ns
        hold(state)
        count_changes(events.changes[second + 1], state, machine)
        for k in range(FIELDS):
            sums.sums[second, k] = state.sums[k]
            state.sums[k] = 0
        sums.penetration[second] = state.penetration
        state.penetration = -1.0
