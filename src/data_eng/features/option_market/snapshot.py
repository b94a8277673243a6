"""The features of the quotes and the open interest at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...options.black76 import forward_greeks
from ...options.chain import NO_OPTION, Chain
from ...options.smile import Smile, make_smile, smile_volatilities
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
        Forward delta (negative for puts) and vega of each option at its strike's volatility,
        between and beyond the quotes the nearest; NaN where the expiration has no smile.
    """

    values: dict[str, float]
    front_expiration_ns: int
    delta: F64
    vega: F64


def take_snapshot(
    chain: Chain,
    at_ns: int,
    mid: F64,
    spread: F64,
    open_interest: F64,
    rate: float,
    multiplier: float,
) -> Snapshot:
    """Return the features of quotes and open interest at a time.

    Parameters
    ----------
    chain : Chain
    at_ns : int, ns since epoch
    mid, spread : float64 arrays, shape (slots,), points
        Of usable quotes; NaN for the others.
    open_interest : float64 array, shape (slots,), contracts
        Last published; NaN where it is not.
    rate : float
        Continuously compounded, annualised.
    multiplier : float, dollars a point
    """
    smiles = [s for e in chain.expiries if (s := make_smile(e, at_ns, mid, rate)) is not None]
    moment = Moment(at_ns, smiles, mid, spread, open_interest, multiplier)
    front = moment.front
    delta, vega = _greeks(chain, smiles)
    expiration_ns = 0 if front is None else front.expiry.expiration_ns
    return Snapshot(compute(AT_A_MOMENT, _MomentInputs(moment)), expiration_ns, delta, vega)


@dataclass(frozen=True)
class _MomentInputs:
    moment: Moment


def _greeks(chain: Chain, smiles: Sequence[Smile]) -> tuple[F64, F64]:
    delta, vega = (np.full(len(chain.strikes), np.nan) for _ in range(2))
    for smile in smiles:
        expiry = smile.expiry
        n_d1, _, each_vega = forward_greeks(
            smile.forward, expiry.strikes, smile.years, smile_volatilities(smile)
        )
        for slots, less in ((expiry.calls, 0.0), (expiry.puts, 1.0)):
            listed = slots != NO_OPTION
            delta[slots[listed]] = n_d1[listed] - less
            vega[slots[listed]] = each_vega[listed]
    return delta, vega
