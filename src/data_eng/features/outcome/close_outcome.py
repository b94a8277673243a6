"""What the closes of 2-minute bars say of a touch: the label of a trader's chart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, I64
from ..book.second_sums import SECOND_NS
from .barriers import CLOSE_BAR_SECONDS, CLOSE_HORIZON_SECONDS, CLOSE_TICKS
from .first_passage import BOUNCE, BREAK, CENSORED, OPEN, TIMEOUT


@dataclass(frozen=True)
class CloseOutcome:
    """What the closes say of each episode.

    Attributes
    ----------
    outcome : uint8 array, shape (n,)
        As in `first_passage`; `TIMEOUT` where no close decides, `CENSORED` without a level or where
        the records end before.
    outcome_ns : int64 array, shape (n,), ns since epoch UTC
        End of the bar that decided, else the horizon; 0 where censored.
    """

    outcome: npt.NDArray[np.uint8]
    outcome_ns: I64


def close_outcomes(
    trades: tuple[I64, F64], feature_ns: I64, level: F64, side: F64, last_ns: int
) -> CloseOutcome:
    """Return what the first deciding close within `CLOSE_HORIZON_SECONDS` says.

    Bars count whose closing trade is not before ``feature_ns`` and which end by the horizon. A
    close `CLOSE_TICKS` or more back from the level is a bounce, as far beyond it a break.

    Parameters
    ----------
    trades : tuple of arrays, shape (k,), ns since epoch UTC and ticks
        Times and prices in record order.
    feature_ns : int64 array, shape (n,), ns since epoch UTC
    level, side : float64 arrays, shape (n,)
        At ``feature_ns``, ticks; -1 from below or 1 from above.
    last_ns : int, ns since epoch UTC
        Time of the last record that there is: a bar that ends later has no close yet.
    """
    times, price = np.append(np.int64(-1), trades[0]), np.append(np.nan, trades[1])
    bar_ns = CLOSE_BAR_SECONDS * SECOND_NS
    horizon_ns = feature_ns + CLOSE_HORIZON_SECONDS * SECOND_NS
    end_ns = (feature_ns // bar_ns + 1) * bar_ns
    outcome = np.where(np.isnan(level), CENSORED, OPEN).astype(np.uint8)
    outcome_ns = np.zeros(len(feature_ns), np.int64)
    while ((outcome == OPEN) & (end_ns <= horizon_ns)).any():
        is_bar = (outcome == OPEN) & (end_ns <= horizon_ns)
        outcome[is_bar & (end_ns > last_ns)] = CENSORED
        closing = np.searchsorted(times, end_ns) - 1
        has_close = times[closing] >= np.maximum(feature_ns, end_ns - bar_ns)
        back = np.where(has_close, (price[closing] - level) * side, 0.0)
        is_open = is_bar & (outcome == OPEN)
        for code, is_decided in (
            (BOUNCE, is_open & (back >= CLOSE_TICKS)),
            (BREAK, is_open & (-back >= CLOSE_TICKS)),
        ):
            outcome[is_decided] = code
            outcome_ns[is_decided] = end_ns[is_decided]
        end_ns = end_ns + bar_ns
    is_over = outcome == OPEN
    outcome[is_over] = TIMEOUT
    return CloseOutcome(outcome, np.where(is_over, horizon_ns, outcome_ns))
