"""State of the book at the row: spread, depth, imbalance, slope, cost of a round trip.

Every function takes books, int32 array, shape (m, 60): the last complete book with
``ts_recv < ts``, prices in ticks, `NO_PRICE` for an empty level; and gives float64, shape (m,).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, I32, DaySeconds, only, ratio
from ..book.record_chunk import (
    ASK_CT,
    ASK_PX,
    ASK_SZ,
    BID_CT,
    BID_PX,
    BID_SZ,
    BOOK_LEVELS,
    NO_PRICE,
)
from ..book.second_sums import SECOND_NS, SPREAD_NS, VALID_NS
from ..feature import AS_OF, EVEN, ODD, Feature, FeatureList
from .prior_sessions import relative_to_sessions

FEATURES: Final = FeatureList()


@FEATURES.add(
    Feature(
        "quoted_spread_ticks",
        doc="Quoted spread: (Pa1-Pb1)/tick.",
        unit="ticks",
        window=AS_OF,
        null_rule="Null if one-sided, locked or crossed.",
        mirror=EVEN,
        source="Huang & Stoll 1996",
        minimum=1,
    )
)
def quoted_spread_ticks(books: I32) -> F64:
    """Return ``(Pa1 - Pb1) / tick``; NaN if one-sided, locked or crossed."""
    spread = books[:, ASK_PX].astype(np.int64) - books[:, BID_PX]
    return only(spread, _has_levels(books, 1) & (spread > 0))


@FEATURES.add(
    Feature(
        "time_weighted_quoted_spread_ticks_{seconds}s",
        doc=(
            "Time-weighted quoted spread: integral of (Pa1-Pb1) dt over valid time / valid time / "
            "tick. Valid time is time in which the last complete book is two-sided with the ask "
            "above the bid."
        ),
        unit="ticks",
        window="{seconds} s",
        null_rule="Null if valid time < 30 s.",
        mirror=EVEN,
        source="Huang & Stoll 1996",
        minimum=1,
        each={"seconds": (60,)},
    )
)
def time_weighted_quoted_spread_ticks(day: DaySeconds, seconds: int) -> F64:
    """Return the integral of the spread over valid time, over that time, ticks.

    NaN if the quote is valid for less than half of the window.
    """
    valid = day.window(VALID_NS, seconds)
    spread = ratio(day.window(SPREAD_NS, seconds), valid)
    return only(spread, 2 * valid >= seconds * SECOND_NS)


@FEATURES.add(
    Feature(
        "total_depth_top_{levels}_prices",
        doc=(
            "Size displayed at the best {levels} prices of both sides: sum over k <= {levels} of "
            "Qbk + Qak."
        ),
        unit="contracts",
        window=AS_OF,
        null_rule="Null with fewer than {levels} prices on a side.",
        mirror=EVEN,
        source="Biais, Hillion & Spatt 1995",
        minimum=0,
        each={"levels": (5, 10)},
    )
)
@FEATURES.add(
    Feature(
        "total_depth_top_of_book",
        doc=(
            "Displayed depth of both sides at the best prices: sum over k = {levels} of Qbk + Qak."
        ),
        unit="contracts",
        window=AS_OF,
        null_rule="Null if a side is empty.",
        mirror=EVEN,
        source="Biais, Hillion & Spatt 1995",
        minimum=0,
        each={"levels": (1,)},
    )
)
def total_depth(books: I32, levels: int) -> F64:
    """Return the sum of ``Qbk + Qak`` over ``k <= levels``; NaN with fewer levels on a side."""
    bid, ask = _sums(books, levels, BID_SZ, ASK_SZ)
    return only(bid + ask, _has_levels(books, levels))


@FEATURES.add(
    Feature(
        "relative_total_depth_top_10_prices",
        doc=(
            "total_depth_top_10_prices / mean over the prior 20 sessions of its mean over the 300 "
            "s before the same New York wall time, taken at the end of each second."
        ),
        unit="ratio",
        window="as of ts; 20 sessions",
        null_rule=(
            "Null with fewer than 5 of the prior 20 sessions, or with fewer than 10 prices on a "
            "side."
        ),
        mirror=EVEN,
        source="after relative volume (industry)",
        minimum=0,
    )
)
def relative_total_depth(books: I32, prior_depth_300s: F64) -> F64:
    """Return the depth of ten prices over its mean at the same clock time of prior sessions."""
    return relative_to_sessions(total_depth(books, 10), prior_depth_300s)


@FEATURES.add(
    Feature(
        "order_book_imbalance_top_{levels}_prices",
        doc=(
            "Imbalance of the size displayed at the best {levels} prices: (sum Qbk - sum Qak) / "
            "(sum Qbk + sum Qak), k <= {levels}."
        ),
        unit="dimensionless",
        window=AS_OF,
        null_rule="Null with fewer than {levels} prices on a side.",
        mirror=ODD,
        source="Cao, Hansch & Wang 2009; Gould & Bonart 2016",
        minimum=-1,
        maximum=1,
        each={"levels": (5, 10)},
    )
)
@FEATURES.add(
    Feature(
        "order_book_imbalance_top_of_book",
        doc=(
            "Imbalance of the displayed depth at the best prices: (sum Qbk - sum Qak) / (sum "
            "Qbk + sum Qak), k = {levels}."
        ),
        unit="dimensionless",
        window=AS_OF,
        null_rule="Null if a side is empty.",
        mirror=ODD,
        source="Cao, Hansch & Wang 2009; Gould & Bonart 2016",
        minimum=-1,
        maximum=1,
        each={"levels": (1,)},
    )
)
def order_book_imbalance(books: I32, levels: int) -> F64:
    """Return ``(sum Qbk - sum Qak) / (sum Qbk + sum Qak)``, ``k <= levels``; NaN as depth."""
    bid, ask = _sums(books, levels, BID_SZ, ASK_SZ)
    return only(ratio(bid - ask, bid + ask), _has_levels(books, levels))


@FEATURES.add(
    Feature(
        "order_count_imbalance_top_10_prices",
        doc=(
            "Imbalance of the number of resting orders, ten prices: (sum Nbk - sum Nak) / (sum "
            "Nbk + sum Nak), k <= 10."
        ),
        unit="dimensionless",
        window=AS_OF,
        null_rule="Null with fewer than 10 prices on a side.",
        mirror=ODD,
        source="Cao, Hansch & Wang 2009; Gould & Bonart 2016, on order counts",
        minimum=-1,
        maximum=1,
    )
)
def order_count_imbalance(books: I32) -> F64:
    """Return ``(sum Nbk - sum Nak) / (sum Nbk + sum Nak)`` over ten levels; NaN as depth."""
    bid, ask = _sums(books, BOOK_LEVELS, BID_CT, ASK_CT)
    return only(ratio(bid - ask, bid + ask), _has_levels(books, BOOK_LEVELS))


@FEATURES.add(
    Feature(
        "average_displayed_order_size_top_10_prices",
        doc=(
            "Average size of a resting order, ten prices: sum (Qbk + Qak) / sum (Nbk + Nak), k <= "
            "10."
        ),
        unit="contracts/order",
        window=AS_OF,
        null_rule="Null with fewer than 10 prices on a side.",
        mirror=EVEN,
        source="Biais, Hillion & Spatt 1995",
        minimum=0,
    )
)
def average_displayed_order_size(books: I32) -> F64:
    """Return ``sum (Qbk + Qak) / sum (Nbk + Nak)`` over ten levels; NaN as depth."""
    bid, ask = _sums(books, BOOK_LEVELS, BID_SZ, ASK_SZ)
    bid_orders, ask_orders = _sums(books, BOOK_LEVELS, BID_CT, ASK_CT)
    return only(ratio(bid + ask, bid_orders + ask_orders), _has_levels(books, BOOK_LEVELS))


@FEATURES.add(
    Feature(
        "round_trip_cost_{contracts}_contracts_ticks",
        doc=(
            "Cost of a round trip of {contracts} contracts through the displayed book: (VWAP of "
            "buying {contracts} - VWAP of selling {contracts} through the displayed book)/tick."
        ),
        unit="ticks",
        window=AS_OF,
        null_rule=(
            "Null if a side shows fewer than {contracts} contracts in ten levels, or if locked or "
            "crossed."
        ),
        mirror=EVEN,
        source="Irvine, Benston & Kandel 2000 (CRT)",
        each={"contracts": (100,)},
    )
)
def round_trip_cost_ticks(books: I32, contracts: int) -> F64:
    """Return the VWAP of buying less that of selling ``contracts`` through the book, ticks.

    NaN where a side shows fewer contracts in its ten levels, or there is no valid quote.
    """
    cost = np.zeros(len(books))
    shown = books[:, ASK_PX].astype(np.int64) > books[:, BID_PX]
    for px, sz, sign in ((ASK_PX, ASK_SZ, 1), (BID_PX, BID_SZ, -1)):
        is_there = books[:, px : px + BOOK_LEVELS] != NO_PRICE
        size = np.where(is_there, books[:, sz : sz + BOOK_LEVELS], 0).astype(np.int64)
        price = np.where(is_there, books[:, px : px + BOOK_LEVELS], 0).astype(np.int64)
        before = np.cumsum(size, axis=1) - size
        taken = np.clip(contracts - before, 0, size)
        shown &= taken.sum(axis=1) == contracts
        cost += sign * (taken * price).sum(axis=1)
    return only(cost / contracts, shown & _has_levels(books, 1))


def _has_levels(books: I32, levels: int) -> npt.NDArray[np.bool_]:
    # Levels are without holes, so the last one tells.
    last = levels - 1
    both = (books[:, BID_PX + last] != NO_PRICE) & (books[:, ASK_PX + last] != NO_PRICE)
    return np.asarray(both, np.bool_)


def _sums(
    books: I32, levels: int, bid: int, ask: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    first, second = (
        books[:, side : side + levels].sum(axis=1, dtype=np.int64) for side in (bid, ask)
    )
    return first, second
