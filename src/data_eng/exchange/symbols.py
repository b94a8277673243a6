"""The raw symbols of CME: futures outrights, futures options, user-defined spreads.

An outright future is root, month code and the last digits of the year (``ESU5``), an outright
option its own series so written, right and strike (``EW2F6 C7000``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

MONTH_CODES: Final = "FGHJKMNQUVXZ"

USER_DEFINED: Final = "UD:"
"""What CME's raw symbols of user-defined spreads begin with, such as ``UD:1V: VT 2809308``."""

_ROOT: Final = r"[0-9]{0,2}[A-Z][A-Z0-9]{0,3}"
_CONTRACT: Final = re.compile(rf"({_ROOT})([{MONTH_CODES}])([0-9]{{1,2}})")
# The root of a weekly may end in a digit and a letter (E1A, EW2); strikes have 1 to 6 digits,
# zero-padded to four until 2023.
_OPTION: Final = re.compile(
    rf"([A-Z0-9]{{1,4}})([{MONTH_CODES}])([0-9]{{1,2}}) ([CP])([0-9]{{1,6}}(?:\.[0-9]{{1,4}})?)"
)


@dataclass(frozen=True)
class Outright:
    """A single futures contract as its raw symbol names it.

    ``month`` is 1 to 12; ``year_digits`` are the one or two last digits of the year, which
    only a date resolves (`delivery_month`).
    """

    root: str
    month: int
    year_digits: str
    raw_symbol: str


def parse_outright(raw_symbol: str) -> Outright | None:
    """Return the parts of a CME futures symbol, None for anything but an outright.

    Spreads (``ESZ5-ESH6``), options (``ESU5 C5000``), user-defined instruments and bare
    roots are none.

    >>> parse_outright("6EM5")
    Outright(root='6E', month=6, year_digits='5', raw_symbol='6EM5')
    """
    match = _CONTRACT.fullmatch(raw_symbol)
    if match is None:
        return None
    root, code, year_digits = match.groups()
    return Outright(root, MONTH_CODES.index(code) + 1, year_digits, raw_symbol)


def outright_of_root(raw_symbol: str, root: str) -> Outright | None:
    """Return the parts of a futures symbol if it is an outright of one root, else None."""
    outright = parse_outright(raw_symbol)
    return outright if outright is not None and outright.root == root else None


@lru_cache(maxsize=4096)  # a plan asks for each partition
def root_of(symbol: str) -> str:
    """Return the product root of a contract; a root is its own.

    >>> root_of("ESM5"), root_of("ES")
    ('ES', 'ES')
    """
    outright = parse_outright(symbol)
    return symbol if outright is None else outright.root


def is_contract(text: str) -> bool:
    """Return whether a text has the form of a futures contract, such as ``ESU5``."""
    return parse_outright(text) is not None


@lru_cache(maxsize=4096)
def is_root(text: str) -> bool:
    """Return whether a text has the form of a product root, such as ``ES`` or ``6E``.

    Capitals and digits with at least one letter, six characters at most: safe in a path. A
    text that reads as a contract is no root.
    """
    return re.fullmatch(_ROOT, text) is not None and not is_contract(text)


def delivery_month(outright: Outright, on: date) -> tuple[int, int]:
    """Return the year and month of delivery that a symbol means on a date.

    One year digit: the first such month from the one before ``on``'s, because a symbol is
    used again after ten years and its mapping outlives the contract by days. Two digits:
    the year within fifty years of ``on``.

    >>> delivery_month(Outright("ES", 3, "1", "ESH1"), date(2025, 12, 22))
    (2031, 3)
    """
    digits = int(outright.year_digits)
    if len(outright.year_digits) == 2:
        earliest = on.year - 50
        return earliest + (digits - earliest) % 100, outright.month
    year, month = divmod(on.year * 12 + on.month - 2, 12)  # the month before
    if outright.month < month + 1:
        year += 1
    return year + (digits - year) % 10, outright.month


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
    match = _OPTION.fullmatch(raw_symbol)
    if match is None:
        return None
    root, code, year_digits, right, strike = match.groups()
    return OptionSymbol(root, MONTH_CODES.index(code) + 1, year_digits, right, float(strike))


def is_user_defined_spread(raw_symbol: str) -> bool:
    """Tell a user-defined spread by its symbol."""
    return raw_symbol.startswith(USER_DEFINED)
