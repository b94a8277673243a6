"""The columns of the options' MARKET table, from what happened every 5 seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..definitions import OPTION_STEP_SECONDS, OPTION_WINDOW_SECONDS
from ..feature import compute
from .snapshot import Snapshot
from .table import AT_A_MOMENT, FEATURES
from .trade_windows import TradeWindows

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class WindowInputs:
    """What a feature of a window may take, by the names of its function's parameters.

    Attributes
    ----------
    snapshots : sequence of Snapshot
    first_rth : int
        Number of the snapshot at 09:30.
    trades : TradeWindows
    prior_volume : float64 array, shape (sessions, steps), contracts
        Since 09:30, of earlier sessions at the same wall time; NaN where unknown.
    """

    snapshots: Sequence[Snapshot]
    first_rth: int
    trades: TradeWindows
    prior_volume: F64

    @cached_property
    def atm_front(self) -> F64:
        """At-the-money volatility of the front expiry at each snapshot."""
        return np.array([s.values["atm_implied_volatility_front"] for s in self.snapshots])

    @cached_property
    def front_expiration_ns(self) -> I64:
        """Expiration of the front expiry at each snapshot."""
        return np.array([s.front_expiration_ns for s in self.snapshots])


class DayTrades(NamedTuple):
    """What was traded, on the date and before.

    Attributes
    ----------
    sums : float64 array, shape (buckets, 11)
        `TradeSums.sums` of the 5 seconds after each snapshot but the last.
    is_covered : bool array, shape (buckets,)
        Whether the files of trades cover all of the 5 seconds.
    prior_volume : float64 array, shape (sessions, steps), contracts
        Since 09:30, of earlier sessions at the same wall time; NaN where unknown.
    """

    sums: F64
    is_covered: npt.NDArray[np.bool_]
    prior_volume: F64


def option_market_columns(
    snapshots: Sequence[Snapshot], traded: DayTrades, first_rth: int, rows: int
) -> dict[str, F64]:
    """Return the features on the 1-second grid, in the order of the table.

    Parameters
    ----------
    snapshots : sequence of Snapshot
        At the start of every 5 seconds, beginning 300 s before 09:30, the last at 12:30.
    traded : DayTrades
    first_rth : int
        Number of the snapshot at 09:30.
    rows : int
        Rows of the grid from 09:30 on, a second apart.

    Returns
    -------
    dict of float64 arrays, shape (rows,)
        The value of the last 5-second step, NaN where it is null.
    """
    window = OPTION_WINDOW_SECONDS // OPTION_STEP_SECONDS
    trades = TradeWindows(traded.sums, window, first_rth, traded.is_covered)
    of_windows = tuple(found for found in FEATURES if found not in AT_A_MOMENT)
    steps = compute(of_windows, WindowInputs(snapshots, first_rth, trades, traded.prior_volume))
    for found in AT_A_MOMENT:
        steps[found.name] = np.array([s.values[found.name] for s in snapshots[first_rth:]])
    carried = np.arange(rows) // OPTION_STEP_SECONDS
    return {found.name: steps[found.name][carried] for found in FEATURES}
