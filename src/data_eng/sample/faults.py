"""What happens to the feed and to the book of a day now and then.

- A gap in the feed: records carry the flag for a book that may be bad, then every book is
  cleared and comes back in two records, the bids first.
- A stretch in which the book may be bad and turns out not to have been.
- All offers, or all bids, of the front month are withdrawn and come back a moment later.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..compiled import part
from .clock import NANOS, Clock
from .layout import (
    ACTION_ADD,
    ACTION_CANCEL,
    FLAG_MAYBE_BAD_BOOK,
    FLAG_SNAPSHOT_PART,
    FLAG_SNAPSHOT_ROW,
    SIDE_NONE,
    TOP,
)
from .market import ASK, BID, BOTH_SIDES, FAULT, Market
from .record import set_flags, stamp_packet, write_change, write_clear, write_row
from .schedule import done_at

DOUBT: Final = 0  # the book may be bad from now on
TRUST: Final = 1  # it was not
CLEAR: Final = 2  # it is cleared and sent again
WITHDRAW: Final = 3  # a side of the front month goes
RESTORE: Final = 4  # and comes back

_KINDS: Final = ((DOUBT, CLEAR), (DOUBT, TRUST), (WITHDRAW, RESTORE))
_APART: Final = 120  # seconds between faults, and between one and a session's ends
_SHORTEST: Final = 300_000_000  # ns that a fault lasts at least,
_LONGEST: Final = 2_500_000_000  # and at most


def fault_times(clock: Clock, count: int, seed: np.random.SeedSequence) -> NDArray[Any]:
    """Return the beginnings and ends of the day's faults, `count` of each kind, in order.

    The first of each kind is in the regular session where the day has one.

    Returns
    -------
    FAULT array
    """
    rng = np.random.default_rng(seed)
    is_open = clock.activity > 0.0
    closed = np.concatenate(([0], np.cumsum(~is_open)))
    second = np.arange(_APART, is_open.size - _APART)
    usable = closed[second + _APART] == closed[second - _APART]
    regular = (clock.new_york_hour > 9.6) & (clock.new_york_hour < 12.9)
    found: list[tuple[int, int, int]] = []
    for number in range(count):
        for begin, end in _KINDS:
            places = second[usable & regular[second]] if number == 0 else second[usable]
            if places.size == 0:
                places = second[usable]
            if places.size == 0:
                continue
            at = int(places[rng.integers(places.size)])
            usable &= np.abs(second - at) > _APART
            start = clock.start_ns + at * NANOS + int(rng.integers(NANOS))
            side = int(rng.integers(2))
            found.append((start, begin, side))
            found.append((start + int(rng.integers(_SHORTEST, _LONGEST)), end, side))
    return np.array(sorted(found), FAULT)


@part
def apply_fault(market: Market, at: int, kind: int, side: int, until: int) -> None:
    """Let a fault begin or end at `at`; `until` is the time of the day's next one."""
    state = market.state[0]
    if kind == DOUBT:
        state["doubt"] = FLAG_MAYBE_BAD_BOOK
    elif kind == TRUST:
        state["doubt"] = 0
    elif kind == CLEAR:
        state["doubt"] = 0
        for i in range(market.instrument.size):
            if done_at(market, i, at) < 1.0:  # not expired
                _send_again(market, i, at)
    else:
        _withdraw(market, at, side, kind == WITHDRAW)
        if kind == WITHDRAW:
            # Nobody trades against half a book.
            market.instrument[0]["due"] = max(market.instrument[0]["due"], until)


@part
def _send_again(market: Market, i: int, t: int) -> None:
    stamp_packet(market, t)
    market.instrument[i]["shown"] = 0
    write_clear(market, i, t)
    _show(market, i, t, BID, FLAG_SNAPSHOT_PART)
    _show(market, i, t, ASK, FLAG_SNAPSHOT_ROW)


@part
def _show(market: Market, i: int, t: int, side: int, flags: int) -> None:
    market.instrument[i]["shown"] |= 1 << side
    best = market.edge[i, side]["best"]
    size = market.order[market.level[i, side, best]["last"]]["size"]
    row = market.state[0]["row"]
    write_row(market, i, t, ACTION_ADD, SIDE_NONE, best, size, TOP)
    set_flags(market, row, flags)


@part
def _withdraw(market: Market, t: int, side: int, goes: bool) -> None:
    item = market.instrument[0]
    best = market.edge[0, side]["best"]
    size = market.order[market.level[0, side, best]["last"]]["size"]
    item["shown"] = BOTH_SIDES - (1 << side) if goes else BOTH_SIDES
    stamp_packet(market, t)
    write_change(market, 0, t, ACTION_CANCEL if goes else ACTION_ADD, side, best, size)
