"""The columns of the options' MARKET table, from what happened every 5 seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from .snapshot import VOLATILITY_POINTS, Snapshot
from .trade_sums import trade_values

F64 = npt.NDArray[np.float64]

STEP_S: Final = 5
WINDOW_S: Final = 300


def option_market_columns(
    snapshots: Sequence[Snapshot], sums: F64, first_rth: int, rows: int
) -> dict[str, F64]:
    """Return the 25 features on the 1-second grid.

    Parameters
    ----------
    snapshots : sequence of Snapshot
        At the start of every 5 seconds, beginning 300 s before 09:30, the last at 12:30.
    sums : float64 array, shape (len(snapshots) - 1, 11)
        `TradeSums.sums` of the 5 seconds after each snapshot but the last.
    first_rth : int
        Number of the snapshot at 09:30.
    rows : int
        Rows of the grid from 09:30 on, a second apart.

    Returns
    -------
    dict of float64 arrays, shape (rows,)
        The value of the last 5-second step, NaN where it is null.
    """
    steps = trade_values(sums, WINDOW_S // STEP_S, first_rth)
    used = snapshots[first_rth:]
    for name in used[0].values:
        steps[name] = np.array([snapshot.values[name] for snapshot in used])
    steps["atm_implied_volatility_change_front_300s"] = _change(snapshots, first_rth)
    carried = np.arange(rows) // STEP_S
    return {name: values[carried] for name, values in steps.items()}


def _change(snapshots: Sequence[Snapshot], first_rth: int) -> F64:
    back = WINDOW_S // STEP_S
    level = np.array([s.values["atm_implied_volatility_front"] for s in snapshots])
    front = np.array([s.front_expiration_ns for s in snapshots])
    now, before = slice(first_rth, None), slice(first_rth - back, len(snapshots) - back)
    change = VOLATILITY_POINTS * (level[now] - level[before])
    return np.where(front[now] == front[before], change, np.nan)
