"""The touches of levels, named one by one: the touch machine on trades and mids, compiled."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ...compiled import kernel, part
from ..level.touch_machine import (
    F_LEVEL,
    M_CAUSE,
    M_END_NS,
    M_HAS_VALUE,
    M_PHASE,
    M_SIDE,
    M_STEPPED,
    NONE,
    TOUCH,
    on_mid,
    on_trade_price,
    start_machine,
)

# One int64 row a touch.
T_LEVEL: Final = 0
T_NS: Final = 1
T_SIDE: Final = 2
T_CAUSE: Final = 3
T_END_NS: Final = 4  # -1 while it is in progress
TOUCH_VALUES: Final = 5

# What the kernel remembers of the market: int64,
N_STEP: Final = 0  # steps taken
N_TOUCHES: Final = 1  # touches found
N_OPEN: Final = 2  # of them, in progress
N_HAS_PRICE: Final = 3
MARKET_VALUES: Final = 4
# and float64.
V_MID: Final = 0  # NaN without a valid quote
V_PRICE: Final = 1  # of the last trade
MARKET_FLOATS: Final = 2


@part
def take_mid(
    t: int, n: int, market: Any, market_floats: Any, machines: Any, floats: Any, last: Any,
    touches: Any,
) -> None:  # fmt: skip
    """Let a level's machine see the mid that stands."""
    was_touching = machines[n, M_PHASE] == TOUCH
    if not machines[n, M_HAS_VALUE] or np.isnan(market_floats[V_MID]):
        return
    on_mid(t, market_floats[V_MID], machines[n], floats[n])
    if was_touching and machines[n, M_PHASE] != TOUCH:
        touches[last[n], T_END_NS] = machines[n, M_END_NS]
        market[N_OPEN] -= 1


@part
def take_trade(
    t: int, price: float, market: Any, market_floats: Any, machines: Any, floats: Any, last: Any,
    touches: Any,
) -> None:  # fmt: skip
    """Let every machine see a trade, and write down the touches that it starts."""
    for n in range(machines.shape[0]):
        if machines[n, M_HAS_VALUE]:
            was_touching = machines[n, M_PHASE] == TOUCH
            has_last = market[N_HAS_PRICE] != 0
            on_trade_price(t, price, market_floats[V_PRICE], has_last, machines[n], floats[n])
            if not was_touching and machines[n, M_PHASE] == TOUCH:
                row = touches[market[N_TOUCHES]]
                row[T_LEVEL], row[T_NS], row[T_END_NS] = n, t, -1
                row[T_SIDE], row[T_CAUSE] = machines[n, M_SIDE], machines[n, M_CAUSE]
                last[n] = market[N_TOUCHES]
                market[N_TOUCHES] += 1
                market[N_OPEN] += 1
        machines[n, M_STEPPED] = 0
    market[N_HAS_PRICE] = 1
    market_floats[V_PRICE] = price


@kernel
def find_touches(
    times: Any,
    is_trade: Any,
    value: Any,
    first: int,
    until_ns: int,
    steps: Any,
    step_values: Any,
    market: Any,
    market_floats: Any,
    machines: Any,
    floats: Any,
    last: Any,
    touches: Any,
) -> int:
    """Take events until a time, the end of the arrays, or there is no room for more touches.

    Parameters
    ----------
    times, is_trade, value
        The arrays of `MarketEvents`.
    first : int
        First event to take.
    until_ns : int, ns since epoch UTC
        Events from then on are left.
    steps : int64 array, shape (k, 2)
        Time in ns since epoch UTC and level of each step, in order; a step comes before any event
        at its time or later.
    step_values : float64 array, shape (k,), ticks
        What the level steps to, NaN for no value.
    market, market_floats : arrays, shape (MARKET_VALUES,), (MARKET_FLOATS,)
    machines, floats : arrays, shape (n, MACHINE_VALUES), (n, MACHINE_FLOATS)
    last : int64 array, shape (n,)
        Row of each level's last touch.
    touches : int64 array, shape (m, TOUCH_VALUES)
        Receives the touches.

    Returns
    -------
    int
        Number of the first event that was not taken.
    """
    levels = machines.shape[0]
    for i in range(first, times.shape[0]):
        t = times[i]
        if t >= until_ns or market[N_TOUCHES] + levels > touches.shape[0]:
            return i
        while market[N_STEP] < steps.shape[0] and steps[market[N_STEP], 0] <= t:
            at, n = steps[market[N_STEP], 0], steps[market[N_STEP], 1]
            floats[n, F_LEVEL] = step_values[market[N_STEP]]
            machines[n, M_HAS_VALUE] = not np.isnan(floats[n, F_LEVEL])
            if machines[n, M_HAS_VALUE]:
                machines[n, M_STEPPED] = machines[n, M_PHASE] != NONE
                if machines[n, M_PHASE] == NONE:
                    start_machine(machines[n])
            market[N_STEP] += 1
            take_mid(at, n, market, market_floats, machines, floats, last, touches)
        if is_trade[i]:
            take_trade(t, value[i], market, market_floats, machines, floats, last, touches)
            continue
        has_moved = value[i] != market_floats[V_MID]  # also where it is missing
        market_floats[V_MID] = value[i]
        if has_moved or market[N_OPEN] > 0:
            for n in range(levels):
                take_mid(t, n, market, market_floats, machines, floats, last, touches)
    return len(times)
