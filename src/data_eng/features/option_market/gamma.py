"""Gamma of the open interest, under an assumption about who holds which side."""

from __future__ import annotations

from typing import Final

from ...options.gamma_exposure import net_gamma_exposure, zero_gamma_factor
from ..feature import AS_OF, EVEN, ODD, Feature, FeatureList
from .moment import Moment

FEATURES: Final = FeatureList()


@FEATURES.add(
    Feature(
        "net_gamma_exposure_usd_bn_per_1pct",
        doc=(
            "Net gamma exposure: 1e-9 * 0.01 * multiplier * (sum over calls of F^2 Gamma OI less "
            "sum over puts), F of each expiry, expiries <= 90 d. That dealers are long calls and "
            "short puts is an assumption; who holds which side is not published."
        ),
        unit="USD bn of delta per 1% move",
        window=AS_OF,
        null_rule=(
            "Null if IV or OI missing for >20% of gamma-weighted strikes; those missing count "
            "nothing in the sums, an expiry without any quote weighs as the mean does."
        ),
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
            "Distance to zero gamma: 100 (F - F0)/F, F0 the nearest root of net gamma over 0.9F "
            "to 1.1F, all forwards moved by one factor, volatilities staying with their strikes. "
            "The assumption of net_gamma_exposure_usd_bn_per_1pct."
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
