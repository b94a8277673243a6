"""One pass over a day's trades and mids: touches of any number of levels, and their outcomes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, I64
from ..book.market_events import MarketEvents
from ..book.second_sums import SECOND_NS
from ..definitions import OSLER_SECONDS
from ..level.level_path import LevelPath, steps_of
from ..level.touch_search import LevelEvents, find_touches, new_search
from ..true_range import TrueRange, last_closed
from .barriers import PRIMARY, SETS, BarrierSet
from .episodes import BarrierOutcome, Episodes, overlap_groups
from .first_passage import CENSORED, OPEN, TIMEOUT, OpenEpisodes, walk

_FIRST_ROOM = 256


class _Episode:
    """The episodes found so far, grown chunk by chunk."""

    def __init__(self) -> None:
        self.labelled = 0
        self.feature_ns = np.zeros(0, np.int64)
        self.touch_ns = np.zeros(0, np.int64)
        self.side = np.zeros(0)
        self.level_ticks = np.zeros(0)
        self.mids = np.full((3, 0), np.nan)  # at feature_ns, at the horizon, for Osler's bounce
        self.sets = [_SetState(one) for one in SETS]


class _SetState:
    def __init__(self, barriers: BarrierSet) -> None:
        self.barriers = barriers
        self.distance = np.zeros(0)
        self.outcome = np.zeros(0, np.uint8)
        self.outcome_ns = np.zeros(0, np.int64)
        self.favourable = np.zeros(0)
        self.adverse = np.zeros(0)

    def grow(self, true_range: F64, level_ticks: F64) -> None:
        count = len(true_range)
        # Without a level at feature_ts there is nothing to reach, and so no timeout either.
        begun = np.where(np.isnan(level_ticks), CENSORED, OPEN).astype(np.uint8)
        self.distance = np.append(self.distance, self.barriers.distance(true_range))
        self.outcome = np.append(self.outcome, begun)
        self.outcome_ns = np.append(self.outcome_ns, np.zeros(count, np.int64))
        self.favourable = np.append(self.favourable, np.zeros(count))
        self.adverse = np.append(self.adverse, np.zeros(count))

    def finish(self, feature_ns: I64, last_ns: int, order: npt.NDArray[np.intp]) -> BarrierOutcome:
        horizon = feature_ns + self.barriers.horizon_seconds * SECOND_NS
        found = self.outcome[order]
        is_over = (found == OPEN) & (last_ns >= horizon)
        outcome = np.where(is_over, TIMEOUT, np.where(found == OPEN, CENSORED, found))
        times = np.where(is_over, horizon, self.outcome_ns[order])
        is_censored = outcome == CENSORED
        return BarrierOutcome(
            barrier_ticks=self.distance[order],
            outcome=outcome.astype(np.uint8),
            outcome_ns=np.where(is_censored, 0, times),
            favourable=np.where(is_censored, np.nan, self.favourable[order]),
            adverse=np.where(is_censored, np.nan, self.adverse[order]),
        )


class OutcomePass:
    """Finds the touches of levels and labels them.

    Parameters
    ----------
    paths : sequence of LevelPath
    true_range : TrueRange
        Wilder's average, in ticks.
    open_ns, end_ns : int, ns since epoch UTC
        First and last row of the grid; an episode is a touch whose ``feature_ns`` lies on it.
    """

    def __init__(
        self, paths: Sequence[LevelPath], true_range: TrueRange, open_ns: int, end_ns: int
    ) -> None:
        self._paths = tuple(paths)
        self._range = true_range
        self._open_ns, self._end_ns = open_ns, end_ns
        self._steps, self._values = steps_of(paths)
        self._search = new_search(len(paths), max(_FIRST_ROOM, 2 * len(paths)))
        self._kept: list[int] = []
        self._found = 0
        self._episode = _Episode()
        self._tied = (np.zeros(0, np.int64), np.zeros(0))

    def add(self, events: MarketEvents) -> None:
        """Take the next events; those up to the longest horizon after the grid are needed."""
        mid_before = float(self._search.state["mid"][0])
        taken = LevelEvents(events.times, events.is_trade, events.value, self._steps, self._values)
        done, count = 0, int(np.searchsorted(events.times, self._end_ns))
        while done < count:
            done = int(find_touches(taken, done, self._end_ns, self._search))
            if done < count:
                room = self._search.touches
                more = np.concatenate([room, np.zeros_like(room)])
                self._search = self._search._replace(touches=more)
        self._take_episodes()
        self._label(events, mid_before)

    def finish(self, last_ns: int) -> Episodes:
        """Return the episodes; no events may follow.

        Parameters
        ----------
        last_ns : int, ns since epoch UTC
            Time of the last record that there is: a horizon after it is not known.
        """
        found, touches = self._episode, self._search.touches[self._kept]
        # Trades at one time may start several touches: then in order of level.
        order = np.lexsort((touches["level"], found.touch_ns))
        touches, touch_ns, feature_ns = (
            touches[order],
            found.touch_ns[order],
            found.feature_ns[order],
        )
        horizon_ns = feature_ns + PRIMARY.horizon_seconds * SECOND_NS
        at_feature, at_horizon, at_osler = found.mids[:, order]
        at_horizon = np.where(last_ns >= horizon_ns, at_horizon, np.nan)
        at_osler = np.where(last_ns >= touch_ns + OSLER_SECONDS * SECOND_NS, at_osler, np.nan)
        prices = np.stack([self._level_at(n, touch_ns) for n in range(len(self._paths))], 1)
        level, end_ns, side = (touches[field] for field in ("level", "end_ns", "side"))
        return Episodes(
            level=level,
            touch_ns=touch_ns,
            feature_ns=feature_ns,
            end_ns=end_ns,
            side=side,
            cause=touches["cause"],
            level_ticks=found.level_ticks[order],
            mid_change=at_horizon - at_feature,
            osler=(at_osler - found.level_ticks[order]) * side,
            overlap_group=overlap_groups(level, touch_ns, end_ns, prices),
            outcomes=tuple(one.finish(feature_ns, last_ns, order) for one in found.sets),
        )

    def _level_at(self, level: int, times: I64) -> F64:
        path = self._paths[level]
        step = np.searchsorted(path.times, times, side="right") - 1
        return np.append(path.ticks, np.nan)[step]

    def _take_episodes(self) -> None:
        # The touches found since the last chunk whose feature_ts lies on the grid.
        count = int(self._search.state["found"][0])
        rows = np.arange(self._found, count)
        self._found = count
        feature = (self._search.touches["touch_ns"][rows] // SECOND_NS + 1) * SECOND_NS
        is_kept = (feature >= self._open_ns) & (feature <= self._end_ns)
        rows, feature = rows[is_kept], feature[is_kept]
        if not len(rows):
            return
        found, touches = self._episode, self._search.touches[rows]
        self._kept += rows.tolist()
        found.feature_ns = np.append(found.feature_ns, feature)
        found.touch_ns = np.append(found.touch_ns, touches["touch_ns"])
        found.side = np.append(found.side, touches["side"].astype(np.float64))
        levels = np.array(
            [
                self._level_at(int(n), np.array([t]))[0]
                for n, t in zip(touches["level"], feature, strict=True)
            ]
        )
        found.level_ticks = np.append(found.level_ticks, levels)
        found.mids = np.hstack([found.mids, np.full((3, len(rows)), np.nan)])
        true_range = last_closed(self._range.ts_end, self._range.value, feature)
        for one in found.sets:
            one.grow(true_range, levels)

    def _trades(self, events: MarketEvents) -> tuple[I64, F64]:
        # The trades, after those before at the last time: a touch may be of that time too, and
        # where it begins must not depend on where the chunks do. Seen twice they change nothing.
        trades = np.flatnonzero(events.is_trade)
        times = np.append(self._tied[0], events.times[trades])
        price = np.append(self._tied[1], events.value[trades])
        tied = np.searchsorted(times, times[-1]) if len(times) else 0
        self._tied = (times[tied:].copy(), price[tied:].copy())
        return times, price

    def _label(self, events: MarketEvents, mid_before: float) -> None:
        found = self._episode
        times, price = self._trades(events)
        if not len(found.feature_ns):
            return
        for one in found.sets:
            episodes = OpenEpisodes(
                found.touch_ns, found.feature_ns, found.level_ticks, found.side, one.distance,
                one.outcome, one.outcome_ns, one.favourable, one.adverse,
            )  # fmt: skip
            walk(times, price, one.barriers.horizon_seconds * SECOND_NS, episodes)
        books = np.flatnonzero(~events.is_trade)
        times, mids = events.times[books], np.append(events.value[books], mid_before)
        horizon = PRIMARY.horizon_seconds * SECOND_NS
        wanted = (
            found.feature_ns,
            found.feature_ns + horizon,
            found.touch_ns + OSLER_SECONDS * SECOND_NS,
        )
        # The mid of a new episode may stand since before these events, which is the last of mids.
        is_first = np.arange(len(found.touch_ns)) >= found.labelled
        for row, at in zip(found.mids, wanted, strict=True):
            last = np.searchsorted(times, at) - 1
            is_later = (last >= 0) | is_first
            row[is_later] = mids[last[is_later]]
        found.labelled = len(found.touch_ns)
