"""Which definitions are in force in a window of time."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ..lake.table import Table
from .arrow_columns import values
from .option_listings import is_deleted

I64 = npt.NDArray[np.int64]

_NEVER: Final = np.iinfo(np.int64).max


def definitions_in_force(definitions: Table, start_ns: int, end_ns: int) -> npt.NDArray[np.bool_]:
    """Return which rows of a table of option definitions are in force in ``[start, end)``.

    See `in_force`; an option is over at its expiration.

    Returns
    -------
    bool array, shape (rows,)
    """
    table = definitions.read(["ts_recv", "instrument_id", "expiration", "security_update_action"])
    received, ids, expiration = (
        values(table[name], np.int64) for name in ("ts_recv", "instrument_id", "expiration")
    )
    rows = in_force(received, ids, start_ns, end_ns)
    return np.asarray(rows & ~is_deleted(table) & (expiration > start_ns), np.bool_)


def in_force(received_ns: I64, ids: I64, start_ns: int, end_ns: int) -> npt.NDArray[np.bool_]:
    """Return which definitions hold at some moment of ``[start, end)``.

    A definition holds from its receipt until that of the next one of its instrument.

    Parameters
    ----------
    received_ns : int64 array, shape (n,), ns since epoch UTC
        In file order; one that steps back was received when its forerunner was.
    ids : int64 array, shape (n,)
        Instruments.
    start_ns, end_ns : int, ns since epoch UTC

    Returns
    -------
    bool array, shape (n,)
    """
    received_ns = np.maximum.accumulate(received_ns)
    order = np.argsort(ids, kind="stable")
    until = np.full(len(order), _NEVER)
    same = ids[order][1:] == ids[order][:-1]
    until[order[:-1][same]] = received_ns[order[1:][same]]
    return np.asarray(
        (received_ns < end_ns) & (until > np.maximum(start_ns, received_ns)), np.bool_
    )
