"""The efficient price that quotes follow: a driftless walk, known from the seed alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..elementary import exp
from .clock import DAY_SECONDS, NANOS, Clock, day_clock
from .contracts import outrights, product
from .randomness import normals

_ANCHOR: Final = dt.date(2025, 1, 1)
_CARRY: Final = 0.03  # financing less dividends, a year
_CARRY_NOISE: Final = 4e-5  # standard deviation of a contract's carry over a day, of the price
# Log activity of seconds: standard deviation of what lasts some seconds and of what passes.
_LASTING: Final = 0.55
_DECAY: Final = 0.8
_PASSING: Final = 0.55
_CLUSTERING: Final = 0.9  # power of activity that variance goes with
# Variance of a UTC day relative to a weekday's, Monday first.
_WEEKDAY_VARIANCE: Final = (1.0, 1.0, 1.0, 1.0, 0.97, 0.0, 0.03)


@dataclass(frozen=True)
class Latent:
    """Latent prices of one day.

    Attributes
    ----------
    ts : int64 array, shape (86401,), ns since epoch UTC
    front : float64 array, shape (86401,), points
        Efficient price of the front month at `ts`.
    variance : float64 array, shape (86400,), points squared a second
        Variance of `front` in each second.
    carry : float64 array, shape (86401,), points
        Price of a contract less that of the one before.
    activity : float64 array, shape (86400,)
        The clock's activity with the day's own bursts, which come with volatility.
    """

    ts: NDArray[np.int64]
    front: NDArray[np.float64]
    variance: NDArray[np.float64]
    carry: NDArray[np.float64]
    activity: NDArray[np.float64]


def stream(root: str, date: dt.date, seed: int, number: int) -> np.random.SeedSequence:
    """Return the seed of one independent stream of random numbers of a day."""
    return np.random.SeedSequence([seed, number, date.toordinal(), *root.encode()])


def _daily_returns(root: str, date: dt.date, seed: int) -> tuple[float, float]:
    # Log return from the anchor to the day's start, and of the day itself: days join.
    spec = product(root)
    first, last = min(date, _ANCHOR), max(date, _ANCHOR)
    backwards = date < _ANCHOR
    rng = np.random.default_rng(stream(root, _ANCHOR, seed, int(backwards)))
    steps = normals(rng, (last - first).days + 1)
    days = [
        (_ANCHOR - dt.timedelta(days=n + 1)) if backwards else (_ANCHOR + dt.timedelta(days=n))
        for n in range(steps.size)
    ]
    deviations = np.sqrt([_WEEKDAY_VARIANCE[day.weekday()] for day in days])
    returns = steps * deviations * spec.daily_volatility
    count = (last - first).days
    if backwards:
        return -float(returns[:count].sum()), float(returns[count - 1])
    return float(returns[:count].sum()), float(returns[count])


def _autoregression(
    rng: np.random.Generator, count: int, deviation: float, decay: float
) -> NDArray[np.float64]:
    # Of order one, from 0; `deviation` is that of its values in the long run.
    found = np.zeros(count)
    shock = normals(rng, count) * deviation * np.sqrt(1 - decay**2)
    for k in range(1, count):
        found[k] = decay * found[k - 1] + shock[k]
    return found


def _bursts(rng: np.random.Generator) -> NDArray[np.float64]:
    # Log of the day's volatility state: slow over minutes, quick over seconds.
    minute = _autoregression(rng, DAY_SECONDS // 60 + 1, 0.2, 0.97)
    return np.interp(np.arange(DAY_SECONDS) / 60.0, np.arange(minute.size), minute)


def _seconds(rng: np.random.Generator) -> NDArray[np.float64]:
    # Log of what a second has beside its minute: news and orders that others react to.
    second = _autoregression(rng, DAY_SECONDS, _LASTING, _DECAY)
    return second + _PASSING * normals(rng, DAY_SECONDS)


def _variance(
    clock: Clock, state: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    variance = clock.variance * exp(_CLUSTERING * state)
    total = variance.sum()
    for hour in (8.5, 10.0):
        # On some days a release moves the price within a few seconds, either way.
        release = np.abs(clock.new_york_hour - hour - 1.5 / 3600) < 1.6 / 3600
        if rng.random() < 0.4:
            variance[release & (clock.variance > 0)] += 0.006 * total
    return np.asarray(variance / variance.sum())


def latent_day(root: str, date: dt.date, seed: int) -> Latent:
    """Return the latent prices of a UTC day.

    The path is a Brownian bridge in volatility time between the day's start and end,
    which are points of one walk over all days: unconditionally a martingale, and the
    files of successive days join.
    """
    clock = day_clock(date)
    spec = product(root)
    rng = np.random.default_rng(stream(root, date, seed, 2))
    state = _bursts(rng) + _seconds(rng)
    share = _variance(clock, state, rng)
    before, during = _daily_returns(root, date, seed)
    scale = spec.daily_volatility * np.sqrt(_WEEKDAY_VARIANCE[date.weekday()])
    walk = np.concatenate(([0.0], np.cumsum(normals(rng, DAY_SECONDS) * np.sqrt(share) * scale)))
    elapsed = np.concatenate(([0.0], np.cumsum(share)))
    log_price = walk + elapsed * (during - walk[-1])
    front = spec.price * exp(before + log_price) * _carry_to_expiry(root, date)
    noise = normals(rng, DAY_SECONDS) * np.sqrt(share) * _CARRY_NOISE
    carry = front[0] * (_CARRY / spec.contracts_a_year + np.concatenate(([0.0], np.cumsum(noise))))
    return Latent(
        ts=clock.start_ns + np.arange(DAY_SECONDS + 1) * NANOS,
        front=front,
        variance=share * (scale * front[0]) ** 2,
        carry=carry,
        activity=clock.activity * exp(state),
    )


def _carry_to_expiry(root: str, date: dt.date) -> float:
    front = next(o for o in outrights(root, date, 2) if o.step == 0)
    return float(exp(_CARRY * (front.expiry - date).days / 365.0))
