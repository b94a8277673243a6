"""The listed options of a date, ordered by expiration and strike: calls and puts side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

NS_A_YEAR = 365 * 86_400 * 10**9
NS_A_DAY = 86_400 * 10**9
NO_OPTION = -1

STRIKE: Final = np.dtype([
    ("strike", np.float64), ("call", np.int64), ("put", np.int64),
    ("call_mid", np.float64), ("put_mid", np.float64), ("sigma", np.float64),
    ("volatility", np.float64), ("delta", np.float64), ("gamma", np.float64), ("vega", np.float64),
])  # fmt: skip
"""A strike of an expiry: its terms, and what `pricing` finds at a time; see `smile.Smile`."""

EXPIRY: Final = np.dtype([
    ("expiration_ns", np.int64), ("first", np.int64), ("end", np.int64),
    ("years", np.float64), ("growth", np.float64), ("forward", np.float64),
    ("has_smile", np.bool_),
])  # fmt: skip
"""An expiry: its expiration, its rows of strikes, and what `pricing` finds at a time."""


@dataclass(frozen=True)
class Expiry:
    """The options of one expiration.

    Attributes
    ----------
    expiration_ns : int, ns since epoch
    strikes : float64 array, shape (k,), points, ascending
    calls, puts : int64 arrays, shape (k,)
        Slots of the options at each strike, `NO_OPTION` where only the other is listed.
    """

    expiration_ns: int
    strikes: F64
    calls: I64
    puts: I64

    @cached_property
    def slots(self) -> I64:
        """Slots of its options, shape (m,)."""
        both = np.concatenate([self.calls, self.puts])
        return np.asarray(both[both != NO_OPTION])


@dataclass(frozen=True)
class Chain:
    """The options of a date; an option's slot is its place in the arrays.

    An option that is not listed at the time has a slot, but no place among the expiries.

    Attributes
    ----------
    instrument_ids : uint32 array, shape (n,)
    expiration_ns : int64 array, shape (n,)
    strikes : float64 array, shape (n,)
    is_call : bool array, shape (n,)
    expiries : tuple of Expiry
        By expiration.
    """

    instrument_ids: npt.NDArray[np.uint32]
    expiration_ns: I64
    strikes: F64
    is_call: npt.NDArray[np.bool_]
    expiries: tuple[Expiry, ...]

    @cached_property
    def strike_rows(self) -> npt.NDArray[np.void]:
        """The strikes of all expiries, one after the other, `STRIKE` without a price."""
        rows = np.zeros(sum(len(e.strikes) for e in self.expiries), STRIKE)
        for expiry, at in zip(self.expiries, self.expiry_rows, strict=True):
            mine = rows[int(at["first"]) : int(at["end"])]
            mine["strike"], mine["call"], mine["put"] = expiry.strikes, expiry.calls, expiry.puts
        return rows

    @cached_property
    def expiry_rows(self) -> npt.NDArray[np.void]:
        """The expiries, `EXPIRY` without a price."""
        rows = np.zeros(len(self.expiries), EXPIRY)
        rows["expiration_ns"] = [e.expiration_ns for e in self.expiries]
        rows["end"] = np.cumsum([len(e.strikes) for e in self.expiries])
        rows["first"][1:] = rows["end"][:-1]
        return rows


def make_chain(
    instrument_ids: npt.NDArray[np.uint32],
    expiration_ns: I64,
    strikes: F64,
    is_call: npt.NDArray[np.bool_],
    is_listed: npt.NDArray[np.bool_] | None = None,
) -> Chain:
    """Return the chain of distinct options, given in any order, arrays of shape (n,).

    Expiries hold those that are listed, all without ``is_listed``.

    Two series may expire at the same time (a weekly and the end of month): they are chains of
    their own where they list the same strike twice, so that no quote hides another.
    """
    expiries: list[Expiry] = []
    listed = np.ones(len(strikes), np.bool_) if is_listed is None else is_listed
    for expiration in np.unique(expiration_ns[listed]):
        left = np.flatnonzero(listed & (expiration_ns == expiration))
        while len(left):
            taken = _first_of_each(strikes[left], is_call[left])
            expiries.append(_expiry(int(expiration), left[taken], strikes, is_call))
            left = np.delete(left, taken)
    return Chain(instrument_ids, expiration_ns, strikes, is_call, tuple(expiries))


def _first_of_each(strikes: F64, is_call: npt.NDArray[np.bool_]) -> I64:
    keys = np.stack([strikes, is_call.astype(np.float64)])
    _, first = np.unique(keys, axis=1, return_index=True)
    return np.sort(first).astype(np.int64)


def _expiry(expiration_ns: int, slots: I64, strikes: F64, is_call: npt.NDArray[np.bool_]) -> Expiry:
    listed = np.unique(strikes[slots])
    sides = {True: np.full(len(listed), NO_OPTION), False: np.full(len(listed), NO_OPTION)}
    for right, places in sides.items():
        mine = slots[is_call[slots] == right]
        places[np.searchsorted(listed, strikes[mine])] = mine
    return Expiry(expiration_ns, listed, sides[True], sides[False])
