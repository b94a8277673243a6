"""Order flow: imbalance, adds, cancels, message rates. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, DaySeconds, only, ratio
from ..book.record_chunk import BOOK_LEVELS
from ..book.second_sums import (
    ADD_ASK,
    ADD_BID,
    CANCEL_ASK,
    CANCEL_BID,
    CHANGES,
    DEPTH_L1,
    DEPTH_L10,
    FULL_NS,
    MESSAGES,
    OFI_L1,
    OFI_L10,
    ORDERS,
    SECOND_NS,
    TRADES,
    VALID_NS,
)
from ..feature import EVEN, ODD, Feature, FeatureList

FEATURES: Final = FeatureList()


@FEATURES.add(
    Feature(
        "normalized_order_flow_imbalance_top_of_book_{seconds}s",
        doc=(
            "Order flow imbalance of the best level, in units of its depth: OFI_1 / mean over the "
            "changes in the window of (Qb1 + Qa1) / 2 after the change; OFI_1 = sum_n e_n, e_n = "
            "1{Pb>=Pb'}Qb - 1{Pb<=Pb'}Qb' - 1{Pa<=Pa'}Qa + 1{Pa>=Pa'}Qa' over consecutive "
            "complete books."
        ),
        unit="dimensionless",
        window="{seconds} s",
        null_rule=(
            "Null if no change from one valid complete book to the next, or if more than 10 % of "
            "the window is unknown."
        ),
        mirror=ODD,
        source="Cont, Kukanov & Stoikov 2014",
        each={"seconds": (10, 60, 300)},
    )
)
def order_flow_imbalance_top_of_book(day: DaySeconds, seconds: int) -> F64:
    """Return ``OFI_1`` over the mean depth of level 1 per side; NaN without a change of the book.

    The depth is the mean over the window's changes of ``(Qb1 + Qa1) / 2`` after the change (Cont,
    Kukanov & Stoikov 2014).
    """
    depth = ratio(day.window(DEPTH_L1, seconds), 2 * day.window(CHANGES, seconds))
    return only(ratio(day.window(OFI_L1, seconds), depth), day.is_window_known(seconds))


@FEATURES.add(
    Feature(
        "normalized_order_flow_imbalance_top_10_prices_{seconds}s",
        doc=(
            "Order flow imbalance of ten levels, in units of their mean depth: mean over k = "
            "1..10 of OFI_k / mean over the changes in the window of the depth per level and "
            "side. A side whose level k is empty before or after a change adds nothing to OFI_k."
        ),
        unit="dimensionless",
        window="{seconds} s",
        null_rule=(
            "Null if the book shows fewer than ten levels on a side for more than 10 % of the "
            "window."
        ),
        mirror=ODD,
        source="Xu, Gould & Howison 2018; Cont, Cucuringu & Zhang 2023",
        each={"seconds": (10, 60, 300)},
    )
)
def order_flow_imbalance_top_10_prices(day: DaySeconds, seconds: int) -> F64:
    """Return the mean of ``OFI_1..10`` over the mean depth per level and side.

    NaN if the valid book shows ten levels on both sides for less than 90 % of the window.
    """
    per_level = 2 * BOOK_LEVELS * day.window(CHANGES, seconds)
    depth = ratio(day.window(DEPTH_L10, seconds), per_level)
    flow = day.window(OFI_L10, seconds) / BOOK_LEVELS
    return only(ratio(flow, depth), _is_most(day, FULL_NS, seconds))


@FEATURES.add(
    Feature(
        "displayed_size_added_top_10_prices_{seconds}s",
        doc=(
            "Size added at displayed prices: sum over events, sides and prices displayed before "
            "and after of max(0, dQ + e), dQ the change of the size there, e the contracts that "
            "the event's trades (T records of the same ts_event as the record with F_LAST) "
            "executed there on that side. Displayed on a side are all prices not behind the tenth "
            "one; a price without orders has size 0."
        ),
        unit="contracts",
        window="{seconds} s",
        null_rule="Null if the quote is valid for less than 90 % of the window.",
        mirror=EVEN,
        source="Biais et al. 1995",
        minimum=0,
        each={"seconds": (60,)},
    )
)
def displayed_size_added(day: DaySeconds, seconds: int) -> F64:
    """Return what was added at displayed prices, contracts; NaN if invalid for over 10 %."""
    added = day.window(ADD_BID, seconds) + day.window(ADD_ASK, seconds)
    return only(added, _is_most(day, VALID_NS, seconds))


@FEATURES.add(
    Feature(
        "displayed_size_added_imbalance_top_10_prices_{seconds}s",
        doc=(
            "Imbalance of the size added: (added_bid - added_ask) / (added_bid + added_ask), as "
            "in displayed_size_added_top_10_prices_60s."
        ),
        unit="dimensionless",
        window="{seconds} s",
        null_rule="Null if no add, or if more than 10 % of the window is unknown.",
        mirror=ODD,
        source="Cont et al. 2014",
        minimum=-1,
        maximum=1,
        each={"seconds": (60,)},
    )
)
def displayed_size_added_imbalance(day: DaySeconds, seconds: int) -> F64:
    """Return ``(add_bid - add_ask) / (add_bid + add_ask)``; NaN without an add."""
    bid, ask = day.window(ADD_BID, seconds), day.window(ADD_ASK, seconds)
    return only(ratio(bid - ask, bid + ask), day.is_window_known(seconds))


@FEATURES.add(
    Feature(
        "displayed_size_cancelled_top_10_prices_{seconds}s",
        doc=(
            "Size cancelled at displayed prices: sum over events, sides and prices displayed "
            "before and after of max(0, -dQ - e), as in displayed_size_added_top_10_prices_60s."
        ),
        unit="contracts",
        window="{seconds} s",
        null_rule="Null if the quote is valid for less than 90 % of the window.",
        mirror=EVEN,
        source="Hasbrouck & Saar 2009",
        minimum=0,
        each={"seconds": (60,)},
    )
)
def displayed_size_cancelled(day: DaySeconds, seconds: int) -> F64:
    """Return what was cancelled at displayed prices, contracts; NaN if invalid for over 10 %."""
    cancelled = day.window(CANCEL_BID, seconds) + day.window(CANCEL_ASK, seconds)
    return only(cancelled, _is_most(day, VALID_NS, seconds))


@FEATURES.add(
    Feature(
        "displayed_size_cancelled_imbalance_top_10_prices_{seconds}s",
        doc=(
            "Imbalance of the size cancelled: (cancelled_ask - cancelled_bid) / (cancelled_ask + "
            "cancelled_bid); positive when asks leave."
        ),
        unit="dimensionless",
        window="{seconds} s",
        null_rule="Null if no cancel, or if more than 10 % of the window is unknown.",
        mirror=ODD,
        source="Cont et al. 2014",
        minimum=-1,
        maximum=1,
        each={"seconds": (60,)},
    )
)
def displayed_size_cancelled_imbalance(day: DaySeconds, seconds: int) -> F64:
    """Return ``(cancel_ask - cancel_bid) / (cancel_ask + cancel_bid)``; NaN without a cancel."""
    bid, ask = day.window(CANCEL_BID, seconds), day.window(CANCEL_ASK, seconds)
    return only(ratio(ask - bid, ask + bid), day.is_window_known(seconds))


@FEATURES.add(
    Feature(
        "order_to_trade_ratio_top_10_prices_{seconds}s",
        doc=(
            "Order-to-trade ratio: (A records + C,M records that are not fills) / T records. A C "
            "or M record of an event with a T record is a fill. MBP-10 holds events at the ten "
            "displayed prices only."
        ),
        unit="ratio",
        window="{seconds} s",
        null_rule="Null if no trade, or if more than 10 % of the window is unknown.",
        mirror=EVEN,
        source="exchange/regulatory term (OTR)",
        minimum=0,
        each={"seconds": (60,)},
    )
)
def order_to_trade_ratio(day: DaySeconds, seconds: int) -> F64:
    """Return (A records + C and M records that are no fills) / T records; NaN without a trade."""
    found = ratio(day.window(ORDERS, seconds), day.window(TRADES, seconds))
    return only(found, day.is_window_known(seconds))


@FEATURES.add(
    Feature(
        "book_event_rate_per_second_{seconds}s",
        doc="Rate of events: records with F_LAST / {seconds}, snapshots left out.",
        unit="1/s",
        window="{seconds} s",
        null_rule=(
            "0 is a true zero; null while the window reaches before the first record of the "
            "contract in the partition, or if more than 10 % of it is unknown."
        ),
        mirror=EVEN,
        source="industry",
        each={"seconds": (10,)},
    )
)
def book_event_rate(day: DaySeconds, seconds: int) -> F64:
    """Return records with F_LAST per second; NaN if the window reaches before the first record."""
    is_known = day.is_covered(seconds) & day.is_window_known(seconds)
    return only(day.window(MESSAGES, seconds) / seconds, is_known)


def _is_most(day: DaySeconds, field: int, seconds: int) -> npt.NDArray[np.bool_]:
    is_most = 10 * day.window(field, seconds) >= 9 * seconds * SECOND_NS
    return np.asarray(is_most, np.bool_)
