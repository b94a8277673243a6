"""The state in which a day begins."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..elementary import log
from .clock import DAY_SECONDS, NANOS, Clock
from .contracts import Instrument
from .faults import fault_times
from .latent import Latent
from .layout import new_rows
from .market import (
    BOTH_SIDES,
    EDGE,
    INSTRUMENT,
    LEVEL,
    NO_ORDER,
    ORDER,
    SECOND,
    STATE,
    TICKS,
    Market,
)
from .randomness import new_state

_ORDERS: Final = 1 << 19  # resting orders in all books
_DEEP_OUTRIGHT: Final = 0.1  # share of records from which an outright's book is deep
_DEEP_SPREAD: Final = 0.02


class Character(NamedTuple):
    """What is asked of a day.

    Attributes
    ----------
    records : int
        Of all instruments.
    book_scale : float
        Contracts in a book relative to ES.
    reverting : bool
        Whether moves of the mid revert in part.
    faults : int
        Of each kind.
    """

    records: int
    book_scale: float
    reverting: bool
    faults: int


def _instruments(
    listed: list[Instrument], latent: Latent, records: int, book_scale: float
) -> NDArray[Any]:
    state = np.zeros(len(listed), INSTRUMENT)
    for row, item in zip(state, listed, strict=True):
        spread = item.far is not None
        row["id"] = item.instrument_id
        row["deep"] = item.near == 0 and not spread
        row["deep"] |= item.share >= (_DEEP_SPREAD if spread else _DEEP_OUTRIGHT)
        row["target"] = item.share * records
        row["front_weight"] = 0.0 if spread else 1.0
        row["carry_weight"] = item.near if item.far is None else item.far - item.near
        row["tick"] = item.tick
        row["tick_nanos"] = round(item.tick * NANOS)
        middle = row["front_weight"] * latent.front[0] + row["carry_weight"] * latent.carry[0]
        row["base"] = round(middle / item.tick) - TICKS // 2
        row["shown"] = BOTH_SIDES
        row["book_scale"] = book_scale * (2.5 if spread else min(1.0, 0.2 + 1.6 * item.share))
        row["quoted_levels"] = np.clip(16.0 + 2.2 * float(log(item.share)), 2.0, 12.0)
    return state


def _seconds(latent: Latent, clock: Clock) -> NDArray[Any]:
    seconds = np.zeros(DAY_SECONDS + 1, SECOND)
    seconds["front"] = latent.front
    seconds["carry"] = latent.carry
    seconds["variance"][:-1] = latent.variance
    seconds["book_size"][:-1] = clock.book_size
    return seconds


def _progress(activity: NDArray[np.float64]) -> NDArray[np.float64]:
    total = np.concatenate(([0.0], np.cumsum(activity)))
    return np.asarray(total / total[-1])


def _profiles(latent: Latent, clock: Clock) -> NDArray[np.float64]:
    # A future expires at 09:30; what is not before that on the UTC day is after it.
    trades_on = (clock.new_york_hour < 9.5) | (clock.new_york_hour >= 17.0)
    expiring = np.where(trades_on, latent.activity, 0.0)
    return np.stack([_progress(latent.activity), _progress(expiring)])


def new_market(
    listed: list[Instrument],
    latent: Latent,
    clock: Clock,
    *,
    expiring: list[bool],
    character: Character,
    seed: np.random.SeedSequence,
) -> Market:
    """Return a market with empty books and no chunk to write to."""
    state = np.zeros(1, STATE)
    state["start"] = clock.start_ns
    state["carry_variance"] = np.diff(latent.carry).var()
    state["sequence"] = 1_000_000 + int(seed.generate_state(3)[2]) % 9_000_000
    state["free"] = _ORDERS
    state["reverting"] = character.reverting
    level = np.zeros((len(listed), 2, TICKS), LEVEL)
    level["first"] = level["last"] = NO_ORDER
    level["weight"] = 1.0
    instrument = _instruments(listed, latent, character.records, character.book_scale)
    instrument["profile"] = expiring
    _, wide, narrow = new_rows(0)
    return Market(
        level=level,
        edge=np.zeros((len(listed), 2), EDGE),
        order=np.zeros(_ORDERS, ORDER),
        free=np.arange(_ORDERS - 1, -1, -1, dtype=np.int64),
        instrument=instrument,
        second=_seconds(latent, clock),
        progress=_profiles(latent, clock),
        opens=clock.start_ns + np.array(clock.reopens, np.int64) * NANOS,
        closes=clock.start_ns + np.array([*clock.closes, DAY_SECONDS], np.int64) * NANOS,
        fault=fault_times(clock, character.faults, seed.spawn(1)[0]),
        random=new_state(seed),
        state=state,
        wide=wide,
        narrow=narrow,
    )
