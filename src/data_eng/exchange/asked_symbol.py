"""The symbol that a user asked for: a product root or a contract, and what else may be meant."""

from __future__ import annotations

import re
from typing import Final

from ..errors import UsageError
from ..suggestion import nearest, question
from .products import PRODUCTS
from .symbols import is_contract, is_root, root_of

_PART: Final = re.compile(r"[A-Z0-9]+")
_WHOLE_YEAR: Final = re.compile(r"(?<=[A-Z])20\d(\d)$")


def check_symbol(symbol: object, flag: str = "--symbol", *, contracts: bool = True) -> None:
    """Return where a text is a root, or a contract; else raise `UsageError` with what is near.

    Parameters
    ----------
    symbol : object
        What was given.
    flag : str
        What it was given for.
    contracts : bool
        Whether a contract is one too.
    """
    text = str(symbol)
    if isinstance(symbol, str) and (is_root(symbol) or (contracts and is_contract(symbol))):
        return
    if is_contract(text):
        raise UsageError(f"{flag} {text}: a contract; give its product root, {root_of(text)}")
    told = "neither a product root such as ES nor a contract such as ESU5"
    if not contracts:
        told = "not a product root, such as ES"
    meant = "give one" if "," in text else question(nearest_symbols(text))
    raise UsageError("; ".join(filter(None, (f"{flag} {symbol!r}: {told}", meant))))


def nearest_symbols(text: str) -> list[str]:
    """Return the symbols that a text may mean, as others write them too.

    Examples
    --------
    >>> nearest_symbols("es"), nearest_symbols("/NQ"), nearest_symbols("ES.v.0")
    (['ES'], ['NQ'], ['ES'])
    >>> nearest_symbols("esm5"), nearest_symbols("NZ")
    (['ESM5'], ['ZN'])
    >>> nearest_symbols("ESM2025")
    ['ESM5']
    """
    part = _PART.search(text.upper())
    if part is None:
        return []
    word = part[0]
    if is_contract(word) or word in PRODUCTS:
        return [word]
    short = _WHOLE_YEAR.sub(r"\1", word)
    if is_contract(short):
        return [short]
    # Two letters in the wrong order have one in common, which is near enough for nobody else.
    turned = [one for one in PRODUCTS if sorted(one) == sorted(word)]
    return turned or nearest(word, PRODUCTS)
