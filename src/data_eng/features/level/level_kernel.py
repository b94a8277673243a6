"""The compiled pass over a day's records for several levels at once.

Books are taken, known and valid, and executions belong to events, as in
`features.book.book_kernel`. Between two records a level may step; a step at ``t`` comes before any
record received at ``t`` or later.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...compiled import kernel, part
from ..book.record_chunk import (
    ASK_PX,
    BID_PX,
    BUY_AGGRESSOR,
    CLEAR,
    F_LAST,
    F_MAYBE_BAD_BOOK,
    F_SNAPSHOT,
    LEVELS,
    NO_PRICE,
    SELL_AGGRESSOR,
    TRADE,
)
from ..book.second_sums import SECOND_NS
from .level_state import (
    BAND,
    G_ASK,
    G_BID,
    G_EVENT,
    G_HAS_PRICE,
    G_HIGHEST,
    G_KNOWN,
    G_LOWEST,
    G_PRICE,
    G_ROW,
    G_SECOND,
    G_STEP,
    G_TRADED,
    G_VALID,
    L_HAS_TICK,
    L_TICK,
    keep_machine,
    load_band,
    on_quote,
    outermost,
    step,
)
from .level_sums import (
    ADDED,
    AT_VOLUME,
    BAND_BUY,
    BAND_CHANGES,
    BAND_DEPTH,
    BAND_FLOW,
    BAND_SELL,
    BAND_TICKS,
    BAND_TRADES,
    BAND_VOLUME,
    CANCELLED,
)
from .touch_machine import (
    M_HAS_VALUE,
    M_PHASE,
    M_STEPPED,
    TOUCH,
    on_trade_price,
)


@part
def on_trade(
    t: int,
    second: int,
    side: int,
    price: Any,
    size: Any,
    last_book: Any,
    executed: Any,
    market: Any,
    rows: Any,
    machines: Any,
    floats: Any,
    sums: Any,
    penetration: Any,
) -> None:
    """Count a trade for every level."""
    for k in range(2 * LEVELS):
        if last_book[k] == price:
            executed[k] += size
    for n in range(rows.shape[0]):
        offset = price - rows[n, L_TICK]
        if rows[n, L_HAS_TICK] and -BAND_TICKS <= offset <= BAND_TICKS:
            row = sums[n, second]
            row[BAND_VOLUME] += size
            row[BAND_TRADES] += 1
            if side == BUY_AGGRESSOR:
                row[BAND_BUY] += size
            elif side == SELL_AGGRESSOR:
                row[BAND_SELL] += size
            if offset == 0:
                row[AT_VOLUME] += size
        if machines[n, M_HAS_VALUE]:
            has_last = market[G_HAS_PRICE] != 0
            beyond = on_trade_price(t, price, market[G_PRICE], has_last, machines[n], floats[n])
            penetration[n, second] = max(penetration[n, second], beyond)
        machines[n, M_STEPPED] = 0
    market[G_HAS_PRICE], market[G_PRICE] = 1, price
    market[G_TRADED] = 1


@part
def executed_at(tick: int, last_book: Any, executed: Any) -> int:
    """Return what the event under way executed at a price that the last book shows."""
    total = 0
    for k in range(2 * LEVELS):
        if last_book[k] == tick:
            total += executed[k]
    return total


@part
def count_flow(new: Any, traded: int, old: Any, was: int, now: int, sums: Any) -> None:
    """Count the change of the band's sizes between two valid books.

    ``was`` and ``now`` say what of the band the book before and this one show: 1 tick(L), 2 all.
    """
    if was & now & 1:
        # By side: an event may take out the one and leave the other resting at the same price.
        bids = new[BAND_TICKS] - old[BAND_TICKS]
        asks = new[BAND + BAND_TICKS] - old[BAND + BAND_TICKS]
        sums[ADDED] += max(bids, 0) + max(asks, 0)
        removed = max(-bids, 0) + max(-asks, 0)
        sums[CANCELLED] += max(removed - traded, 0)
    if was & now & 2:
        flow = depth = 0
        for j in range(BAND):
            flow += new[j] - old[j] - new[BAND + j] + old[BAND + j]
            depth += new[j] + new[BAND + j]
        sums[BAND_FLOW] += flow
        sums[BAND_DEPTH] += depth
        sums[BAND_CHANGES] += 1


@part
def shown(tick: int, lowest: int, highest: int) -> int:
    """Return what of a band is visible: 1 for tick(L), 2 for all of it, together 3."""
    is_all = lowest <= tick - BAND_TICKS and tick + BAND_TICKS <= highest
    return (lowest <= tick <= highest) | is_all << 1


@part
def on_book(
    t: int,
    start_ns: int,
    second: int,
    i: int,
    is_flow: bool,
    levels: Any,
    last_book: Any,
    executed: Any,
    market: Any,
    rows: Any,
    machines: Any,
    floats: Any,
    bands: Any,
    new: Any,
    sums: Any,
) -> None:
    """Take a complete book."""
    bid, ask = levels[BID_PX, i], levels[ASK_PX, i]
    is_two_sided = min(bid, ask) > NO_PRICE
    if not market[G_KNOWN] and not is_two_sided:
        return
    is_valid = is_two_sided and ask > bid
    was_valid = market[G_VALID] != 0
    low, high = market[G_LOWEST], market[G_HIGHEST]
    has_moved = is_valid != was_valid or bid != market[G_BID] or ask != market[G_ASK]
    market[G_KNOWN], market[G_VALID], market[G_ROW] = 1, is_valid, i
    market[G_BID], market[G_ASK] = bid, ask
    outermost(levels, i, market)
    has_moved = has_moved or low != market[G_LOWEST] or high != market[G_HIGHEST]
    for n in range(rows.shape[0]):
        if not machines[n, M_HAS_VALUE]:
            continue
        tick = rows[n, L_TICK]
        now = shown(tick, market[G_LOWEST], market[G_HIGHEST])
        was = shown(tick, low, high)
        if is_valid and (now or was):
            load_band(levels, i, tick, new)
            if is_flow and was_valid:
                traded = executed_at(tick, last_book, executed) if market[G_TRADED] else 0
                count_flow(new, traded, bands[n], was, now, sums[n, second])
            bands[n] = new
        # A touch may begin while the mid is away from the level: then the next book ends it.
        if has_moved or machines[n, M_PHASE] == TOUCH:
            on_quote(t, second, start_ns, market, rows[n], machines[n], floats[n], sums[n])


@part
def forget_book(
    t: int, start_ns: int, market: Any, rows: Any, machines: Any, floats: Any, sums: Any
) -> None:
    """Take the book for unknown from now on."""
    market[G_KNOWN] = market[G_VALID] = 0
    for n in range(rows.shape[0]):
        on_quote(t, 0, start_ns, market, rows[n], machines[n], floats[n], sums[n])


@part
def end_event(market: Any, executed: Any) -> None:
    """Forget the executions of an event."""
    if market[G_TRADED]:
        market[G_TRADED] = 0
        executed[:] = 0


@part
def take_book(
    t: int,
    start_ns: int,
    second: int,
    i: int,
    act: int,
    flag: int,
    levels: Any,
    last_book: Any,
    executed: Any,
    market: Any,
    rows: Any,
    machines: Any,
    floats: Any,
    bands: Any,
    new: Any,
    sums: Any,
) -> None:
    """Take the book of a record where it completes an event, or learn that it is unknown."""
    is_complete = flag & F_LAST != 0 and act != TRADE
    if flag & F_MAYBE_BAD_BOOK or act == CLEAR:
        forget_book(t, start_ns, market, rows, machines, floats, sums)
    elif is_complete:
        is_flow = flag & F_SNAPSHOT == 0
        on_book(
            t, start_ns, second, i, is_flow, levels, last_book, executed, market, rows, machines,
            floats, bands, new, sums,
        )  # fmt: skip
    if is_complete:
        end_event(market, executed)


@part
def close_second(
    second: int, machines: Any, floats: Any, has_changed: Any, kept: Any, kept_floats: Any
) -> None:
    """Keep the touch machines at the end of a second."""
    for n in range(machines.shape[0]):
        keep_machine(second, machines[n], floats[n], has_changed[n], kept[n], kept_floats[n])


@kernel
def take_steps(
    until_ns: int,
    start_ns: int,
    steps: Any,
    values: Any,
    levels: Any,
    book: Any,
    market: Any,
    rows: Any,
    machines: Any,
    floats: Any,
    bands: Any,
    sums: Any,
    has_changed: Any,
    kept: Any,
    kept_floats: Any,
) -> None:
    """Take the steps up to a time: ``steps`` are times and levels, in order of time."""
    close_second(market[G_SECOND], machines, floats, has_changed, kept, kept_floats)
    while market[G_STEP] < steps.shape[0] and steps[market[G_STEP], 0] <= until_ns:
        t, n = steps[market[G_STEP], 0], steps[market[G_STEP], 1]
        value = values[market[G_STEP]]
        step(
            t, value, start_ns, market, levels, book,
            rows[n], machines[n], floats[n], bands[n], sums[n],
        )  # fmt: skip
        second = (t - 1 - start_ns) // SECOND_NS
        keep_machine(second, machines[n], floats[n], has_changed[n], kept[n], kept_floats[n])
        market[G_STEP] += 1


@kernel
def advance_levels(
    times: Any,
    ts_event: Any,
    action: Any,
    side: Any,
    flags: Any,
    price: Any,
    size: Any,
    levels: Any,
    start_ns: int,
    end_ns: int,
    steps: Any,
    values: Any,
    book: Any,
    executed: Any,
    market: Any,
    rows: Any,
    machines: Any,
    floats: Any,
    bands: Any,
    sums: Any,
    penetration: Any,
    has_changed: Any,
    kept: Any,
    kept_floats: Any,
) -> None:
    """Take records until the end of the day's part, or of the arrays.

    Parameters
    ----------
    times, ts_event, action, side, flags, price, size, levels
        The arrays of a `RecordChunk`.
    start_ns, end_ns : int, ns since epoch UTC
        Bounds of the sums; no record lies before ``start_ns``, one from ``end_ns`` on ends it.
    steps : int64 array, shape (k, 2)
        Time in ns since epoch UTC, not before ``start_ns``, and level of each step, in order.
    values : float64 array, shape (k,), ticks
        What the level steps to, NaN for no value.
    book : int32 array, shape (60, 1)
        The last complete book of the records before.
    executed : int64 array, shape (20,)
        Contracts executed in the event under way, by level of the last complete book.
    market : int64 array, shape (MARKET_VALUES,)
    rows : int64 array, shape (n, LEVEL_VALUES)
    machines, floats : arrays, shape (n, MACHINE_VALUES), (n, MACHINE_FLOATS)
    bands : int64 array, shape (n, 2 * BAND)
        Sizes displayed in each level's band in the last valid book.
    sums, penetration, has_changed, kept, kept_floats
        The arrays of `LevelSums`.
    """
    new = np.zeros(2 * BAND, np.int64)
    for i in range(times.shape[0]):
        t = times[i]
        if t >= end_ns:
            break
        if market[G_STEP] < steps.shape[0] and steps[market[G_STEP], 0] <= t:
            take_steps(
                t, start_ns, steps, values, levels, book, market, rows, machines, floats, bands,
                sums, has_changed, kept, kept_floats,
            )  # fmt: skip
        second = (t - start_ns) // SECOND_NS
        if second != market[G_SECOND]:
            close_second(market[G_SECOND], machines, floats, has_changed, kept, kept_floats)
            market[G_SECOND] = second
        if ts_event[i] != market[G_EVENT]:
            market[G_EVENT] = ts_event[i]
            end_event(market, executed)
        act, flag = action[i], flags[i]
        row = market[G_ROW]
        last_book = levels[:, row] if row >= 0 else book[:, 0]
        is_trade = act == TRADE and flag & F_SNAPSHOT == 0
        if is_trade and price[i] != NO_PRICE and size[i] >= 0:
            on_trade(
                t, second, side[i], np.int64(price[i]), np.int64(size[i]), last_book, executed,
                market, rows, machines, floats, sums, penetration,
            )  # fmt: skip
        take_book(
            t, start_ns, second, i, act, flag, levels, last_book, executed, market, rows, machines,
            floats, bands, new, sums,
        )  # fmt: skip
    if market[G_ROW] >= 0:
        book[:, 0] = levels[:, market[G_ROW]]
        market[G_ROW] = -1
