"""The last quote of every option as they are received, and the counts of a day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...options.arbitrage import count_violations
from ...options.pricing import PricedChain
from ...options.quotes import (
    MAX_AGE_SECONDS,
    NO_LIMIT_NS,
    RULES,
    Quotes,
    age_quantiles,
    count_rules,
    judge_quotes,
    no_quotes,
    take_quotes,
)

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

AGED_SCHEMAS: Final = {"tbbo": 60 * 10**9}
"""Feeds whose quotes age, ns: those that come with trades alone. The others print each change."""
AGE_SHARES: Final = (0.5, 0.9, 0.99)


class LastQuotes:
    """The last quote of each of ``count`` options.

    Parameters
    ----------
    count : int
    schema : str
        The vendor's, of the quotes: `AGED_SCHEMAS` have a limit of age.

    Attributes
    ----------
    rows : QUOTE array, shape (count,)
        See `options.quotes`.
    """

    def __init__(self, count: int, schema: str) -> None:
        self.rows: Quotes = no_quotes(count)
        self._max_age_ns = AGED_SCHEMAS.get(schema, NO_LIMIT_NS)

    def update(self, slots: I64, times: I64, bid: F64, ask: F64, has_sizes: Mask) -> None:
        """Take quotes in the order of their receipt, arrays of shape (m,).

        Parameters
        ----------
        slots : int64 array
            Slot of each quote's option.
        times : int64 array, ns since epoch
        bid, ask : float64 arrays, points
            NaN where the side is empty.
        has_sizes : bool array
            Whether both sizes are positive.
        """
        take_quotes(self.rows, slots, times, bid, ask, has_sizes)

    def judge(self, at_ns: int) -> Quotes:
        """Return the quotes as they can be used at a time, before forwards are asked."""
        judge_quotes(self.rows, at_ns, self._max_age_ns)
        return self.rows

    def forget(self) -> Quotes:
        """Return the quotes of a time at which the market is unknown: none can be used."""
        self.rows["mid"] = np.nan
        return self.rows


class QuoteCounts:
    """What became of the quotes of a day's steps, for the manifest."""

    def __init__(self) -> None:
        self._rules = np.zeros(len(RULES), np.int64)
        self._ages = np.zeros(MAX_AGE_SECONDS, np.int64)
        self._violations = np.zeros(4, np.int64)
        self._steps = 0

    def add(self, priced: PricedChain, rows: Quotes, at_ns: int) -> None:
        """Add the listed options of a step that have not expired."""
        self._steps += 1
        for expiry in priced.expiries:
            if expiry.expiration_ns > at_ns:
                count_rules(rows, expiry.slots, at_ns, self._rules, self._ages)
        count_violations(rows, priced.strike_rows, priced.expiry_rows, self._violations)

    def facts(self) -> dict[str, Any]:
        """Return the counts, of options and steps, and quantiles of the usable quotes' ages."""
        ages: Sequence[int | None] = age_quantiles(self._ages, AGE_SHARES)
        verticals, against_vertical, butterflies, against_butterfly = self._violations.tolist()
        return {
            "steps": self._steps,
            "by_rule": dict(zip(RULES, self._rules.tolist(), strict=True)),
            "age_seconds": {f"{share:g}": age for share, age in zip(AGE_SHARES, ages, strict=True)},
            "vertical_spreads": {"neighbours": verticals, "violations": against_vertical},
            "butterflies": {"neighbours": butterflies, "violations": against_butterfly},
        }
