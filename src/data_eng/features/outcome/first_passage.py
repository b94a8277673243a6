"""Which barrier the trades of an episode reach first, in record order; compiled."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ...compiled import kernel

OPEN: Final = 0  # no barrier yet
BOUNCE: Final = 1
BREAK: Final = 2
TIMEOUT: Final = 3
CENSORED: Final = 4


class OpenEpisodes(NamedTuple):
    """Episodes under one barrier set.

    Attributes
    ----------
    touch_ns, feature_ns : int64 array, shape (n,), ns since epoch UTC
        A trade of ``[touch, feature)`` at or beyond a barrier censors.
    level, side, barrier : float64 arrays, shape (n,), ticks
        Level at ``feature_ns``, -1 from below or 1 from above, distance of both barriers.
    outcome : uint8 array, shape (n,)
        Changed where it is `OPEN`.
    outcome_ns : int64 array, shape (n,)
        Time of the trade that decided.
    favourable, adverse : float64 array, shape (n,), ticks
        Largest excursions back and beyond the level up to there, at least 0.
    """

    touch_ns: npt.NDArray[np.int64]
    feature_ns: npt.NDArray[np.int64]
    level: npt.NDArray[np.float64]
    side: npt.NDArray[np.float64]
    barrier: npt.NDArray[np.float64]
    outcome: npt.NDArray[np.uint8]
    outcome_ns: npt.NDArray[np.int64]
    favourable: npt.NDArray[np.float64]
    adverse: npt.NDArray[np.float64]


@kernel
def walk(times: Any, price: Any, horizon_ns: int, episodes: Any) -> None:
    """Walk the trades of a chunk for every open episode under one barrier set.

    Parameters
    ----------
    times, price : arrays, shape (k,), ns since epoch UTC, ticks
        Trades in record order.
    horizon_ns : int, ns
        Trades of ``[feature, feature + horizon)`` count.
    episodes : OpenEpisodes
    """
    (
        touch_ns, feature_ns, level, side, barrier, outcome, outcome_ns, favourable, adverse,
    ) = episodes  # fmt: skip
    for episode in range(touch_ns.shape[0]):
        if outcome[episode] != OPEN:
            continue
        begin, end = feature_ns[episode], feature_ns[episode] + horizon_ns
        for i in range(np.searchsorted(times, touch_ns[episode]), times.shape[0]):
            if times[i] >= end:
                break
            back = (price[i] - level[episode]) * side[episode]
            is_bounce, is_break = back >= barrier[episode], -back >= barrier[episode]
            if times[i] < begin:
                if is_bounce or is_break:
                    outcome[episode] = CENSORED
                    break
                continue
            favourable[episode] = max(favourable[episode], back)
            adverse[episode] = max(adverse[episode], -back)
            if is_bounce or is_break:
                outcome[episode] = BOUNCE if is_bounce else BREAK
                outcome_ns[episode] = times[i]
                break
