"""What the day's options are priced from: futures and volatility of every second."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...elementary import exp, log
from ..clock import DAY_SECONDS, NANOS, day_clock, midnight_ns
from ..latent import Latent, latent_day, stream
from ..randomness import normals
from .market import SECOND

SURFACE_STREAM: Final = 4
_LEVERAGE: Final = -4.0  # change of log volatility with the log price
_NOISE: Final = 0.03  # standard deviation of log volatility over a day


def underlying_day(root: str, date: dt.date, seed: int) -> tuple[NDArray[Any], Latent]:
    """Return the state of the market at every second, and the path it is taken from.

    The futures' prices are those that the sample of futures quotes around: the same root,
    date and seed give the same path.

    Returns
    -------
    second : SECOND array, shape (86401,)
    latent : Latent
    """
    latent = latent_day(root, date, seed)
    clock = day_clock(date)
    second = np.zeros(DAY_SECONDS + 1, SECOND)
    second["front"] = latent.front
    second["carry"] = latent.carry
    rng = np.random.default_rng(stream(root, date, seed, SURFACE_STREAM))
    steps = normals(rng, DAY_SECONDS) * np.sqrt(clock.variance / clock.variance.sum())
    noise = _NOISE * np.concatenate(([0.0], np.cumsum(steps)))
    second["level"] = exp(_LEVERAGE * log(latent.front / latent.front[0]) + noise)
    second["widen"][:-1] = np.clip(2.0 - 0.6 * clock.activity, 1.0, 1.9)
    second["widen"][-1] = second["widen"][-2]
    return second, latent


@lru_cache(maxsize=4)
def market_at(root: str, ts: int, seed: int) -> NDArray[Any]:
    """Return the state of the market at one instant.

    Parameters
    ----------
    ts : int, ns since epoch UTC

    Returns
    -------
    SECOND array, shape (1,), read-only
    """
    date = dt.date(1970, 1, 1) + dt.timedelta(days=ts // (DAY_SECONDS * NANOS))
    second = underlying_day(root, date, seed)[0]
    at = (ts - midnight_ns(date)) // NANOS
    now = second[at : at + 1].copy()
    now.setflags(write=False)
    return now
