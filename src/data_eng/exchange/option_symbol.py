"""The raw symbols of CME futures options: outright calls and puts, and user-defined spreads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from .front_month import MONTH_CODES

USER_DEFINED: Final = "UD:"
"""What CME's raw symbols of user-defined spreads begin with, such as ``UD:1V: VT 2809308``."""

# The root of a weekly may end in a digit and a letter (E1A, EW2); strikes have 1 to 6 digits,
# zero-padded to four until 2023.
_OUTRIGHT: Final = re.compile(
    rf"([A-Z0-9]{{1,4}})([{MONTH_CODES}])([0-9]{{1,2}}) ([CP])([0-9]{{1,6}}(?:\.[0-9]{{1,4}})?)"
)


@dataclass(frozen=True)
class OptionSymbol:
    """An outright option as its raw symbol names it.

    Attributes
    ----------
    root : str
        Root of the option's own series (``ES``, ``EW2``, ``E1A``), not of its underlying.
    month : int
        Expiration month, 1 to 12.
    year_digits : str
        One or two last digits of the year, which only a date resolves.
    instrument_class : str
        ``C`` call, ``P`` put.
    strike : float
        As written. The strike price of record is the definition's.
    """

    root: str
    month: int
    year_digits: str
    instrument_class: str
    strike: float


def parse_option(raw_symbol: str) -> OptionSymbol | None:
    """Return the parts of an outright option's symbol, None for anything else.

    >>> parse_option("EW2F6 C7000")
    OptionSymbol(root='EW2', month=1, year_digits='6', instrument_class='C', strike=7000.0)
    """
    match = _OUTRIGHT.fullmatch(raw_symbol)
    if match is None:
        return None
    root, code, year_digits, right, strike = match.groups()
    return OptionSymbol(root, MONTH_CODES.index(code) + 1, year_digits, right, float(strike))


def is_user_defined_spread(raw_symbol: str) -> bool:
    """Tell a user-defined spread by its symbol."""
    return raw_symbol.startswith(USER_DEFINED)
