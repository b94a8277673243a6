"""When an instrument's next event happens."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..compiled import part
from ..elementary import exp_of
from .fair import NANOS
from .market import Market
from .randomness import exponential, normal, uniform

CLOSING_NS: Final = 30_000_000  # no event this near to a close: it would be received after
_UNSETTLED: Final = 0.93  # of the events after one that leaves a spread or a quote thin
_DAY_SECONDS: Final = 86_400
_HORIZON: Final = 0.03  # of the day's records, over which their number is steered


@part
def _last_not_above(values: NDArray[np.float64], bound: float) -> int:
    low = 0
    high = values.size
    while high - low > 1:
        middle = (low + high) // 2
        if values[middle] <= bound:
            low = middle
        else:
            high = middle
    return low


@part
def time_of(market: Market, i: int, done: float) -> int:
    """Return the time at which a fraction `done` of the day's records is past."""
    progress = market.progress[market.instrument[i]["profile"]]
    second = _last_not_above(progress, done)
    start = market.state[0]["start"]
    if second >= _DAY_SECONDS:
        return int(start + _DAY_SECONDS * NANOS)
    share = (done - progress[second]) / (progress[second + 1] - progress[second])
    return int(start + second * NANOS + int(share * NANOS))


@part
def done_at(market: Market, i: int, t: int) -> float:
    """Return the fraction of the day's records that is past at `t`."""
    progress = market.progress[market.instrument[i]["profile"]]
    past = t - market.state[0]["start"]
    second = min(_DAY_SECONDS - 1, past // NANOS)
    share = (past - second * NANOS) / NANOS
    return float(progress[second] + share * (progress[second + 1] - progress[second]))


@part
def _keep_open(market: Market, i: int, due: int) -> int:
    # An event just before a close, or in a break, waits for the next opening.
    progress = market.progress[market.instrument[i]["profile"]]
    start = market.state[0]["start"]
    for close in market.closes:
        if close - CLOSING_NS <= due < close:
            due = close
    second = (due - start) // NANOS
    if second < _DAY_SECONDS and progress[second + 1] <= progress[second]:
        due = time_of(market, i, progress[second])
    return due


@part
def plan(market: Market, i: int, t: int) -> None:
    """Set the time of an instrument's next event after one at `t`.

    Most events are reactions within microseconds. The others come at the rate of the
    day's profile, steered so that the day has the records asked for.
    """
    state = market.random
    item = market.instrument[i]
    reacts = 0.74 + 0.04 * min(3.0, item["excited"])
    others = 1.0 - reacts
    if item["deep"] == 1:
        spread = market.edge[i, 1]["best"] - market.edge[i, 0]["best"]
        if spread > 1 or item["thinned"] == 1:
            reacts = _UNSETTLED
    item["excited"] *= 0.93
    if uniform(state) < reacts:
        gap = min(1e9, 900.0 + 45_000.0 * exp_of(1.9 * normal(state)))
        item["due"] = _keep_open(market, i, t + int(gap))
        return
    done = done_at(market, i, t)
    ahead = min(1.0, done + _HORIZON)
    each = (item["emitted"] + 20.0) / (item["events"] + 18.0)
    missing = (item["target"] * ahead - item["emitted"]) / max(0.004, ahead - done) / each
    usual = item["target"] / each
    rate = min(3.0 * usual, max(0.25 * usual, missing)) * others
    due = time_of(market, i, min(1.0, done + exponential(state) / max(1e-9, rate)))
    item["due"] = _keep_open(market, i, max(t + 900, due))
