"""Chains with quotes for tests: premiums as mids, judged and priced at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from src.data_eng.options.chain import Chain
from src.data_eng.options.pricing import PricedChain, price_chain
from src.data_eng.options.quotes import (
    NO_LIMIT_NS,
    Quotes,
    judge_quotes,
    no_quotes,
    take_quotes,
)
from src.data_eng.options.smile import Smile, smiles_of

F64 = npt.NDArray[np.float64]


def quotes_of(mid: F64, at_ns: int, half: F64 | float = 0.05) -> Quotes:
    """Return usable quotes about premiums; none where they are NaN or too small for any."""
    rows = no_quotes(len(mid))
    half = np.minimum(half, 0.1 * mid)
    slots = np.arange(len(mid))
    times = np.full(len(mid), at_ns - 1)
    take_quotes(rows, slots, times, mid - half, mid + half, np.ones(len(mid), np.bool_))
    judge_quotes(rows, at_ns, NO_LIMIT_NS)
    return rows


def price(chain: Chain, mid: F64, at_ns: int, rate: float) -> PricedChain:
    """Return a chain priced with premiums as mids."""
    return price_chain(chain, quotes_of(mid, at_ns), at_ns, rate)


def first_smile(chain: Chain, mid: F64, at_ns: int, rate: float) -> Smile:
    """Return the smile of the first expiry."""
    return smiles_of(price(chain, mid, at_ns, rate))[0]
