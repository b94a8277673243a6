"""How much is traded and held in calls and puts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ...options.chain import NO_OPTION, Expiry
from ..feature import EVEN, RECIPROCAL, Feature, FeatureList
from .moment import Moment
from .trade_windows import RTH, TradeWindows, share

F64 = npt.NDArray[np.float64]

FEATURES: Final = FeatureList()

MAX_MISSING_INTEREST: Final = 0.2


@FEATURES.add(
    Feature(
        "option_volume_rth",
        doc=(
            "Contracts traded in calls and puts since 09:30 America/New_York: sum v over calls "
            "and puts."
        ),
        unit="contracts",
        window="since 09:30",
        null_rule="0 is a true zero. Never null.",
        nullable=False,
        mirror=EVEN,
        source="industry",
        minimum=0,
        each={"over": ("rth",)},
    )
)
@FEATURES.add(
    Feature(
        "option_volume_300s",
        doc="Contracts traded in calls and puts: sum v over calls and puts.",
        unit="contracts",
        window="300 s",
        null_rule="0 is a true zero. Never null.",
        nullable=False,
        mirror=EVEN,
        source="industry",
        minimum=0,
        each={"over": ("300s",)},
    )
)
def option_volume(trades: TradeWindows, over: str) -> F64:
    """Return the contracts traded in calls and puts."""
    return trades.sum("call_volume", over) + trades.sum("put_volume", over)


@FEATURES.add(
    Feature(
        "put_call_volume_ratio_rth",
        doc="Puts over calls by volume since 09:30: put volume / call volume.",
        unit="ratio",
        window="since 09:30",
        null_rule="Null if call volume = 0.",
        mirror=RECIPROCAL,
        source="Cboe put/call ratio; Pan & Poteshman 2006",
        minimum=0,
        each={"over": ("rth",)},
    )
)
@FEATURES.add(
    Feature(
        "put_call_volume_ratio_300s",
        doc="Puts over calls by volume: put volume / call volume.",
        unit="ratio",
        window="300 s",
        null_rule="Null if call volume = 0.",
        mirror=RECIPROCAL,
        source="Cboe put/call ratio; Pan & Poteshman 2006",
        minimum=0,
        each={"over": ("300s",)},
    )
)
def put_call_volume_ratio(trades: TradeWindows, over: str) -> F64:
    """Return the volume of puts over that of calls; NaN without a call."""
    return share(trades.sum("put_volume", over), trades.sum("call_volume", over))


@FEATURES.add(
    Feature(
        "put_call_open_interest_ratio",
        doc="Puts over calls by open interest: sum put OI / sum call OI, expiries <= 90 d.",
        unit="ratio",
        window="last published before ts",
        null_rule="Null if OI missing for >20% of listed strikes.",
        mirror=RECIPROCAL,
        source="industry",
        minimum=0,
    )
)
def put_call_open_interest_ratio(moment: Moment) -> float:
    """Return the open interest of puts over that of calls, of the expiries within 90 days."""
    return interest_ratio([smile.expiry for smile in moment.near], moment.open_interest)


@FEATURES.add(
    Feature(
        "zero_dte_volume_share_rth",
        doc=(
            "Share of options that expire on the date: volume in options expiring on session_date "
            "/ all option volume."
        ),
        unit="dimensionless",
        window="since 09:30",
        null_rule="Null if no volume.",
        mirror=EVEN,
        source="0DTE (Cboe, CME usage)",
        minimum=0,
        maximum=1,
    )
)
def zero_dte_volume_share_rth(trades: TradeWindows) -> F64:
    """Return the share of the volume in options that expire on the date."""
    return share(trades.sum("zero_dte_volume", RTH), option_volume(trades, RTH))


def interest_ratio(expiries: Sequence[Expiry], open_interest: F64) -> float:
    """Return puts' over calls' open interest; NaN where a fifth of the options have none known."""
    sums, missing, listed = [], 0, 0
    for side in ("puts", "calls"):
        slots = [getattr(expiry, side) for expiry in expiries]
        all_slots = np.concatenate([np.empty(0, np.int64), *slots])
        interest = open_interest[all_slots[all_slots != NO_OPTION]]
        missing += int(np.isnan(interest).sum())
        listed += len(interest)
        sums.append(float(np.nansum(interest)))
    puts, calls = sums
    if not listed or missing > MAX_MISSING_INTEREST * listed or calls == 0:
        return math.nan
    return puts / calls
