"""Gamma of the open interest, under an assumption about who holds which side."""

from __future__ import annotations

from typing import Final

from ...options.gamma_exposure import gamma_share_until, net_gamma_exposure, zero_gamma_factor
from ..feature import AS_OF, EVEN, ODD, Feature, FeatureList
from .moment import Moment

FEATURES: Final = FeatureList()

_UNKNOWN: Final = (
    "Null if expiries without a smile hold more than 20 % of the open interest (<= 90 days, "
    "strikes within 10 % of the front forward), or expiries without published open interest carry "
    "more than 20 % of the gamma per contract"
)


@FEATURES.add(
    Feature(
        "net_gamma_exposure_usd_bn_per_1pct",
        doc=(
            "Net gamma exposure: 1e-9 * 0.01 * multiplier * F^2 * (sum over calls of Gamma OI less "
            "sum over puts), F of each expiry, expiries <= 90 days. Dealers long calls and short "
            "puts is an assumption; who holds which side is not published. Once the date has "
            "published any open interest for an expiry, its options without a record count 0; "
            "expiries without a smile (a forward and at least 3 usable strikes, on both sides of "
            "it) are left out of the sums."
        ),
        unit="USD bn of delta per 1% move",
        window=AS_OF,
        null_rule=f"{_UNKNOWN}.",
        mirror=EVEN,
        source="Baltussen, Da, Lammers & Martens 2021; Barbon & Buraschi 2021",
    )
)
def net_gamma_exposure_usd_bn_per_1pct(moment: Moment) -> float:
    """Return the net gamma exposure, USD bn of delta for a move of 1 %."""
    return 1e-9 * net_gamma_exposure(moment.gamma, moment.multiplier)


@FEATURES.add(
    Feature(
        "zero_gamma_distance_pct",
        doc=(
            "Distance to zero gamma: 100 (F - F0)/F, F0 nearest root of net gamma over 0.9F to "
            "1.1F, all forwards moved by one factor, volatilities staying with their strikes "
            "(sticky strike). The assumption of net_gamma_exposure_usd_bn_per_1pct."
        ),
        unit="%",
        window=AS_OF,
        null_rule="Null if no sign change, or as net_gamma_exposure_usd_bn_per_1pct.",
        mirror=ODD,
        source="industry (zero-gamma level)",
    )
)
def zero_gamma_distance_pct(moment: Moment) -> float:
    """Return the distance to zero gamma, per cent of the forward."""
    # F0 is the factor times F, so that (F - F0) / F is one less the factor.
    return 100 * (1 - zero_gamma_factor(moment.gamma))


@FEATURES.add(
    Feature(
        "zero_dte_gamma_share",
        doc=(
            "Share of the gamma of options that expire on the date: sum of gamma x open interest "
            "of options expiring on the date / that of all expiries <= 90 days, calls and puts "
            "added."
        ),
        unit="dimensionless",
        window=AS_OF,
        null_rule=f"{_UNKNOWN}; or there is no open interest.",
        mirror=EVEN,
        source="0DTE (Cboe, CME usage)",
        minimum=0,
        maximum=1.000001,
    )
)
def zero_dte_gamma_share(moment: Moment) -> float:
    """Return the share of gamma times open interest that expires on the date."""
    return gamma_share_until(moment.gamma, moment.day_end_ns)
