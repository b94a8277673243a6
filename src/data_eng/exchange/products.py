"""Tick size and contract multiplier of the CME equity-index futures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..errors import UsageError
from .front_month import parse_outright


@dataclass(frozen=True)
class Product:
    """What CME's contract specification says of a product.

    Attributes
    ----------
    tick_size : float, index points
        Minimum price increment of an outright.
    multiplier : float, USD per index point
        ``unit_of_measure_qty`` of the vendor's definition.
    """

    tick_size: float
    multiplier: float


PRODUCTS: Final = {
    "ES": Product(0.25, 50.0),
    "MES": Product(0.25, 5.0),
    "NQ": Product(0.25, 20.0),
    "MNQ": Product(0.25, 2.0),
    "RTY": Product(0.1, 50.0),
    "M2K": Product(0.1, 5.0),
    "YM": Product(1.0, 5.0),
    "MYM": Product(1.0, 0.5),
    "EMD": Product(0.1, 100.0),
}
"""By product root."""


def product_of(symbol: str) -> Product | None:
    """Return the product of a futures contract, None where it is not known."""
    outright = parse_outright(symbol)
    return None if outright is None else PRODUCTS.get(outright.root)


def known_product(symbol: str) -> Product:
    """Return the product of a futures contract; raises `UsageError` where it is not known."""
    product = product_of(symbol)
    if product is None:
        raise UsageError(f"{symbol}: {why_unknown(symbol)}")
    return product


def why_unknown(symbol: str) -> str | None:
    """Return why there are no features for a contract, else None."""
    if product_of(symbol) is not None:
        return None
    return f"no tick size is known of {symbol}; features are for {', '.join(PRODUCTS)}"
