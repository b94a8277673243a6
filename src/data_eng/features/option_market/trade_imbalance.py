"""On which side options are traded: premium, delta and vega of aggressors."""

from __future__ import annotations

from typing import Final

from ..book.day_seconds import F64, ratio
from ..feature import EVEN, ODD, Feature, FeatureList
from .trade_windows import NOT_COVERED, TradeWindows

FEATURES: Final = FeatureList()


@FEATURES.add(
    Feature(
        "net_put_premium_to_put_premium_300s",
        doc=(
            "Net premium of puts over their premium: sum_puts d v p / sum_puts v p; trades "
            "without an aggressor count in neither sum."
        ),
        unit="dimensionless",
        window="300 s",
        null_rule=f"Null if no sided put trade; {NOT_COVERED}.",
        mirror="swap:net_call_premium_to_call_premium_300s",
        source="net premium, scaled",
        minimum=-1.000001,
        maximum=1.000001,
        each={"right": ("put",), "over": ("300s",)},
    )
)
@FEATURES.add(
    Feature(
        "net_call_premium_to_call_premium_300s",
        doc=(
            "Net premium of calls over their premium: sum_calls d v p / sum_calls v p; trades "
            "without an aggressor count in neither sum."
        ),
        unit="dimensionless",
        window="300 s",
        null_rule=f"Null if no sided call trade; {NOT_COVERED}.",
        mirror="swap:net_put_premium_to_put_premium_300s",
        source="net premium, scaled",
        minimum=-1.000001,
        maximum=1.000001,
        each={"right": ("call",), "over": ("300s",)},
    )
)
def net_premium_to_premium(trades: TradeWindows, right: str, over: str) -> F64:
    """Return the premium bought less that sold over both, of the calls or the puts."""
    return ratio(
        trades.sum(f"signed_{right}_premium", over), trades.sum(f"sided_{right}_premium", over)
    )


@FEATURES.add(
    Feature(
        "vega_weighted_option_order_imbalance_300s",
        doc=(
            "Order imbalance in vegas: sum d v vega / sum v vega; vega as delta in "
            "delta_weighted_option_order_imbalance_300s."
        ),
        unit="dimensionless",
        window="300 s",
        null_rule=f"Null if no sided trade of an option whose expiry has a smile; {NOT_COVERED}.",
        mirror=EVEN,
        source="Ni, Pan & Poteshman 2008",
        minimum=-1.000001,
        maximum=1.000001,
        each={"greek": ("vega",), "over": ("300s",)},
    )
)
@FEATURES.add(
    Feature(
        "delta_weighted_option_order_imbalance_300s",
        doc=(
            "Order imbalance in deltas: sum d v delta / sum v |delta|; delta is N(d1) of calls "
            "and N(d1)-1 of puts at the last 5-second step before the trade, at the volatility of "
            "the strike, between and beyond the quotes as in the smile; trades without an "
            "aggressor count in neither sum."
        ),
        unit="dimensionless",
        window="300 s",
        null_rule=f"Null if no sided trade of an option whose expiry has a smile; {NOT_COVERED}.",
        mirror=ODD,
        source="Hu 2014 (OOI)",
        minimum=-1.000001,
        maximum=1.000001,
        each={"greek": ("delta",), "over": ("300s",)},
    )
)
def greek_weighted_order_imbalance(trades: TradeWindows, greek: str, over: str) -> F64:
    """Return the delta or vega bought less that sold over both."""
    return ratio(trades.sum(f"signed_{greek}", over), trades.sum(f"sided_{greek}", over))
