"""When the options of a date are known: what files cover, and the silences of the quotes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..lake.inputs import COVERED_FACT, SILENCES_FACT
from ..lake.manifest import Manifest

_SECOND_NS: Final = 10**9
MAX_SILENCE_NS: Final = {
    "mbp-1": 60 * _SECOND_NS,
    "bbo-1s": 60 * _SECOND_NS,
    "bbo-1m": 180 * _SECOND_NS,
}
"""After how long without a quote of any option the market is unknown; other feeds tell nothing."""

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Ranges = Sequence[Sequence[int]]


def is_silent(at_ns: I64, silences: Sequence[Sequence[Any]], schema: str) -> Mask:
    """Return at which times the quotes are unknown, shape (n,).

    From the last record before a silence plus the feed's limit, to its next record: a time that is
    that of the next record has not seen it.

    Parameters
    ----------
    at_ns : int64 array, shape (n,), ns since epoch UTC
    silences : sequence of (int, int or None)
        See `SILENCES_FACT`.
    schema : str
        The vendor's, of the quotes.
    """
    found = np.zeros(len(at_ns), np.bool_)
    limit = MAX_SILENCE_NS.get(schema)
    if limit is None:
        return found
    for last, following in silences:
        end = np.iinfo(np.int64).max if following is None else following
        found |= (at_ns >= last + limit) & (at_ns <= end)
    return found


def is_inside(at_ns: I64, covered: Ranges | None) -> Mask:
    """Return which times lie in the ranges that files cover, shape (n,); all where none is told.

    At a time all that was received before it is known: a range holds its end, not its start.
    """
    if covered is None:
        return np.ones(len(at_ns), np.bool_)
    found = np.zeros(len(at_ns), np.bool_)
    for start, end in covered:
        found |= (at_ns > start) & (at_ns <= end)
    return found


def quotes_known(at_ns: I64, manifest: Manifest) -> Mask:
    """Return at which times the quotes of a table are known, shape (n,)."""
    facts = manifest.facts
    silent = is_silent(at_ns, facts.get(SILENCES_FACT, ()), facts.get("source_schema", ""))
    return is_inside(at_ns, facts.get(COVERED_FACT)) & ~silent


def buckets_covered(starts_ns: I64, manifest: Manifest, width_ns: int) -> Mask:
    """Return which spans ``[start, start + width)`` the files of a table cover whole."""
    covered = manifest.facts.get(COVERED_FACT)
    if covered is None:
        return np.ones(len(starts_ns), np.bool_)
    found = np.zeros(len(starts_ns), np.bool_)
    for start, end in covered:
        found |= (starts_ns >= start) & (starts_ns + width_ns <= end)
    return found
