"""Compiled steps of the pass that time brings: a level steps, its flags hold, seconds close."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ...compiled import kernel, part
from ..book.record_chunk import ASK_PX, ASK_SZ, BID_PX, BID_SZ, LEVELS, NO_PRICE
from ..book.second_sums import SECOND_NS
from .level_sums import (
    ABOVE_NS,
    BAND_TICKS,
    BAND_VISIBLE_NS,
    CROSSINGS,
    NEAR_NS,
    NEAR_TICKS,
    VALID_NS,
    VISIBLE_NS,
)
from .touch_machine import (
    F_LEVEL,
    KEPT,
    KEPT_FLOATS,
    M_DIRTY,
    M_HAS_VALUE,
    M_PHASE,
    M_STEPPED,
    NONE,
    on_mid,
    start_machine,
)

# What the pass remembers of the market, in one int64 array.
G_SECOND: Final = 0  # second of the last record, -1 before the first
G_KNOWN: Final = 1
G_VALID: Final = 2
G_BID: Final = 3  # best prices and the outermost visible ones of the last valid book
G_ASK: Final = 4
G_LOWEST: Final = 5
G_HIGHEST: Final = 6
G_EVENT: Final = 7  # ts_event of the event under way
G_TRADED: Final = 8  # it has a T record
G_HAS_PRICE: Final = 9  # there was a trade
G_PRICE: Final = 10  # of the last trade, ticks
G_ROW: Final = 11  # where the last complete book is in the chunk, -1: in ``book``
G_STEP: Final = 12  # steps taken
MARKET_VALUES: Final = 13

# What it remembers of a level, in one int64 row beside the touch machine's.
L_TICK: Final = 0  # tick(L)
L_HAS_TICK: Final = 1  # trades can lie in the band
L_FLAGS: Final = 2
L_SINCE: Final = 3  # ns: the flags hold since then
L_SIGN: Final = 4  # last sign of m - L, 0 before the first
LEVEL_VALUES: Final = 5

BAND: Final = 2 * BAND_TICKS + 1
"""Prices of the band; the sizes displayed at them are one int64 row, bids before asks."""
UNBOUNDED: Final = 2**40

_VALID = 1
_FIELDS = (VALID_NS, ABOVE_NS, NEAR_NS, VISIBLE_NS, BAND_VISIBLE_NS)  # in the order of the bits


@kernel
def hold(t: int, start_ns: int, row: Any, sums: Any) -> None:
    """Add the time since the last change of a level's flags to the seconds it lies in."""
    begin = row[L_SINCE]
    row[L_SINCE] = t
    flags = row[L_FLAGS]
    if not flags:
        return
    while begin < t:
        second = (begin - start_ns) // SECOND_NS
        span = min(t, start_ns + (second + 1) * SECOND_NS) - begin
        for bit, field in enumerate(_FIELDS):
            if flags >> bit & 1:
                sums[second, field] += span
        begin += span


@part
def quote_flags(market: Any, row: Any, floats: Any) -> int:
    """Return the flags of a level that has a value, under a valid quote."""
    distance = (market[G_BID] + market[G_ASK]) / 2 - floats[F_LEVEL]
    tick, low, high = row[L_TICK], market[G_LOWEST], market[G_HIGHEST]
    is_band_visible = low <= tick - BAND_TICKS and tick + BAND_TICKS <= high
    return int(
        _VALID
        | (distance > 0) << 1
        | (abs(distance) <= NEAR_TICKS) << 2
        | (low <= tick <= high) << 3
        | is_band_visible << 4
    )


@part
def on_quote(
    t: int, second: int, start_ns: int, market: Any, row: Any, machine: Any, floats: Any, sums: Any
) -> None:
    """Take what the quote is to a level from ``t`` on: flags, crossings, the touch machine."""
    flags = 0
    if market[G_VALID] and machine[M_HAS_VALUE]:
        flags = quote_flags(market, row, floats)
        mid = (market[G_BID] + market[G_ASK]) / 2
        distance = mid - floats[F_LEVEL]
        if distance != 0:
            sign = 1 if distance > 0 else -1
            if row[L_SIGN] == -sign and second < sums.shape[0]:
                sums[second, CROSSINGS] += 1
            row[L_SIGN] = sign
        on_mid(t, mid, machine, floats)
    if flags != row[L_FLAGS]:
        hold(t, start_ns, row, sums)
        row[L_FLAGS] = flags


@part
def load_band(levels: Any, at: int, tick: int, band: Any) -> None:
    """Read the sizes displayed in the band of a book, which is a column of ``levels``."""
    band[:] = 0
    lowest = tick - BAND_TICKS
    for k in range(LEVELS):
        bid = levels[BID_PX + k, at] - lowest
        if 0 <= bid < BAND:
            band[bid] = levels[BID_SZ + k, at]
        ask = levels[ASK_PX + k, at] - lowest
        if 0 <= ask < BAND:
            band[BAND + ask] = levels[ASK_SZ + k, at]


@part
def keep_machine(
    second: int, machine: Any, floats: Any, has_changed: Any, kept: Any, kept_floats: Any
) -> None:
    """Keep the touch machine at the end of a second, if it changed in it."""
    if machine[M_DIRTY]:
        machine[M_DIRTY] = 0
        has_changed[second] = 1
        kept[second] = machine[:KEPT]
        kept_floats[second] = floats[:KEPT_FLOATS]


@part
def step(
    t: int,
    value: float,
    start_ns: int,
    market: Any,
    levels: Any,
    book: Any,
    row: Any,
    machine: Any,
    floats: Any,
    band: Any,
    sums: Any,
) -> None:
    """Let a level take a value, NaN for none, before the records from ``t`` on."""
    machine[M_HAS_VALUE] = not np.isnan(value)
    floats[F_LEVEL] = value
    row[L_HAS_TICK] = machine[M_HAS_VALUE]
    if machine[M_HAS_VALUE]:
        row[L_TICK] = np.int64(np.floor(value + 0.5))
        machine[M_STEPPED] = machine[M_PHASE] != NONE
        if machine[M_PHASE] == NONE:
            start_machine(machine)
        if market[G_VALID] and market[G_ROW] >= 0:
            load_band(levels, market[G_ROW], row[L_TICK], band)
        elif market[G_VALID]:
            load_band(book, 0, row[L_TICK], band)
    # A crossing at t is no part of the windows that end at t, though what stands at t has seen it.
    on_quote(t, (t - start_ns) // SECOND_NS, start_ns, market, row, machine, floats, sums)


@part
def outermost(levels: Any, at: int, market: Any) -> None:
    """Take the outermost visible prices; a side with fewer than ten levels hides nothing."""
    lowest, highest = levels[BID_PX + LEVELS - 1, at], levels[ASK_PX + LEVELS - 1, at]
    market[G_LOWEST] = lowest if lowest != NO_PRICE else -UNBOUNDED
    market[G_HIGHEST] = highest if highest != NO_PRICE else UNBOUNDED
