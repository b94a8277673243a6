"""Options as they are listed and delisted: a strike of eleven o'clock is none at ten."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...options.chain import Chain, make_chain
from .last import last_of_each

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Listings:
    """The options of a date, each with a slot of its own, and which of them are listed at a time.

    Parameters
    ----------
    times : int64 array, shape (m,), ns since epoch
        Of definitions, in the order of their receipt; one that steps back was received when its
        forerunner was.
    instrument_ids : uint32 array, shape (m,)
    expiration_ns : int64 array, shape (m,)
    strikes : float64 array, shape (m,), points
    is_call, is_deleted : bool arrays, shape (m,)

    Attributes
    ----------
    chain : Chain
        All options in slots by instrument id, as the last definition of each has them; its
        expiries hold what is listed at the last time asked for, at first nothing.
    """

    def __init__(
        self,
        times: I64,
        instrument_ids: npt.NDArray[np.uint32],
        expiration_ns: I64,
        strikes: F64,
        is_call: Mask,
        is_deleted: Mask,
    ) -> None:
        ids, self._slots = np.unique(instrument_ids, return_inverse=True)
        last = last_of_each(self._slots)
        self._times = np.maximum.accumulate(times) if len(times) else times
        self._is_deleted = is_deleted
        self._done = 0
        self._is_listed = np.zeros(len(ids), np.bool_)
        self._terms = (ids, expiration_ns[last], strikes[last], is_call[last])
        self.chain = make_chain(*self._terms, self._is_listed)

    def until(self, end_ns: int) -> Chain:
        """Return the chain of what the definitions received before a time list.

        Parameters
        ----------
        end_ns : int, ns since epoch
            Not before the last one asked for.
        """
        taken = int(np.searchsorted(self._times, end_ns, "left"))
        new = slice(self._done, taken)
        last = last_of_each(self._slots[new])
        is_listed = self._is_listed.copy()
        is_listed[self._slots[new][last]] = ~self._is_deleted[new][last]
        self._done = taken
        # A definition sent again changes nothing.
        if not np.array_equal(is_listed, self._is_listed):
            self._is_listed = is_listed
            self.chain = make_chain(*self._terms, is_listed)
        return self.chain
