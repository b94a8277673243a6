"""The touches of levels, named one by one: the touch machine on trades and mids, compiled."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ...compiled import kernel, part
from .touch_machine import (
    MACHINE,
    TOUCH,
    new_machines,
    step_level,
    take_mid,
    take_price,
)

TOUCH_ROW: Final = np.dtype(
    [
        ("level", "i8"),
        ("touch_ns", "i8"),
        ("side", "i8"),
        ("cause", "i8"),
        ("end_ns", "i8"),  # -1 while it is in progress
        ("rejected", "i8"),  # it ended on the side that it came from
        ("penetration", "f8"),  # ticks
    ]
)
SEARCH: Final = np.dtype(
    [
        ("step", "i8"),  # steps taken
        ("found", "i8"),  # touches found
        ("open", "i8"),  # of them, in progress
        ("mid", "f8"),  # NaN without a valid quote
        ("last_price", "f8"),  # of the last trade, NaN before the first
    ]
)


class LevelEvents(NamedTuple):
    """Trades and mids, and the steps of every level.

    Attributes
    ----------
    times, is_trade, value
        The arrays of `MarketEvents`.
    steps : int64 array, shape (k, 2)
        Time in ns since epoch UTC and level of each step, in order; a step comes before any event
        at its time or later.
    step_values : float64 array, shape (k,), ticks
        What the level steps to, NaN for no value.
    """

    times: npt.NDArray[np.int64]
    is_trade: npt.NDArray[np.bool_]
    value: npt.NDArray[np.float64]
    steps: npt.NDArray[np.int64]
    step_values: npt.NDArray[np.float64]


class TouchSearch(NamedTuple):
    """What the search remembers.

    Attributes
    ----------
    state : SEARCH array, shape (1,)
    machines : MACHINE array, shape (levels,)
    last : int64 array, shape (levels,)
        Row of each level's last touch.
    touches : TOUCH_ROW array, shape (m,)
        Receives the touches.
    """

    state: npt.NDArray[Any]
    machines: npt.NDArray[Any]
    last: npt.NDArray[np.int64]
    touches: npt.NDArray[Any]


def new_search(levels: int, room: int) -> TouchSearch:
    """Return the state before the first event, with room for so many touches."""
    state = np.zeros(1, SEARCH)
    state["mid"] = state["last_price"] = np.nan
    machines: npt.NDArray[Any] = new_machines(levels).astype(MACHINE)
    return TouchSearch(state, machines, np.zeros(levels, np.int64), np.zeros(room, TOUCH_ROW))


@part
def see_mid(t: int, n: int, state: Any, machines: Any, last: Any, touches: Any) -> None:
    """Let a level's machine see the mid that stands."""
    machine = machines[n]
    if machine.has_value and not np.isnan(state.mid) and take_mid(t, state.mid, machine):
        row = touches[last[n]]
        row.end_ns = machine.end_ns
        row.rejected = machine.side == row.side
        state.open -= 1


@part
def see_trade(t: int, price: float, state: Any, machines: Any, last: Any, touches: Any) -> None:
    """Let every machine see a trade, and write down the touches that it starts."""
    for n in range(machines.shape[0]):
        machine = machines[n]
        was_touching = machine.phase == TOUCH
        take_price(t, price, state.last_price, machine)
        if not was_touching and machine.phase == TOUCH:
            row = touches[state.found]
            row.level, row.touch_ns, row.end_ns = n, t, -1
            row.side, row.cause = machine.side, machine.cause
            row.rejected = 0
            last[n] = state.found
            state.found += 1
            state.open += 1
        if machine.phase == TOUCH:
            touches[last[n]].penetration = machine.penetration
    state.last_price = price


@kernel
def search_touches(events: Any, first: int, until_ns: int, search: Any) -> int:
    """Take events until a time, the end of the arrays, or there is no room for more touches.

    Parameters
    ----------
    events : LevelEvents
    first : int
        First event to take.
    until_ns : int, ns since epoch UTC
        Events from then on are left.
    search : TouchSearch

    Returns
    -------
    int
        Number of the first event that was not taken.
    """
    times, is_trade, value, steps, step_values = events
    states, machines, last, touches = search
    state, levels = states[0], machines.shape[0]
    for i in range(first, times.shape[0]):
        t = times[i]
        if t >= until_ns or state.found + levels > touches.shape[0]:
            return i
        while state.step < steps.shape[0] and steps[state.step, 0] <= t:
            at, n = steps[state.step, 0], steps[state.step, 1]
            step_level(step_values[state.step], machines[n])
            state.step += 1
            see_mid(at, n, state, machines, last, touches)
        if is_trade[i]:
            see_trade(t, value[i], state, machines, last, touches)
            continue
        has_moved = value[i] != state.mid  # also where it is missing
        state.mid = value[i]
        if has_moved or state.open > 0:
            for n in range(levels):
                see_mid(t, n, state, machines, last, touches)
    return len(times)
