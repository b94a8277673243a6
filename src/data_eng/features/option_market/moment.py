"""What quotes and open interest say at one moment: the smiles of the expiries, and sums of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from ...options.chain import NO_OPTION, NS_A_DAY
from ...options.gamma_exposure import OpenGamma, open_gamma
from ...options.smile import Smile, atm_volatility, delta_volatility

F64 = npt.NDArray[np.float64]

FRONT_MIN_NS: Final = 30 * 60 * 10**9
MAX_EXPIRY_NS: Final = 90 * NS_A_DAY


@dataclass(frozen=True)
class Moment:
    """The options at one moment.

    Attributes
    ----------
    at_ns : int, ns since epoch
    smiles : sequence of Smile
        Of the expiries that have one, in order of expiration.
    mid, spread : float64 arrays, shape (slots,), points
        Of usable quotes; NaN for the others.
    open_interest : float64 array, shape (slots,), contracts
        Last published; NaN where it is not.
    multiplier : float, dollars a point
    """

    at_ns: int
    smiles: Sequence[Smile]
    mid: F64
    spread: F64
    open_interest: F64
    multiplier: float

    @cached_property
    def later(self) -> Sequence[Smile]:
        """Smiles of the expiries with more than 30 minutes left; the first is the front."""
        return [s for s in self.smiles if s.expiry.expiration_ns - self.at_ns > FRONT_MIN_NS]

    @cached_property
    def near(self) -> Sequence[Smile]:
        """Smiles of the expiries within 90 days."""
        return [s for s in self.smiles if s.expiry.expiration_ns - self.at_ns <= MAX_EXPIRY_NS]

    @property
    def front(self) -> Smile | None:
        """The smile of the front expiry, None without one."""
        return self.later[0] if self.later else None

    @property
    def priced_front(self) -> Smile | None:
        """The smile of the front expiry if it has a forward, else None."""
        front = self.front
        return None if front is None or math.isnan(front.forward) else front

    @cached_property
    def atm(self) -> Sequence[float]:
        """At-the-money volatility of each of `later`."""
        return [atm_volatility(smile) for smile in self.later]

    @cached_property
    def call_wing(self) -> Sequence[float]:
        """Volatility of the 25-delta call of each of `later`."""
        return [delta_volatility(smile, 0.25) for smile in self.later]

    @cached_property
    def put_wing(self) -> Sequence[float]:
        """Volatility of the 25-delta put of each of `later`."""
        return [delta_volatility(smile, 0.75) for smile in self.later]

    @cached_property
    def gamma(self) -> OpenGamma:
        """Gamma by strike, weighted with open interest, of the expiries within 90 days."""
        return open_gamma(self.near, self.open_interest)

    def interest(self, side: npt.NDArray[np.int64]) -> F64:
        """Return the open interest of each strike of a side, NaN where there is no option."""
        return np.where(side == NO_OPTION, np.nan, self.open_interest[side])


def first(values: Sequence[float]) -> float:
    """Return the value of the front expiry, NaN without one."""
    return values[0] if values else math.nan
