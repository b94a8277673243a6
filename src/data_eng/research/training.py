"""Features at the moment of a touch, with what became of it: one level's training set.

Outcomes join features here and nowhere else, on (`symbol`, `dt`, `feature_ts` = `ts`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack

import numpy as np
import numpy.typing as npt

from ..catalogue.datasets import dataset
from ..catalogue.feature_tables import KEYS
from ..catalogue.vectors import VECTOR, VECTOR_WITHOUT_OPTIONS
from ..errors import ContractError, LakeError, PartitionNotFoundError, UsageError
from ..features.level.levels import level_names
from ..lake.paths import Partition
from .reading import Where, complete_partitions, published_manifest, scan

if TYPE_CHECKING:
    import polars as pl

OUTCOME: Final = "gold.future.level_outcome"
PRIMARY: Final = "primary"
BARRIER_SETS: Final = (PRIMARY, "8_ticks_300s", "16_ticks_900s", "2_atr_1800s")

_EPISODE: Final = ("symbol", "dt", "level", "episode_id", "touch_ts", "feature_ts", "approach_side")


@dataclass(frozen=True)
class TrainingSet:
    """Decided touches of one level, in order of time.

    Attributes
    ----------
    level : str
    features : polars.DataFrame, n rows
        The feature vector at ``feature_ts`` of each touch; null where missing.
    episodes : polars.DataFrame, n rows
        Which touch each row is: symbol, dt, level, episode_id, touch_ts, feature_ts,
        approach_side, overlap_group, outcome, and label_end_ts, until when its label looks.
    """

    level: str
    features: pl.DataFrame
    episodes: pl.DataFrame

    @property
    def X(self) -> npt.NDArray[np.float64]:  # noqa: N802 - scikit-learn's name
        """The features, shape (n, k), NaN where missing."""
        columns = [column.to_numpy() for column in self.features.iter_columns()]
        return np.stack(columns, axis=1).astype(np.float64)

    @property
    def y(self) -> npt.NDArray[np.str_]:
        """The outcomes, shape (n,): bounce or break, and timeout where it was asked for."""
        return np.asarray(self.episodes["outcome"].to_list(), np.str_)

    @property
    def groups(self) -> npt.NDArray[np.datetime64]:
        """The sessions, shape (n,): what a split must not cut."""
        return np.asarray(self.episodes["dt"].to_numpy(), "datetime64[D]")


def training_set(
    level: str,
    *,
    barrier_set: str = PRIMARY,
    options: bool = True,
    other_levels: bool = True,
    timeouts: bool = False,
    **where: Unpack[Where],
) -> TrainingSet:
    """Return the touches of a level with the features that stood when each was decided.

    Of the touches of the level that share an overlap group the first one counts; censored touches
    are left out.

    Parameters
    ----------
    level : str
        One of `level_names`.
    barrier_set : str
        ``primary``, ``8_ticks_300s``, ``16_ticks_900s`` or ``2_atr_1800s``.
    options : bool
        With the MARKET features of the options.
    other_levels : bool
        With the LEVEL features of the other levels too, which may be null in every row.
    timeouts : bool
        Keep the touches that reached neither barrier.
    **where
        ``symbol``, ``dates``, ``lake_root``, ``roll_rule``, as for `reading.scan`.

    Raises
    ------
    UsageError
        An unknown level or barrier set, and as `reading.scan`.
    PartitionNotFoundError
        A date has outcomes but no feature vector.
    LakeError
        A touch has no features at its ``feature_ts``.
    """
    import polars as pl  # noqa: PLC0415 - not needed by the pipeline

    if level not in level_names():
        raise UsageError(f"level {level!r}: use one of {', '.join(level_names())}")
    if barrier_set not in BARRIER_SETS:
        raise UsageError(f"barrier_set {barrier_set!r}: use one of {', '.join(BARRIER_SETS)}")
    vector = VECTOR if options else VECTOR_WITHOUT_OPTIONS
    others = tuple(f"{one}_" for one in level_names() if one != level and not other_levels)
    names = [name for name in feature_names(vector) if not name.startswith(others)]
    _check_dates(vector, where, options=options)
    end = "" if barrier_set == PRIMARY else f"_{barrier_set}"
    horizon = pl.duration(seconds=pl.col(f"horizon_seconds{end}"), time_unit="ns")
    touches = (
        scan(OUTCOME, **where)
        .filter(pl.col("level") == level)
        .sort("dt", "episode_id")
        .unique(["symbol", "dt", "overlap_group"], keep="first", maintain_order=True)
        .filter(~pl.col(f"censored{end}"))
        .filter(pl.lit(timeouts) | (pl.col(f"outcome{end}") != "timeout"))
        .select(
            *_EPISODE,
            "overlap_group",
            outcome=pl.col(f"outcome{end}"),
            label_end_ts=pl.col("feature_ts") + horizon,
        )
        .with_columns(ts=pl.col("feature_ts"))
    )
    features = scan(vector, **where).select("symbol", "dt", "ts", *names)
    joined = touches.join(
        features.with_columns(has_features=True),
        on=["symbol", "dt", "ts"],
        how="left",
        validate="m:1",
        maintain_order="left",
    ).collect()
    lonely = joined.filter(pl.col("has_features").is_null())
    if lonely.height:
        row = lonely.row(0, named=True)
        raise LakeError(
            f"{vector} {row['symbol']} {row['dt']}: no row at {row['feature_ts']}, where {level} "
            "was touched; rebuild it with --layer gold --refresh-stale"
        )
    episodes = joined.select(*_EPISODE, "overlap_group", "outcome", "label_end_ts")
    return TrainingSet(level, joined.select(names), episodes)


def _check_dates(vector: str, where: Where, *, options: bool) -> None:
    outcomes = complete_partitions(OUTCOME, **where)
    root = Path(where.get("lake_root", "lake"))
    parts = [Partition(dataset(vector), one.symbol, one.date) for one in outcomes]
    lost = [part for part in parts if published_manifest(part, root) is None]
    if lost:
        more = f" and {len(lost) - 1} more dates" if len(lost) > 1 else ""
        remedy = "run --product-type all --layer all"
        if options:
            remedy += ", or without data of the options use options=False (--without-options)"
        raise PartitionNotFoundError(
            f"{vector} {lost[0].symbol} {lost[0].date}{more}: no complete partition beside the "
            f"outcomes; {remedy}"
        )


def feature_names(vector: str) -> list[str]:
    """Return the features of a vector, its keys left out.

    Raises
    ------
    ContractError
        One of them is a column of the outcomes.
    """
    names = [field.name for field in dataset(vector).contract().fields if field.name not in KEYS]
    leaked = {field.name for field in dataset(OUTCOME).contract().fields}.intersection(names)
    if leaked:
        raise ContractError(f"{vector}: {min(leaked)} is a column of {OUTCOME}, no feature")
    return names


class PurgedSessionSplit:
    """Cross-validation by blocks of whole sessions, as scikit-learn's splitters.

    The sessions are cut into blocks in order of time, each in turn the test set. No label looks
    beyond its session (the longest horizon ends at 13:00), so whole sessions purge every label
    that overlaps the test set; sessions next to a block are left out of training besides
    (embargo; López de Prado 2018, chapter 7).

    Parameters
    ----------
    n_splits : int
        Blocks, at least 2.
    embargo_sessions : int
        Sessions left out of training on either side of the test block.
    """

    def __init__(self, n_splits: int = 5, *, embargo_sessions: int = 1) -> None:
        counts = (n_splits, embargo_sessions)
        are_whole = all(isinstance(n, int | np.integer) for n in counts)
        if not are_whole or n_splits < 2 or embargo_sessions < 0:
            raise UsageError(
                f"n_splits {n_splits!r}, embargo_sessions {embargo_sessions!r}: whole numbers, at "
                "least 2 and 0"
            )
        self.n_splits = n_splits
        self.embargo_sessions = embargo_sessions

    def __repr__(self) -> str:
        """Return the call that makes it."""
        name = type(self).__name__
        return f"{name}(n_splits={self.n_splits}, embargo_sessions={self.embargo_sessions})"

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: N803
        """Return the number of splits."""
        return self.n_splits

    def split(
        self,
        X: Any,  # noqa: N803 - scikit-learn's name
        y: Any = None,
        groups: Any = None,
    ) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
        """Yield the rows of training and test set of each split.

        Parameters
        ----------
        X : array, shape (n, k)
        y : ignored
        groups : array, shape (n,)
            Session of each row, in an order of time.

        Raises
        ------
        UsageError
            No groups, not one for each row, or too few sessions for training sets in all splits.
        """
        if groups is None:
            raise UsageError("groups are missing: the session of each row")
        if len(groups) != len(X):
            raise UsageError(f"{len(groups)} groups for {len(X)} rows")
        sessions, session = np.unique(np.asarray(groups), return_inverse=True)
        blocks = np.array_split(np.arange(len(sessions)), self.n_splits)
        needed = len(blocks[0]) + 2 * self.embargo_sessions
        if len(sessions) < self.n_splits or len(sessions) <= needed:
            raise UsageError(
                f"{len(sessions)} sessions are too few for {self.n_splits} splits with "
                f"{self.embargo_sessions} sessions of embargo"
            )
        for block in blocks:
            near = (session >= block[0] - self.embargo_sessions) & (
                session <= block[-1] + self.embargo_sessions
            )
            is_test = (session >= block[0]) & (session <= block[-1])
            yield np.flatnonzero(~near), np.flatnonzero(is_test)
