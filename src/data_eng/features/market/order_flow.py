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
        "order_flow_imbalance_l1_{seconds}s",
        doc=(
            "Order flow imbalance of the best level, in units of its depth: OFI_1 / mean over the "
            "changes in the window of (Qb1 + Qa1) / 2 after the change; OFI_1 = sum_n e_n, e_n = "
            "1{Pb>=Pb'}Qb - 1{Pb<=Pb'}Qb' - 1{Pa<=Pa'}Qa + 1{Pa>=Pa'}Qa' over consecutive "
            "complete books."
        ),
        unit="dimensionless",
        window="{seconds} s",
        null_rule="Null if no change from one valid complete book to the next.",
        mirror=ODD,
        source="Cont, Kukanov & Stoikov 2014",
        each={"seconds": (10, 60, 300)},
    )
)
def order_flow_imbalance_l1(day: DaySeconds, seconds: int) -> F64:
    """Return ``OFI_1`` over the mean depth of level 1 per side; NaN without a change of the book.

    The depth is the mean over the window's changes of ``(Qb1 + Qa1) / 2`` after the change (Cont,
    Kukanov & Stoikov 2014).
    """
    depth = ratio(day.window(DEPTH_L1, seconds), 2 * day.window(CHANGES, seconds))
    return ratio(day.window(OFI_L1, seconds), depth)


@FEATURES.add(
    Feature(
        "order_flow_imbalance_l10_{seconds}s",
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
def order_flow_imbalance_l10(day: DaySeconds, seconds: int) -> F64:
    """Return the mean of ``OFI_1..10`` over the mean depth per level and side.

    NaN if the valid book shows ten levels on both sides for less than 90 % of the window.
    """
    per_level = 2 * BOOK_LEVELS * day.window(CHANGES, seconds)
    depth = ratio(day.window(DEPTH_L10, seconds), per_level)
    flow = day.window(OFI_L10, seconds) / BOOK_LEVELS
    return only(ratio(flow, depth), _is_most(day, FULL_NS, seconds))


@FEATURES.add(
    Feature(
        "limit_order_add_volume_l10_{seconds}s",
        doc=(
            "Volume added at visible prices: sum of positive dQ at prices visible before and "
            "after the event, both sides. Visible on a side are all prices not behind the tenth "
            "level, before and after; a price without orders has size 0."
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
def limit_order_add_volume(day: DaySeconds, seconds: int) -> F64:
    """Return what was added at visible prices, contracts; NaN if invalid for over 10 %."""
    added = day.window(ADD_BID, seconds) + day.window(ADD_ASK, seconds)
    return only(added, _is_most(day, VALID_NS, seconds))


@FEATURES.add(
    Feature(
        "limit_order_add_imbalance_l10_{seconds}s",
        doc=(
            "Imbalance of the volume added: (add_bid - add_ask) / (add_bid + add_ask), as in "
            "limit_order_add_volume_l10_60s."
        ),
        unit="dimensionless",
        window="{seconds} s",
        null_rule="Null if no add.",
        mirror=ODD,
        source="Cont et al. 2014",
        minimum=-1,
        maximum=1,
        each={"seconds": (60,)},
    )
)
def limit_order_add_imbalance(day: DaySeconds, seconds: int) -> F64:
    """Return ``(add_bid - add_ask) / (add_bid + add_ask)``; NaN without an add."""
    bid, ask = day.window(ADD_BID, seconds), day.window(ADD_ASK, seconds)
    return ratio(bid - ask, bid + ask)


@FEATURES.add(
    Feature(
        "cancel_volume_l10_{seconds}s",
        doc=(
            "Volume cancelled at visible prices: sum over changes and prices visible before and "
            "after of max(0, -dQ - volume traded at the price in the event). An event is closed "
            "by F_LAST; its trades are the T records of the same ts_event."
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
def cancel_volume(day: DaySeconds, seconds: int) -> F64:
    """Return what was cancelled at visible prices, contracts; NaN if invalid for over 10 %."""
    cancelled = day.window(CANCEL_BID, seconds) + day.window(CANCEL_ASK, seconds)
    return only(cancelled, _is_most(day, VALID_NS, seconds))


@FEATURES.add(
    Feature(
        "cancel_imbalance_l10_{seconds}s",
        doc=(
            "Imbalance of the volume cancelled: (cancel_ask - cancel_bid) / (cancel_ask + "
            "cancel_bid), as in cancel_volume_l10_60s; positive when asks leave."
        ),
        unit="dimensionless",
        window="{seconds} s",
        null_rule="Null if no cancel.",
        mirror=ODD,
        source="Cont et al. 2014",
        minimum=-1,
        maximum=1,
        each={"seconds": (60,)},
    )
)
def cancel_imbalance(day: DaySeconds, seconds: int) -> F64:
    """Return ``(cancel_ask - cancel_bid) / (cancel_ask + cancel_bid)``; NaN without a cancel."""
    bid, ask = day.window(CANCEL_BID, seconds), day.window(CANCEL_ASK, seconds)
    return ratio(ask - bid, ask + bid)


@FEATURES.add(
    Feature(
        "order_to_trade_ratio_{seconds}s",
        doc=(
            "Order-to-trade ratio: (A records + C,M records that are not fills) / T records. A C "
            "or M record of an event with a T record is a fill."
        ),
        unit="ratio",
        window="{seconds} s",
        null_rule="Null if no trade.",
        mirror=EVEN,
        source="exchange/regulatory term (OTR)",
        minimum=0,
        each={"seconds": (60,)},
    )
)
def order_to_trade_ratio(day: DaySeconds, seconds: int) -> F64:
    """Return (A records + C and M records that are no fills) / T records; NaN without a trade."""
    return ratio(day.window(ORDERS, seconds), day.window(TRADES, seconds))


@FEATURES.add(
    Feature(
        "message_rate_{seconds}s",
        doc="Rate of events: records with F_LAST / {seconds}, snapshots left out.",
        unit="1/s",
        window="{seconds} s",
        null_rule=(
            "0 is a true zero; null while the window reaches before the first record of the "
            "contract in the partition."
        ),
        mirror=EVEN,
        source="industry",
        minimum=0,
        each={"seconds": (10,)},
    )
)
def message_rate(day: DaySeconds, seconds: int) -> F64:
    """Return records with F_LAST per second; NaN if the window reaches before the first record."""
    return only(day.window(MESSAGES, seconds) / seconds, day.is_covered(seconds))


def _is_most(day: DaySeconds, field: int, seconds: int) -> npt.NDArray[np.bool_]:
    return np.asarray(10 * day.window(field, seconds) >= 9 * seconds * SECOND_NS, np.bool_)
