"""The columns that look back beyond the day: other sessions, closed bars, the calendar."""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from src.data_eng.features.definitions import VPIN_BUCKETS as BUCKETS
from tests.features.market.record_streams import Record
from tests.features.market.reference import NS, Reference, Value, divided, is_counted, sign
from tests.features.market.vpin_reference import naive

NAMES = (
    "relative_volume_300s",
    "relative_total_depth_top_10_prices",
    "rth_range_to_average_rth_range",
    "large_trade_volume_share_300s",
    "large_trade_flow_imbalance_300s",
    "opening_gap_bps",
    "average_true_range_14_2m_ticks",
    "efficiency_ratio_15_two_minute_bars",
    "vpin",
    "days_to_futures_expiry",
)
SESSION = 23_400 * NS
"""From 09:30 to 16:00."""


@dataclass(frozen=True)
class Session:
    """The records of an earlier session's partition, its 09:30, and its regular close."""

    records: Sequence[Record]
    open_ns: int
    close_ns: int | None = None
    covered: tuple[int, int] | None = None

    def row(self, since_open: int) -> Reference:
        """Return the row at the same wall time."""
        t = self.open_ns + since_open
        return Reference(self.records, t, 0, self.open_ns, 1.0, self.covered)

    @property
    def regular_trades(self) -> list[Record]:
        """The trades from 09:30 to 16:00."""
        end = self.open_ns + SESSION
        return [r for r in self.records if is_counted(r) and self.open_ns <= r.t < end]


@dataclass(frozen=True)
class History:
    """What a day's rows take from elsewhere.

    ``sessions`` are the 20 before the date, the latest first, None where absent; ``before`` is
    the session before the date in the same contract; ``bars`` are the 2-minute bars of the
    contract by their end: end, ns, then high, low and close in ticks.
    """

    sessions: Sequence[Session | None] = ()
    before: Session | None = None
    bars: Sequence[tuple[int, float, float, float]] = ()
    date: dt.date | None = None
    expires: dt.date | None = None

    @property
    def present(self) -> list[Session]:
        return [session for session in self.sessions if session is not None]


NO_HISTORY = History()


def history_columns(ref: Reference, history: History) -> dict[str, Value]:
    rows = [session.row(ref.ts - ref.open) for session in history.present]
    days = None
    if history.date is not None and history.expires is not None:
        days = (history.expires - history.date).days
    return {
        "relative_volume_300s": to_sessions(volume_300s(ref), rows, volume_300s),
        "relative_total_depth_top_10_prices": to_sessions(
            total_depth(ref, ref.ts), rows, mean_depth
        ),
        "rth_range_to_average_rth_range": relative_range(ref, history),
        "opening_gap_bps": opening_gap(ref, history),
        "average_true_range_14_2m_ticks": average_true_range(ref, history),
        "efficiency_ratio_15_two_minute_bars": efficiency_ratio(ref, history),
        "vpin": vpin(ref, history),
        "days_to_futures_expiry": days,
    } | large_trades(ref, history)


def to_sessions(now: Value, rows: Sequence[Reference], of: Callable[[Reference], Value]) -> Value:
    """Return a value over the mean of another at the same wall time of the earlier sessions."""
    prior = [of(row) for row in rows]
    found = [value for value in prior if value is not None]
    return None if now is None or len(found) < 5 else divided(now, fmean(found))


def volume_300s(ref: Reference) -> Value:
    volume = sum(r.size or 0 for r in ref.in_window(300))
    return ref.if_known(volume, 300) if ref.is_covered(300) and not ref.is_outside else None


def total_depth(ref: Reference, t: int) -> Value:
    book = ref.book_at(t)
    if book is None or min(map(len, book)) < 10:
        return None
    return sum(size for side in book for _, size, _ in side)


def mean_depth(ref: Reference) -> Value:
    """Return the mean depth as of the ends of the 300 seconds before a row."""
    if ref.is_outside:
        return None
    depths = [total_depth(ref, ref.ts - k * NS) for k in range(300)]
    found = [depth for depth in depths if depth is not None]
    return ref.if_known(fmean(found), 300) if found else None


def trade_range(trades: Sequence[Record]) -> Value:
    prices = [r.price or 0 for r in trades]
    return max(prices) - min(prices) if prices else None


def relative_range(ref: Reference, history: History) -> Value:
    now = trade_range([r for r in ref.trades if r.t >= ref.open])
    prior = [trade_range(session.regular_trades) for session in history.present]
    found = [value for value in prior if value is not None]
    if now is None or ref.is_unknown or len(found) < 5:
        return None
    return divided(now, fmean(found))


def large_trades(ref: Reference, history: History) -> dict[str, Value]:
    row: dict[str, Value] = {
        "large_trade_volume_share_300s": None,
        "large_trade_flow_imbalance_300s": None,
    }
    sizes = sorted(r.size or 0 for s in history.present for r in s.regular_trades)
    if len(history.present) < 5 or not sizes:
        return row
    enough = (s for s in sizes if 100 * bisect_right(sizes, s) >= 99 * len(sizes))
    least = max(2, next(enough))
    inside = ref.in_window(300)
    large = [(r.size or 0, sign(r)) for r in inside if (r.size or 0) >= least]
    share = divided(sum(v for v, _ in large), sum(r.size or 0 for r in inside))
    flow = divided(sum(v * d for v, d in large), sum(v * abs(d) for v, d in large))
    row["large_trade_volume_share_300s"] = ref.if_known(share, 300)
    row["large_trade_flow_imbalance_300s"] = ref.if_known(flow, 300)
    return row


def opening_gap(ref: Reference, history: History) -> Value:
    first = next((r.price for r in ref.trades if r.t >= ref.open), None)
    if first is None or history.before is None or history.before.close_ns is None:
        return None
    end = history.before.close_ns
    closing = [r.price for r in history.before.records if is_counted(r) and r.t < end]
    return 1e4 * math.log(first / closing[-1]) if closing and closing[-1] else None


def average_true_range(ref: Reference, history: History) -> Value:
    """Wilder's average of 14: the mean of the first 14 ranges, then a fourteenth of each more."""
    closed = [bar for bar in history.bars if bar[0] <= ref.ts]
    ranges = []
    for (_, _, _, before), (_, high, low, _) in pairwise(closed):
        ranges.append(max(high, before) - min(low, before))
    if len(ranges) < 14:
        return None
    value = fmean(ranges[:14])
    for one in ranges[14:]:
        value = (13 * value + one) / 14
    return value


def efficiency_ratio(ref: Reference, history: History) -> Value:
    closes = [close for end, _, _, close in history.bars if end <= ref.ts][-16:]
    if len(closes) < 16:
        return None
    return divided(abs(closes[-1] - closes[0]), sum(abs(b - a) for a, b in pairwise(closes)))


def vpin(ref: Reference, history: History) -> Value:
    sessions = history.present
    if len(sessions) < 20:
        return None
    days = [[r for r in session.records if is_counted(r)] for session in reversed(sessions)]
    mean = fmean(sum(r.size or 0 for r in day) for day in days)
    trades = [r for day in (*days, ref.trades) for r in day]
    bucket = max(1, round(mean / BUCKETS))
    return naive([(r.size or 0, sign(r)) for r in trades], bucket)
