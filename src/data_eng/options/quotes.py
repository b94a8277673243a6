"""The last quote of every option, and which of them can be used, apart from what a forward tells.

Rules of a quote at a time, in the order in which they are asked; the first that fails names it:

1. `NO_QUOTE`: none was received, or the last update had an empty side or cleared the book.
2. `CROSSED`: not bid > 0, ask > bid, both sizes > 0.
3. `WIDE`: ask - bid > max(1 point, 25 % of mid).
4. `AGED`: older than the feed allows (quotes that come with trades alone say nothing later).
5. `OFF_PARITY`: the older one of a call and a put whose parity contradicts the forward.
6. `LEFT_BEHIND`: the forward has moved by more than the quote's spread, in its delta, since.

The last two are decided by `pricing`, where forwards are.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..compiled import kernel, part

USABLE: Final = 0
NO_QUOTE: Final = 1
CROSSED: Final = 2
WIDE: Final = 3
AGED: Final = 4
OFF_PARITY: Final = 5
LEFT_BEHIND: Final = 6
RULES: Final = (
    "usable", "no_quote", "crossed_or_empty", "wide", "aged", "off_parity", "left_behind",
)  # fmt: skip
"""Names of the rules, by number."""

MAX_SPREAD_POINTS: Final = 1.0
MAX_SPREAD_SHARE: Final = 0.25
NO_LIMIT_NS: Final = np.iinfo(np.int64).max
MAX_AGE_SECONDS: Final = 86_400

QUOTE: Final = np.dtype([
    ("bid", np.float64), ("ask", np.float64), ("received", np.int64), ("has_sizes", np.bool_),
    ("reference", np.float64), ("mid", np.float64), ("rule", np.int64),
])  # fmt: skip
"""A slot's last quote.

``bid`` and ``ask`` are points, NaN where there is none; ``received`` ns since epoch; ``has_sizes``
whether both sizes are positive; ``reference`` the forward at the first step after its receipt that
had one, NaN until then; ``mid`` the mid at the last step judged, NaN where the quote could not be
used; ``rule`` the number of the rule that it failed, 0 where none.
"""

Quotes = npt.NDArray[np.void]
I64 = npt.NDArray[np.int64]


def no_quotes(count: int) -> Quotes:
    """Return the slots of options without a quote, shape (count,) of `QUOTE`."""
    rows = np.zeros(count, QUOTE)
    for name in ("bid", "ask", "reference", "mid"):
        rows[name] = math.nan
    rows["rule"] = NO_QUOTE
    return rows


@kernel
def take_quotes(rows: Any, slots: Any, times: Any, bid: Any, ask: Any, has_sizes: Any) -> None:
    """Take updates in the order of their receipt.

    Parameters
    ----------
    rows : QUOTE array, shape (slots,)
    slots, times : int64 arrays, shape (m,)
        Slot, and receipt in ns since epoch.
    bid, ask : float64 arrays, shape (m,), points
        NaN where the side is empty.
    has_sizes : bool array, shape (m,)
    """
    for i in range(slots.shape[0]):
        row = rows[slots[i]]
        is_empty = math.isnan(bid[i]) or math.isnan(ask[i])
        row["bid"] = math.nan if is_empty else bid[i]
        row["ask"] = math.nan if is_empty else ask[i]
        row["received"] = times[i]
        row["has_sizes"] = has_sizes[i]
        row["reference"] = math.nan


@kernel
def judge_quotes(rows: Any, at_ns: int, max_age_ns: int) -> None:
    """Set ``rule`` and ``mid`` of every quote at a time, by rules 1 to 4.

    Parameters
    ----------
    rows : QUOTE array, shape (slots,)
    at_ns : int, ns since epoch
    max_age_ns : int
        Age up to which a quote counts; `NO_LIMIT_NS` for any.
    """
    for i in range(rows.shape[0]):
        row = rows[i]
        rule = _rule(row, at_ns, max_age_ns)
        row["rule"] = rule
        row["mid"] = 0.5 * (row["bid"] + row["ask"]) if rule == USABLE else math.nan


@part
def _rule(row: Any, at_ns: int, max_age_ns: int) -> int:
    bid, ask = row["bid"], row["ask"]
    if math.isnan(bid):
        return NO_QUOTE
    if not (bid > 0.0 and ask > bid and row["has_sizes"]):
        return CROSSED
    if ask - bid > max(MAX_SPREAD_POINTS, MAX_SPREAD_SHARE * 0.5 * (bid + ask)):
        return WIDE
    return AGED if at_ns - row["received"] > max_age_ns else USABLE


@kernel
def count_rules(rows: Any, slots: Any, at_ns: int, counts: Any, ages: Any) -> None:
    """Add quotes to the counts of a day.

    Parameters
    ----------
    rows : QUOTE array, shape (slots,)
        Judged and priced.
    slots : int64 array, shape (m,)
        Those that count.
    at_ns : int, ns since epoch
    counts : int64 array, shape (7,)
        By rule.
    ages : int64 array, shape (86400,)
        Of the usable ones, by whole seconds; the last is of all that are older.
    """
    for slot in slots:
        row = rows[slot]
        counts[row["rule"]] += 1
        if row["rule"] == USABLE:
            age = (at_ns - row["received"]) // 1_000_000_000
            ages[min(age, ages.shape[0] - 1)] += 1


def age_quantiles(ages: I64, shares: tuple[float, ...]) -> list[int | None]:
    """Return the smallest whole second that holds each share of the quotes; None without quotes."""
    total = int(ages.sum())
    if not total:
        return [None] * len(shares)
    below = np.cumsum(ages)
    return [int(np.searchsorted(below, math.ceil(share * total), "left")) for share in shares]
