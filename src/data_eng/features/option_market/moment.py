"""What quotes and open interest say at one moment: the smiles of the expiries, and sums of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from ...options.gamma_exposure import OpenGamma, interest_of, open_gamma
from ...options.pricing import PricedChain
from ...options.quotes import Quotes
from ...options.smile import (
    Smile,
    at_maturity,
    atm_volatility,
    delta_volatility,
    model_free_variance,
    smiles_of,
)

F64 = npt.NDArray[np.float64]

FRONT_MIN_NS: Final = 30 * 60 * 10**9
THIRTY_DAYS: Final = 30 / 365


@dataclass(frozen=True)
class Moment:
    """The options at one moment.

    Attributes
    ----------
    at_ns : int, ns since epoch
    priced : PricedChain
    quotes : QUOTE array, shape (slots,)
    open_interest : float64 array, shape (slots,), contracts
        NaN where the date has published none for the expiry.
    multiplier : float, dollars a point
    day_end_ns : int, ns since epoch
        End of the date in New York.
    """

    at_ns: int
    priced: PricedChain
    quotes: Quotes
    open_interest: F64
    multiplier: float
    day_end_ns: int

    @cached_property
    def smiles(self) -> Sequence[Smile]:
        """The expiries that are still to come, in order."""
        return smiles_of(self.priced)

    @cached_property
    def later(self) -> Sequence[Smile]:
        """Smiles of the expiries with more than 30 minutes left; the first is the front."""
        return [s for s in self.smiles if s.expiry.expiration_ns - self.at_ns > FRONT_MIN_NS]

    @property
    def front(self) -> Smile | None:
        """The front expiry, None without one."""
        return self.later[0] if self.later else None

    @property
    def priced_front(self) -> Smile | None:
        """The front expiry if it has a forward, else None."""
        front = self.front
        return None if front is None or math.isnan(front.forward) else front

    @property
    def next_after_front(self) -> Smile | None:
        """The next expiration: a series that expires together with the front is not after it."""
        for smile in self.later:
            if smile.expiry.expiration_ns > self.later[0].expiry.expiration_ns:
                return smile
        return None

    @cached_property
    def front_atm(self) -> float:
        """At-the-money volatility of the front."""
        return atm(self.front)

    @cached_property
    def front_wings(self) -> tuple[float, float]:
        """Volatility of the front's 25-delta call and put."""
        return call_wing(self.front), put_wing(self.front)

    def at_30_days(self, value: Callable[[Smile], float]) -> float:
        """Return a volatility at 30 days, linear in total variance.

        Between the nearest expiries on either side that have one; NaN where a side has none.
        """
        before = [s for s in reversed(self.later) if s.years <= THIRTY_DAYS]
        after = [s for s in self.later if s.years >= THIRTY_DAYS]
        near, far = _first_known(before, value), _first_known(after, value)
        return math.nan if near is None or far is None else at_maturity(near, far, THIRTY_DAYS)

    @cached_property
    def gamma(self) -> OpenGamma:
        """Gamma by strike, with open interest, of the expiries within 90 days."""
        forwards = [s.forward for s in self.later if not math.isnan(s.forward)]
        forward = forwards[0] if forwards else math.nan
        return open_gamma(self.priced, self.open_interest, self.at_ns, forward)

    def interest(self, side: npt.NDArray[np.int64]) -> F64:
        """Return the open interest of each strike of a side, NaN where there is no option."""
        return interest_of(side, self.open_interest)


def atm(smile: Smile | None) -> float:
    """Return the at-the-money volatility, NaN without an expiry."""
    return math.nan if smile is None else atm_volatility(smile)


def call_wing(smile: Smile | None) -> float:
    """Return the volatility of the 25-delta call, NaN without an expiry."""
    return math.nan if smile is None else delta_volatility(smile, 0.25)


def put_wing(smile: Smile | None) -> float:
    """Return the volatility of the 25-delta put, NaN without an expiry."""
    return math.nan if smile is None else delta_volatility(smile, 0.75)


def model_free(smile: Smile) -> float:
    """Return the model-free volatility; NaN where its variance is unknown or negative."""
    variance = model_free_variance(smile)
    return math.sqrt(variance) if variance >= 0 else math.nan


def _first_known(
    smiles: Sequence[Smile], value: Callable[[Smile], float]
) -> tuple[float, float] | None:
    for smile in smiles:
        found = value(smile)
        if not math.isnan(found):
            return smile.years, found
    return None
