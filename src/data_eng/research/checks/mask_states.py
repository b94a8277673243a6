"""What the nulls of each column say, row by row: unknown, null or a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .pool import MIN_ROWS, SOME_SESSIONS, Pool

UNKNOWN: Final = 0
NULL: Final = 1
VALUE: Final = 2

QUOTE: Final = "quoted_spread_ticks"
"""The column that has a value exactly where the book has a valid quote."""

States = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Mask:
    """The nulls that some columns of one table share.

    Attributes
    ----------
    table : str
        Their table.
    names : tuple of str
        The columns.
    state : int8 array, shape (rows,)
        `UNKNOWN`, `NULL` or `VALUE` of each row of the pool.
    """

    table: str
    names: tuple[str, ...]
    state: States

    @property
    def words(self) -> str:
        """The columns in words: the first, and how many are null with it."""
        more = len(self.names) - 1
        return self.names[0] if not more else f"{self.names[0]} and {more} more of its table"


def informative_masks(pool: Pool) -> list[Mask]:
    """Return the different masks of each table that have both nulls and values.

    `MIN_ROWS` rows of each are needed, in `SOME_SESSIONS` sessions that have both.
    """
    found: dict[tuple[str, bytes], Mask] = {}
    quoted = pool.names.index(QUOTE) if QUOTE in pool.names else None
    has_quote = [
        np.ones(len(session), dtype=np.bool_) if quoted is None else np.isfinite(session[:, quoted])
        for session in pool.sessions
    ]
    for index, name in enumerate(pool.names):
        states = [
            known(np.isfinite(session[:, index]), quote)
            for session, quote in zip(pool.sessions, has_quote, strict=True)
        ]
        both = sum(bool((s == NULL).any() and (s == VALUE).any()) for s in states)
        state = np.concatenate(states)
        counts = np.bincount(state, minlength=3)
        if both < SOME_SESSIONS or counts[NULL] < MIN_ROWS or counts[VALUE] < MIN_ROWS:
            continue
        key = (
            pool.tables[index],
            np.packbits(state == NULL).tobytes() + np.packbits(state == VALUE).tobytes(),
        )
        before = found.get(key)
        names = (*before.names, name) if before else (name,)
        found[key] = Mask(pool.tables[index], names, before.state if before else state)
    return list(found.values())


def known(present: Bools, has_quote: Bools) -> States:
    """Return the states of a session's rows.

    Parameters
    ----------
    present, has_quote : bool arrays, shape (n,)
        Whether the column has a value; whether the book has a valid quote.

    Returns
    -------
    int8 array, shape (n,)
        `UNKNOWN` before the first value (warm-up, and all of a session without one) and where
        there is no quote.
    """
    state = np.where(present, np.int8(VALUE), np.int8(NULL))
    first = int(present.argmax()) if present.any() else len(present)
    state[:first] = UNKNOWN
    state[~has_quote] = UNKNOWN
    return state
