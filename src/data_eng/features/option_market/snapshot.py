"""The features of the quotes and the open interest at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...options.chain import NO_OPTION
from ...options.pricing import PricedChain
from ...options.quotes import Quotes
from ..feature import compute
from .moment import Moment
from .table import AT_A_MOMENT

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Snapshot:
    """What is known at one moment.

    Attributes
    ----------
    values : dict
        Feature name to value, NaN where it is null.
    front_expiration_ns : int
        Expiration of the front expiry; 0 without one.
    delta, vega : float64 arrays, shape (slots,)
        Forward delta (negative for puts) and vega of each option at its strike's volatility; NaN
        where the expiration has no smile.
    """

    values: dict[str, float]
    front_expiration_ns: int
    delta: F64
    vega: F64


class DayTerms(NamedTuple):
    """What does not change over a date.

    Attributes
    ----------
    rate : float
        Continuously compounded, annualised.
    multiplier : float, dollars a point
    day_end_ns : int, ns since epoch
        Midnight New York at the end of the date: options that expire before it expire today.
    """

    rate: float
    multiplier: float
    day_end_ns: int


def take_snapshot(
    priced: PricedChain, quotes: Quotes, at_ns: int, open_interest: F64, terms: DayTerms
) -> Snapshot:
    """Return the features of quotes and open interest at a time.

    Parameters
    ----------
    priced : PricedChain
        At the time.
    quotes : QUOTE array, shape (slots,)
        With which it was priced.
    at_ns : int, ns since epoch
    open_interest : float64 array, shape (slots,), contracts
        NaN where the date has published none for the expiry.
    terms : DayTerms
    """
    moment = Moment(at_ns, priced, quotes, open_interest, terms.multiplier, terms.day_end_ns)
    front = moment.front
    delta, vega = _greeks(priced, len(quotes))
    expiration_ns = 0 if front is None else front.expiry.expiration_ns
    return Snapshot(compute(AT_A_MOMENT, _MomentInputs(moment)), expiration_ns, delta, vega)


@dataclass(frozen=True)
class _MomentInputs:
    moment: Moment


def _greeks(priced: PricedChain, count: int) -> tuple[F64, F64]:
    delta, vega = (np.full(count, np.nan) for _ in range(2))
    rows = priced.strike_rows
    has_smile = priced.expiry_rows["has_smile"][priced.expiry_of_strike]
    for side, less in (("call", 0.0), ("put", 1.0)):
        slots = np.ascontiguousarray(rows[side])
        known = has_smile & (slots != NO_OPTION)
        delta[slots[known]] = rows["delta"][known] - less
        vega[slots[known]] = rows["vega"][known]
    return delta, vega
