"""The touch machine, compiled: what is a touch of a level, a bounce off it, a break of it.

```
IDLE  -> ARMED(side)  when |m - L| >= arm_ticks; side = sign(m - L): -1 below the level, +1 above
ARMED -> TOUCH        at the first trade with (p - L) side <= touch_tolerance_ticks
TOUCH -> ARMED        when |m - L| >= arm_ticks again: on the same side a bounce, else a break
```

It is moved by trades, by the mid of each complete book with a valid quote, and by each step of the
level (its first value included), with the mid that stands. The state is one row of integers and one
of floats per level, so that a kernel can run many levels in one pass.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ...compiled import part

ARM_TICKS: Final = 8
"""Distance of the mid from the level that arms it, and that ends a touch, ticks."""
TOUCH_TOLERANCE_TICKS: Final = 0
"""How far before the level a trade touches it, ticks."""

NONE: Final = 0  # phases: the level has had no value yet
IDLE: Final = 1
ARMED: Final = 2
TOUCH: Final = 3

PRICE: Final = 0  # causes of a touch: the price came to the level,
LEVEL_STEP: Final = 1  # or the level to the price

# One int64 row a level.
M_PHASE: Final = 0
M_SIDE: Final = 1  # -1, +1; 0 while idle
M_TOUCHES: Final = 2  # touches started
M_BOUNCES: Final = 3  # touches completed on the side that they came from
M_TOUCH_NS: Final = 4  # start of the last touch, -1 before the first
M_END_NS: Final = 5  # end of the last completed touch, -1 before the first
KEPT: Final = 6  # the fields above are kept for every second
M_CAUSE: Final = 6  # of the last touch
M_STEPPED: Final = 7  # the level stepped since the last trade
M_HAS_VALUE: Final = 8
M_DIRTY: Final = 9  # a kept field changed
MACHINE_VALUES: Final = 10

# One float64 row a level, ticks.
F_LAST: Final = 0  # penetration of the last completed touch, NaN before the first
F_MAX: Final = 1  # largest penetration of the completed touches, NaN before the first
KEPT_FLOATS: Final = 2
F_LEVEL: Final = 2  # the level, NaN while it has no value
F_PENETRATION: Final = 3  # of the touch under way
MACHINE_FLOATS: Final = 4


@part
def start_machine(row: Any) -> None:
    """Let a level begin: it gets its first value."""
    row[M_PHASE] = IDLE
    row[M_DIRTY] = 1


@part
def on_mid(t: int, mid: float, row: Any, floats: Any) -> None:
    """Take the mid at time ``t``, of an event or as it stands at a step of the level."""
    distance = mid - floats[F_LEVEL]
    if abs(distance) < ARM_TICKS or row[M_PHASE] == ARMED:
        return
    side = 1 if distance > 0 else -1
    if row[M_PHASE] == TOUCH:
        row[M_BOUNCES] += side == row[M_SIDE]
        row[M_END_NS] = t
        floats[F_LAST] = floats[F_PENETRATION]
        is_first = np.isnan(floats[F_MAX])
        floats[F_MAX] = floats[F_LAST] if is_first else max(floats[F_MAX], floats[F_LAST])
    row[M_PHASE] = ARMED
    row[M_SIDE] = side
    row[M_DIRTY] = 1


@part
def on_trade_price(
    t: int, price: float, last_price: float, has_last: bool, row: Any, floats: Any
) -> float:
    """Take a trade; return how far beyond the level it is in a touch, ticks, -1 outside a touch.

    ``last_price`` is that of the trade before: whether it was at or through the level already
    tells a level that stepped onto the price from a price that came to the level.
    """
    ahead = (price - floats[F_LEVEL]) * row[M_SIDE]
    if row[M_PHASE] == ARMED and ahead <= TOUCH_TOLERANCE_TICKS:
        row[M_PHASE] = TOUCH
        row[M_TOUCHES] += 1
        row[M_TOUCH_NS] = t
        was_there = has_last and (last_price - floats[F_LEVEL]) * row[M_SIDE] <= 0
        row[M_CAUSE] = LEVEL_STEP if row[M_STEPPED] and was_there else PRICE
        row[M_DIRTY] = 1
        floats[F_PENETRATION] = 0.0
    if row[M_PHASE] != TOUCH:
        return -1.0
    beyond = max(0.0, -ahead)
    floats[F_PENETRATION] = max(floats[F_PENETRATION], beyond)
    return float(beyond)
