"""Touches become episodes: their barriers, and which of them trades reach first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..book.day_seconds import F64, I64
from ..book.second_sums import SECOND_NS
from ..level.level_path import LevelPath
from ..level.level_touches import Touches
from ..true_range import TrueRange, last_closed
from .barriers import PRIMARY, SETS, BarrierSet
from .close_outcome import close_outcomes
from .driftless import MidBarriers, bounce_scores, mid_barriers
from .episodes import BarrierOutcome, Episodes
from .first_passage import CENSORED, OPEN, TIMEOUT, OpenEpisodes, walk
from .overlap import average_uniqueness, overlap_groups


@dataclass(frozen=True)
class DayPrices:
    """What touches are labelled by.

    Attributes
    ----------
    times, price : int64 array, ns since epoch UTC, and float64 array, ticks, shape (n,)
        The trades that count, in record order, up to the longest horizon after the grid.
    start_ns : int, ns since epoch UTC
        A whole second, where the mids begin.
    mids : float64 array, shape (seconds + 1,), ticks
        Mid at each whole second, of the last complete book before it; NaN without a valid quote.
    half_spreads : float64 array, shape (seconds + 1,), ticks
        Half the quoted spread of the same books.
    true_range : TrueRange
        Wilder's average, in ticks.
    last_ns : int, ns since epoch UTC
        Time of the last record that there is: a horizon after it is not known.
    """

    times: I64
    price: F64
    start_ns: int
    mids: F64
    half_spreads: F64
    true_range: TrueRange
    last_ns: int

    def mid_at(self, times: I64) -> F64:
        """Return the mid at whole seconds, NaN before the first and after the last record."""
        return self._at(self.mids, times)

    def half_spread_at(self, times: I64) -> F64:
        """Return half the quoted spread likewise."""
        return self._at(self.half_spreads, times)

    def _at(self, values: F64, times: I64) -> F64:
        at = (times - self.start_ns) // SECOND_NS
        is_there = (at >= 0) & (at < len(values)) & (self.last_ns >= times)
        return np.where(is_there, values[np.where(is_there, at, 0)], np.nan)


def label_touches(
    paths: Sequence[LevelPath], touches: Touches, prices: DayPrices, open_ns: int, end_ns: int
) -> Episodes:
    """Return the episodes: touches whose ``feature_ns`` lies on the grid, with their outcomes.

    Parameters
    ----------
    paths : sequence of LevelPath
    touches : Touches
    prices : DayPrices
    open_ns, end_ns : int, ns since epoch UTC
        First and last row of the grid.
    """
    touches = touches.on_grid(open_ns, end_ns)
    feature_ns = touches.feature_ns
    touched, side = np.arange(len(touches)), touches.side.astype(np.float64)
    level_ticks = _levels_at(paths, feature_ns)[touched, touches.level]
    true_range = last_closed(prices.true_range.ts_end, prices.true_range.value, feature_ns)
    at_feature, half_spread = prices.mid_at(feature_ns), prices.half_spread_at(feature_ns)
    at_horizon = prices.mid_at(feature_ns + PRIMARY.horizon_seconds * SECOND_NS)
    outcomes = []
    for barriers in SETS:
        distance = barriers.distance(true_range)
        reached_at = mid_barriers(level_ticks, side, distance, half_spread)
        # Without a level at feature_ts there is nothing to reach, and so no timeout either.
        is_lost = np.isnan(level_ticks)
        is_lost |= ~np.isnan(at_feature) & ~reached_at.is_between(at_feature)
        episodes = OpenEpisodes(
            touches.touch_ns, feature_ns, level_ticks, side, distance,
            np.where(is_lost, CENSORED, OPEN).astype(np.uint8), np.zeros_like(feature_ns),
            np.zeros_like(side), np.zeros_like(side),
        )  # fmt: skip
        walk(prices.times, prices.price, barriers.horizon_seconds * SECOND_NS, episodes)
        outcomes.append(_outcome(barriers, episodes, reached_at, touches.level, prices))
    return Episodes(
        level=touches.level,
        touch_ns=touches.touch_ns,
        feature_ns=feature_ns,
        side=touches.side,
        cause=touches.cause,
        level_ticks=level_ticks,
        mid_change=at_horizon - at_feature,
        osler=(touches.mid_after - level_ticks) * side,
        close=close_outcomes(
            (prices.times, prices.price), feature_ns, level_ticks, side, prices.last_ns
        ),
        outcomes=tuple(outcomes),
    )


def _levels_at(paths: Sequence[LevelPath], times: I64) -> F64:
    # Every level at every time, shape (times, levels), NaN where it has no value.
    at = [path.at(times) for path in paths]
    return np.stack(at, axis=1) if at else np.zeros((len(times), 0))


def _outcome(
    barriers: BarrierSet,
    walked: OpenEpisodes,
    reached_at: MidBarriers,
    level: I64,
    prices: DayPrices,
) -> BarrierOutcome:
    horizon = walked.feature_ns + barriers.horizon_seconds * SECOND_NS
    is_over = (walked.outcome == OPEN) & (prices.last_ns >= horizon)
    outcome = np.where(is_over, TIMEOUT, np.where(walked.outcome == OPEN, CENSORED, walked.outcome))
    is_censored = outcome == CENSORED
    outcome_ns = np.where(is_censored, 0, np.where(is_over, horizon, walked.outcome_ns))
    share = reached_at.bounce_share(prices.mid_at(walked.feature_ns))
    own = (level, walked.feature_ns, outcome_ns, ~is_censored)
    pooled = (np.zeros_like(level), *own[1:])
    return BarrierOutcome(
        barrier_ticks=walked.barrier,
        outcome=outcome.astype(np.uint8),
        outcome_ns=outcome_ns,
        favourable=np.where(is_censored, np.nan, walked.favourable),
        adverse=np.where(is_censored, np.nan, walked.adverse),
        driftless=np.where(is_censored, np.nan, share),
        score=bounce_scores(outcome, reached_at, prices.mid_at(horizon)),
        group=overlap_groups(*own),
        group_all_levels=overlap_groups(*pooled),
        uniqueness=average_uniqueness(*own),
        uniqueness_all_levels=average_uniqueness(*pooled),
    )
