"""When the book of a day is unknown: before its first, lost, silent, or outside what was delivered.

A record of the contract says that its book is followed. Where none has come for
`MAX_SILENCE_SECONDS` the book is unknown from the last record plus that time to the next complete
two-sided book. Outside the range that the DBN metadata cover it is unknown too, and after a hole in
that range until the next complete two-sided book.

Everything here is told of whole seconds, from the rows of the one-second table before them: nothing
looks ahead. Two cases lie below what rows of one second can tell, and are decided for *unknown*
until the next complete two-sided book: a second that ends a silence of 60 s or of just less, with
several records and no such book among them; and one whose only such book is locked or crossed and
followed by a one-sided one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from .record_chunk import ASK_PX, BID_PX, NO_PRICE
from .second_sums import KNOWN, MID_HIGH, SECOND_NS, UNCHANGED, UNKNOWN, SecondSums

MAX_SILENCE_SECONDS: Final = 60
"""Seconds without a record of the contract after which its book is unknown."""

UNKNOWN_TENTHS: Final = 1
"""Tenths of a fixed window that may be unknown time; with more of it the window's value is null."""

I64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Ranges = Sequence[tuple[int, int]]


def unknown_book(
    seconds: SecondSums, covered: Ranges | None, max_silence_seconds: int = MAX_SILENCE_SECONDS
) -> Flags:
    """Return for every whole second whether the book is unknown there, for any reason.

    Parameters
    ----------
    seconds : SecondSums
        Of the contract's day; ``status``, ``last_ns``, ``books`` and ``mids`` are read.
    covered : sequence of (start, end) or None, ns since epoch UTC
        Half-open ranges that the DBN metadata state, ascending and apart; None where they state
        none (a live capture): then silence alone tells.
    max_silence_seconds : int

    Returns
    -------
    bool array, shape (seconds + 1,)
        Of the instants ``start``, ``start + 1 s``, ..., ``end``: the state after the records
        with ``ts_recv`` before the instant.
    """
    return (
        has_no_book(seconds)
        | is_silent(seconds, max_silence_seconds)
        | is_outside(seconds, covered)
        | _awaits_book(seconds, _ends_hole(seconds, covered))
    )


def has_no_book(seconds: SecondSums) -> Flags:
    """Return for every whole second, shape (seconds + 1,), whether no book is known to the scan.

    None has come yet, or it was cleared or may be bad and none has come since.
    """
    last = _last_before(seconds.status != UNCHANGED)
    has_none: Flags = (last < 0) | (seconds.status[last] != KNOWN)
    return has_none


def is_silent(seconds: SecondSums, max_silence_seconds: int = MAX_SILENCE_SECONDS) -> Flags:
    """Return for every whole second, shape (seconds + 1,), whether a silence makes it unknown.

    True from the last record plus ``max_silence_seconds`` to the next complete two-sided book.
    Before the first record there is no silence: see `has_no_book`.
    """
    limit = max_silence_seconds * SECOND_NS
    last_ns = np.zeros(seconds.seconds + 1, np.int64)
    np.maximum.accumulate(seconds.last_ns, out=last_ns[1:])
    has_record = last_ns > 0
    is_quiet: Flags = has_record & (_instants(seconds) - last_ns >= limit)
    ends_silence = (seconds.last_ns > 0) & has_record[:-1]
    ends_silence &= seconds.last_ns - last_ns[:-1] >= limit
    return is_quiet | _awaits_book(seconds, ends_silence)


def is_outside(seconds: SecondSums, covered: Ranges | None) -> Flags:
    """Return for every whole second, shape (seconds + 1,), whether it lies outside the ranges.

    An instant is inside where the time just before it is covered: the end of a range is inside,
    its start is not, since nothing was received there before it.
    """
    if covered is None:
        return np.zeros(seconds.seconds + 1, np.bool_)
    instants = _instants(seconds)
    inside = np.zeros(len(instants), np.bool_)
    for start, end in covered:
        inside |= (instants > start) & (instants <= end)
    return ~inside


def unknown_seconds(unknown: Flags, ends: I64, length: int | I64) -> I64:
    """Return how many seconds of the windows ``[end - length, end)`` begin with an unknown book.

    Parameters
    ----------
    unknown : bool array, shape (seconds + 1,)
        As `unknown_book` returns it.
    ends : int64 array, shape (m,)
        Whole seconds from the start of the table, none after its end.
    length : int or int64 array, shape (m,), seconds

    Returns
    -------
    int64 array, shape (m,)
        Seconds before the start of the table are unknown.
    """
    total = np.zeros(len(unknown), np.int64)
    np.cumsum(unknown[:-1], out=total[1:])
    begins = ends - length
    before: I64 = np.maximum(-begins, 0) - np.maximum(-ends, 0)
    found: I64 = total[np.maximum(ends, 0)] - total[np.maximum(begins, 0)] + before
    return found


def seconds_in(seconds: SecondSums, unknown: Flags, window: tuple[int, int]) -> int:
    """Return how many whole seconds of a window begin with an unknown book.

    Parameters
    ----------
    seconds : SecondSums
    unknown : bool array, shape (seconds + 1,)
    window : (start, end), ns since epoch UTC
        Whole seconds, not after the end of the table.
    """
    begin, end = ((ns - seconds.start_ns) // SECOND_NS for ns in window)
    return int(unknown_seconds(unknown, np.array([end]), end - begin)[0])


def is_window_known(unknown: Flags, ends: I64, length: int) -> Flags:
    """Return whether no more than a tenth of the windows is unknown; as `unknown_seconds`."""
    known: Flags = 10 * unknown_seconds(unknown, ends, length) <= UNKNOWN_TENTHS * length
    return known


def _instants(seconds: SecondSums) -> I64:
    return seconds.start_ns + np.arange(seconds.seconds + 1, dtype=np.int64) * SECOND_NS


def _last_before(happened: Flags) -> I64:
    # For each whole second the last second before it in which it happened, -1 for none.
    last = np.full(len(happened) + 1, -1, np.int64)
    np.maximum.accumulate(np.where(happened, np.arange(len(happened)), -1), out=last[1:])
    return last


def _has_two_sided_book(seconds: SecondSums) -> Flags:
    # Whether a complete two-sided book came in the second and the book was not lost after it.
    is_known: Flags = seconds.status == KNOWN
    bid, ask = seconds.books[:, BID_PX], seconds.books[:, ASK_PX]
    is_standing = (bid != NO_PRICE) & (ask != NO_PRICE)
    has_valid_mid = seconds.mids[:, MID_HIGH] != NO_PRICE
    # The scan knows a book again after it was lost only by one that is two-sided.
    last = _last_before(seconds.status != UNCHANGED)[:-1]
    is_regained = (last < 0) | (seconds.status[last] == UNKNOWN)
    came: Flags = is_known & (is_standing | has_valid_mid | is_regained)
    return came


def _awaits_book(seconds: SecondSums, doubted: Flags) -> Flags:
    # Whether the book was doubted in a second before, and no two-sided one came from then on:
    # in the second itself the book comes after what casts the doubt.
    return _last_before(doubted) > _last_before(_has_two_sided_book(seconds))


def _ends_hole(seconds: SecondSums, covered: Ranges | None) -> Flags:
    # The seconds in which a covered range begins.
    ends = np.zeros(seconds.seconds, np.bool_)
    for start, _ in covered or ():
        second = (start - seconds.start_ns) // SECOND_NS
        if 0 <= second < seconds.seconds:
            ends[second] = True
    return ends
