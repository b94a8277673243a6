"""The touch machine, compiled: what is a touch of a level, and whether it was rejected.

```
IDLE  -> ARMED(side)  when |m - L| >= arm_ticks; side = sign(m - L): -1 below the level, +1 above
ARMED -> TOUCH        at the first trade with (p - L) side <= touch_tolerance_ticks
TOUCH -> ARMED        when |m - L| >= arm_ticks again: rejected if it is on the same side
```

It is moved by trades, by the mid of each complete book with a valid quote, and by each step of the
level (its first value included), with the mid that stands. A mid that is that of the book before
moves it in one case alone: a touch that began since, with the mid away from the level, ends.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...compiled import part
from ..definitions import ARM_TICKS, TOUCH_TOLERANCE_TICKS

NONE: Final = 0  # phases: the level has had no value yet
IDLE: Final = 1
ARMED: Final = 2
TOUCH: Final = 3

PRICE: Final = 0  # causes of a touch: the price came to the level,
LEVEL_STEP: Final = 1  # or the level to the price

TOUCH_STATE: Final = np.dtype(
    [
        ("phase", "i8"),
        ("side", "i8"),  # -1, +1; 0 while idle
        ("touches", "i8"),  # touches started
        ("rejections", "i8"),  # touches completed on the side that they came from
        ("touch_ns", "i8"),  # start of the last touch, -1 before the first
        ("end_ns", "i8"),  # end of the last completed touch, -1 before the first
        ("was_rejected", "i8"),  # the last completed touch
        ("penetration", "f8"),  # of the touch in progress, ticks
        ("last_penetration", "f8"),  # of the last rejected touch, NaN before the first
        ("max_penetration", "f8"),  # largest of the rejected touches
        ("excursion", "f8"),  # largest |m - L| since the last touch ended, NaN before
    ]
)
"""What is told of a machine at each second."""

MACHINE: Final = np.dtype(
    [
        *((name, TOUCH_STATE[name].str) for name in TOUCH_STATE.names or ()),
        ("cause", "i8"),  # of the last touch
        ("has_stepped", "i8"),  # the level stepped since the last trade
        ("has_value", "i8"),
        ("level", "f8"),  # ticks, NaN while it has no value
    ]
)


def new_machines(count: int) -> npt.NDArray[Any]:
    """Return the machines of levels without a value yet, MACHINE array, shape (count,)."""
    machines = np.zeros(count, MACHINE)
    machines["touch_ns"] = machines["end_ns"] = -1
    for name in ("last_penetration", "max_penetration", "excursion", "level"):
        machines[name] = np.nan
    return machines


@part
def step_level(value: float, machine: Any) -> None:
    """Let the level take a value, NaN for none; the mid that stands is to be taken next."""
    machine.level = value
    machine.has_value = not np.isnan(value)
    if machine.has_value:
        machine.has_stepped = machine.phase != NONE
        if machine.phase == NONE:
            machine.phase = IDLE


@part
def take_mid(t: int, mid: float, machine: Any) -> bool:
    """Take the mid at ``t``, of an event or as it stands at a step; return if a touch ended."""
    distance = mid - machine.level
    if machine.phase == ARMED:
        if machine.end_ns >= 0:
            machine.excursion = max(machine.excursion, abs(distance))
        return False
    if abs(distance) < ARM_TICKS:
        return False
    side = 1 if distance > 0 else -1
    was_touching = machine.phase == TOUCH
    if was_touching:
        machine.was_rejected = side == machine.side
        machine.end_ns = t
        machine.excursion = abs(distance)
        if machine.was_rejected:
            machine.rejections += 1
            machine.last_penetration = machine.penetration
            is_first = np.isnan(machine.max_penetration)
            if is_first or machine.max_penetration < machine.penetration:
                machine.max_penetration = machine.penetration
    machine.phase = ARMED
    machine.side = side
    return bool(was_touching)


@part
def take_price(t: int, price: float, last_price: float, machine: Any) -> float:
    """Take a trade; return how far beyond the level it is in a touch, ticks, -1 outside a touch.

    ``last_price`` is that of the trade before, NaN without one: whether it was at or through the
    level already tells a level that stepped onto the price from a price that came to the level.
    """
    if not machine.has_value:
        machine.has_stepped = 0
        return -1.0
    ahead = (price - machine.level) * machine.side
    if machine.phase == ARMED and ahead <= TOUCH_TOLERANCE_TICKS:
        machine.phase = TOUCH
        machine.touches += 1
        machine.touch_ns = t
        was_there = (last_price - machine.level) * machine.side <= 0
        machine.cause = LEVEL_STEP if machine.has_stepped and was_there else PRICE
        machine.penetration = 0.0
    machine.has_stepped = 0
    if machine.phase != TOUCH:
        return -1.0
    beyond = max(0.0, -ahead)
    machine.penetration = max(machine.penetration, beyond)
    return float(beyond)
