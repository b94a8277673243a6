"""The option chain of a date: strikes of every expiry, symbols, instrument ids."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..clock import midnight_ns
from .expiries import Expiry

# Part of the strikes at each spacing, from the price outwards.
_LADDER: Final = ((5, 0.40), (10, 0.20), (25, 0.20), (50, 0.12), (100, 0.08))
# Nearest spacing by days to expiry.
_NEAREST: Final = ((45, 5), (120, 10), (250, 25), (10_000, 50))
_FIRST_OPTION_ID: Final = 50_000_000
_ID_EPOCH: Final = dt.date(2000, 1, 1)


@dataclass(frozen=True)
class Chain:
    """All calls and puts: by expiry, then strike, the call before the put.

    With S strikes an expiry, option ``(e * S + k) * 2`` is the call at strike k of expiry
    e, and the next one the put. All arrays have one entry an option.

    Attributes
    ----------
    expiries : list of Expiry
    strikes : int
        Strikes of each expiry.
    symbol : list of str
        ``raw_symbol``, such as ``E1DM5 C5900``.
    instrument_id : int64 array
    expiry : int64 array
        Index into `expiries`.
    strike : float64 array, points
    is_call : bool array
    """

    expiries: list[Expiry]
    strikes: int
    symbol: list[str]
    instrument_id: NDArray[np.int64]
    expiry: NDArray[np.int64]
    strike: NDArray[np.float64]
    is_call: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.symbol)

    def strikes_of(self, expiry: int) -> NDArray[np.float64]:
        """Return the strikes of one expiry, ascending."""
        first = expiry * self.strikes * 2
        return self.strike[first : first + 2 * self.strikes : 2]

    def option(self, expiry: int, strike: int, *, is_call: bool) -> int:
        """Return the index of an option from those of its expiry and strike."""
        return (expiry * self.strikes + strike) * 2 + (0 if is_call else 1)


def _side(start: int, counts: list[tuple[int, int]], direction: int) -> list[int]:
    strikes, at = [], start
    for step, count in counts:
        for _ in range(count):
            at = at // step * step + step if direction > 0 else -(-at // step) * step - step
            strikes.append(at)
    return strikes


def strike_ladder(price: float, count: int, nearest: int) -> list[int]:
    """Return `count` strikes around a price, ascending: 5, 10, 25, 50 and 100 apart.

    Parameters
    ----------
    price : float, points
    count : int
    nearest : int, points
        Spacing around the price; spacings below it are not used.
    """
    used = [(step, share) for step, share in _LADDER if step >= nearest]
    total = sum(share for _, share in used)
    counts = [(step, int(np.ceil(share / total * count / 2))) for step, share in used]
    middle = round(price / nearest) * nearest
    above, below = _side(middle, counts, 1), _side(middle, counts, -1)
    found = [middle]
    for up, down in zip(above, below, strict=True):
        found += [up, down] if down >= nearest else [up]
    # Below a low price there is less room than above it.
    found += range(above[-1] + used[-1][0], 10**6, used[-1][0])[: max(0, count - len(found))]
    return sorted(found[:count])


def _option_id(expiry: Expiry, strike: int, is_call: bool) -> int:
    # One number for one contract, whatever the day and the listing.
    key = (expiry.date - _ID_EPOCH).days
    for part, bits in ((int(expiry.american), 1), (strike // 5, 12), (int(is_call), 1)):
        key = (key << bits) | part
    return _FIRST_OPTION_ID + key


def build_chain(
    date: dt.date, expiries: list[Expiry], forwards: NDArray[np.float64], strikes: int
) -> Chain:
    """Return the chain around the prices at the day's start.

    Parameters
    ----------
    forwards : float64 array, shape (len(expiries),), points
        Price of each expiry's underlying.
    strikes : int
        Strikes of each expiry.
    """
    symbol, ids, index, strike, calls = [], [], [], [], []
    for e, expiry in enumerate(expiries):
        days = (expiry.expiration_ns - midnight_ns(date)) / 86_400e9
        nearest = next(step for limit, step in _NEAREST if days <= limit)
        for level in strike_ladder(float(forwards[e]), strikes, nearest):
            for is_call in (True, False):
                symbol.append(f"{expiry.symbol} {'C' if is_call else 'P'}{level}")
                ids.append(_option_id(expiry, level, is_call))
                index.append(e)
                strike.append(level)
                calls.append(is_call)
    return Chain(
        expiries=expiries,
        strikes=strikes,
        symbol=symbol,
        instrument_id=np.array(ids, np.int64),
        expiry=np.array(index, np.int64),
        strike=np.array(strike, np.float64),
        is_call=np.array(calls, np.bool_),
    )
