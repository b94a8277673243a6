"""Whether the sums of a day's book are exact: 64 bits wrap in silence.

Nothing traded or displayed comes near the bounds; a damaged record may.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ..errors import ContractError
from ..features.book.displayed_sizes import DisplayedSizes
from ..features.book.record_chunk import BOOK_LEVELS, NO_PRICE
from ..features.book.second_sums import HIGH, LOW, SECOND_NS, VOLUME, SecondSums
from .mbp10_arrays import SIZES_FROM

MOST_DISPLAYED: Final = 2_500_000
"""Contracts within two ticks for a second: an hour of them is below 2**63 contract nanoseconds."""

_MOST_SPREAD: Final = 2**30
"""Ticks, beyond any ``2 p - bid - ask`` of prices that `record_chunk.to_ticks` takes."""
_SIZES: Final = slice(SIZES_FROM, SIZES_FROM + 2 * BOOK_LEVELS)


def require_exact_sums(seconds: SecondSums, where: str) -> None:
    """Raise `ContractError` where sums of a day's trades, or of its book's sizes, may have wrapped.

    Parameters
    ----------
    seconds : SecondSums
    where : str
        The partition, for the message.
    """
    prices = seconds.prices[:, (HIGH, LOW)].astype(np.int64)
    highest = int(np.abs(prices[prices != NO_PRICE]).max(initial=0))
    volume = int(seconds.sums[:, VOLUME].sum())
    if volume * max(highest**2, _MOST_SPREAD) >= 2**63:
        raise _beyond(where, f"trades of {volume:,} contracts at up to {highest:,} ticks")
    size = int(seconds.books[:, _SIZES].max())
    if size * 2 * BOOK_LEVELS >= 2**31:
        raise _beyond(where, f"a displayed size of {size:,} contracts")


def require_exact_sizes(rows: DisplayedSizes, where: str) -> None:
    """Raise `ContractError` where sums of displayed sizes may wrap; parameters as above."""
    most = max(int(one.max(initial=0)) for one in (rows.size_ns, rows.band_size_ns))
    if most > MOST_DISPLAYED * SECOND_NS:
        raise _beyond(where, f"displayed sizes of {most // SECOND_NS:,} contracts within two ticks")


def _beyond(where: str, what: str) -> ContractError:
    return ContractError(
        f"{where}: {what}: their sums would not be exact; compare the raw files of the date with "
        "the vendor's, or leave it out; nothing was published"
    )
