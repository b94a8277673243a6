"""How much is traded and held in calls and puts."""

from __future__ import annotations

import math
from typing import Final

from ...options.gamma_exposure import MAX_MISSING_SHARE
from ..book.day_seconds import F64, ratio
from ..feature import EVEN, RECIPROCAL, Feature, FeatureList
from ..market.prior_sessions import relative_to_sessions
from .moment import Moment
from .trade_windows import NOT_COVERED, NOT_COVERED_RTH, RTH, TradeWindows

FEATURES: Final = FeatureList()


@FEATURES.add(
    Feature(
        "option_volume_300s",
        doc="Contracts traded in calls and puts: sum v over calls and puts.",
        unit="contracts",
        window="300 s",
        null_rule=f"0 is a true zero. {NOT_COVERED[0].upper()}{NOT_COVERED[1:]}.",
        mirror=EVEN,
        source="industry",
        each={"over": ("300s",)},
    )
)
def option_volume(trades: TradeWindows, over: str) -> F64:
    """Return the contracts traded in calls and puts."""
    return trades.sum("call_volume", over) + trades.sum("put_volume", over)


@FEATURES.add(
    Feature(
        "relative_option_volume_rth",
        doc=(
            "Option volume since 09:30 / mean of it at the same New York wall time over the prior "
            "20 sessions loaded with the same set of parents: each with its own front-month "
            "contract, early closes left out, those absent missing."
        ),
        unit="ratio",
        window="since 09:30; 20 sessions",
        null_rule=(
            "Null with fewer than 5 of the prior 20 sessions, or if their mean is 0; "
            f"{NOT_COVERED_RTH}, of a prior session too."
        ),
        mirror=EVEN,
        source="RVOL (industry)",
        minimum=0,
    )
)
def relative_option_volume_rth(trades: TradeWindows, prior_volume: F64) -> F64:
    """Return the volume since 09:30 over the mean of earlier sessions.

    Parameters
    ----------
    trades : TradeWindows
    prior_volume : float64 array, shape (sessions, steps), contracts
        Of earlier sessions at the same wall time, NaN where unknown.
    """
    return relative_to_sessions(option_volume(trades, RTH), prior_volume)


@FEATURES.add(
    Feature(
        "put_call_volume_ratio_rth",
        doc="Puts over calls by volume since 09:30: put volume / call volume.",
        unit="ratio",
        window="since 09:30",
        null_rule=f"Null if call volume = 0; {NOT_COVERED_RTH}.",
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
        null_rule=f"Null if call volume = 0; {NOT_COVERED}.",
        mirror=RECIPROCAL,
        source="Cboe put/call ratio; Pan & Poteshman 2006",
        minimum=0,
        each={"over": ("300s",)},
    )
)
def put_call_volume_ratio(trades: TradeWindows, over: str) -> F64:
    """Return the volume of puts over that of calls; NaN without a call."""
    return ratio(trades.sum("put_volume", over), trades.sum("call_volume", over))


@FEATURES.add(
    Feature(
        "put_call_open_interest_ratio",
        doc=(
            "Puts over calls by open interest: sum put OI / sum call OI, "
            "expiries <= 90 d; once the date has published any for an expiry, its options without "
            "a record count 0."
        ),
        unit="ratio",
        window="last published before ts",
        null_rule=(
            "Null if expiries without published open interest carry more than 20 % of the gamma "
            "per contract, or if calls have none."
        ),
        mirror=RECIPROCAL,
        source="industry",
    )
)
def put_call_open_interest_ratio(moment: Moment) -> float:
    """Return the open interest of puts over that of calls, of the expiries within 90 days."""
    of = moment.gamma
    is_known = of.without_interest <= MAX_MISSING_SHARE and of.calls > 0
    return of.puts / of.calls if is_known else math.nan


@FEATURES.add(
    Feature(
        "zero_dte_volume_share_rth",
        doc=(
            "Share of options that expire on the date: volume in options expiring on session_date "
            "/ all option volume."
        ),
        unit="dimensionless",
        window="since 09:30",
        null_rule=f"Null if no volume; {NOT_COVERED_RTH}.",
        mirror=EVEN,
        source="0DTE (Cboe, CME usage)",
        minimum=0,
        maximum=1,
    )
)
def zero_dte_volume_share_rth(trades: TradeWindows) -> F64:
    """Return the share of the volume in options that expire on the date."""
    return ratio(trades.sum("zero_dte_volume", RTH), option_volume(trades, RTH))
