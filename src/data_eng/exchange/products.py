"""What a product is, by its root: everything that another root does otherwise.

To add a root is to add one `Product` to `PRODUCTS`. What is None is not defined for it: without a
regular session there are no levels and features, without a roll calendar the rule ``volume``
chooses the front month alone, without an expiry rule days to expiry are null.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Final, Literal

from ..errors import UsageError
from .calendar import is_early_close
from .sessions import (
    EARLY_CLOSE,
    EQUITY_INDEX,
    FIRST3H,
    RegularSession,
    regular_session_to,
    window_ns,
)
from .symbols import parse_outright

_QUARTERLY: Final = (3, 6, 9, 12)
_EVERY_MONTH: Final = tuple(range(1, 13))

ExpiryRule = Literal["third_friday", "crude_oil", "third_last_business_day", "treasury_note"]


@dataclass(frozen=True)
class Product:
    """What CME's contract specification says of a product, and what is chosen for it here.

    Attributes
    ----------
    tick_size : float, points
        Minimum price increment of an outright.
    multiplier : float, currency per point
        ``unit_of_measure_qty`` of the vendor's definition; an option on one future has the same.
    currency : str
        ISO 4217.
    delivery_months : tuple of int
        Months in which contracts are listed for every year.
    roll_calendar : str, optional
        ``equity_index``: CME's notices of the roll convention name this root.
    expiry_rule : str, optional
        On which day trading terminates, by the rule's name: see `expiry`.
    session : RegularSession, optional
    round_number : float, optional, points
        Multiples of it are round numbers: where option strikes and resting orders gather (Osler
        2003).
    """

    tick_size: float
    multiplier: float
    currency: str = "USD"
    delivery_months: tuple[int, ...] = _QUARTERLY
    roll_calendar: Literal["equity_index"] | None = None
    expiry_rule: ExpiryRule | None = None
    session: RegularSession | None = None
    round_number: float | None = None

    @property
    def round_ticks(self) -> float | None:
        """The round number in ticks."""
        return None if self.round_number is None else self.round_number / self.tick_size


def _equity_index(tick_size: float, multiplier: float, round_number: float) -> Product:
    return Product(
        tick_size,
        multiplier,
        roll_calendar="equity_index",
        expiry_rule="third_friday",
        session=EQUITY_INDEX,
        round_number=round_number,
    )


# Round numbers: 25 points of ES, the strikes that hold most of the open interest (those between
# are listed near expiry alone), and of the others a round step of a like share of the index.
PRODUCTS: Final = {
    "ES": _equity_index(0.25, 50.0, 25.0),
    "MES": _equity_index(0.25, 5.0, 25.0),
    "NQ": _equity_index(0.25, 20.0, 100.0),
    "MNQ": _equity_index(0.25, 2.0, 100.0),
    "RTY": _equity_index(0.1, 50.0, 10.0),
    "M2K": _equity_index(0.1, 5.0, 10.0),
    "YM": _equity_index(1.0, 5.0, 100.0),
    "MYM": _equity_index(1.0, 0.5, 100.0),
    "EMD": _equity_index(0.1, 100.0, 10.0),
    # The close of a regular session is that of the settlement period, until 2015 of the floor.
    "CL": Product(
        0.01,
        1000.0,
        delivery_months=_EVERY_MONTH,
        expiry_rule="crude_oil",
        session=regular_session_to(time(14, 30)),
        round_number=1.0,
    ),
    "GC": Product(
        0.1,
        100.0,
        delivery_months=(2, 4, 6, 8, 10, 12),
        expiry_rule="third_last_business_day",
        session=regular_session_to(time(13, 30)),
        round_number=25.0,
    ),
    "ZN": Product(
        0.015625,
        1000.0,
        expiry_rule="treasury_note",
        session=regular_session_to(time(15, 0)),
        round_number=0.5,
    ),
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
        raise UsageError(f"{symbol}: {_unknown(symbol)}")
    return product


def why_unknown(symbol: str) -> str | None:
    """Return why there are no features for a contract, else None."""
    product = product_of(symbol)
    if product is None:
        return _unknown(symbol)
    if product.session is None:
        some = ", ".join(root for root, one in PRODUCTS.items() if one.session is not None)
        return f"no regular session is known of {symbol}; features are for {some}"
    return None


def regular_session_ns(symbol: str, d: date) -> tuple[int, int]:
    """Return the regular session of a contract on a date, its early close where there is one.

    Of a product that has none, or is not known, that of the equity indices.

    Returns
    -------
    (open, close), ns since epoch UTC
    """
    session = _session_of(symbol)
    close = min(session.close, EARLY_CLOSE) if is_early_close(d) else session.close
    return window_ns(d, session.open, close)


def regular_session_parameter(symbol: str) -> tuple[str, str]:
    """Return open and close of a contract's regular session as a manifest states them."""
    session = _session_of(symbol)
    return session.open.isoformat("minutes"), session.close.isoformat("minutes")


def _session_of(symbol: str) -> RegularSession:
    product = product_of(symbol)
    return EQUITY_INDEX if product is None or product.session is None else product.session


def watched_window(symbol: str, d: date) -> tuple[int, int] | None:
    """Return when features look at a contract: from its pre-market start to the grid's end.

    Returns
    -------
    (start, end) or None, ns since epoch UTC
        None for a product without a regular session.
    """
    product = product_of(symbol)
    if product is None or product.session is None:
        return None
    return window_ns(d, product.session.pre_market_start, FIRST3H[1])


def _unknown(symbol: str) -> str:
    outright = parse_outright(symbol)
    if outright is None:
        return f"{symbol} is no futures contract, such as ESU5"
    return (
        f"product root {outright.root} is not known; known are {', '.join(PRODUCTS)} (another one "
        "is declared in exchange/products.py)"
    )
