"""Features at the moment of a touch, with what became of it: one level's training set.

Outcomes join features here and nowhere else, on (`symbol`, `dt`, `feature_ts` = `ts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Unpack

import numpy as np
import numpy.typing as npt

from ..catalogue.datasets import dataset
from ..catalogue.feature_tables import KEYS
from ..catalogue.vectors import OUTCOME, VECTOR, VECTOR_WITHOUT_OPTIONS
from ..errors import ContractError, LakeError, PartitionNotFoundError, UsageError
from ..features.level.levels import level_names
from ..features.outcome.barriers import PRIMARY, SETS
from ..lake.location import open_lake
from ..lake.paths import Partition
from ..lake.table import Verify
from .orientation import mirror_images
from .published import published_manifest
from .reading import Where, complete_partitions, scan

if TYPE_CHECKING:
    import polars as pl

BARRIER_SETS: Final = {one.label: one for one in SETS}

_EPISODE: Final = ("symbol", "dt", "level", "episode_id", "touch_ts", "feature_ts", "approach_side")
_OF_SET: Final = (
    "outcome",
    "driftless_bounce_probability",
    "bounce_score",
    "overlap_group",
    "overlap_group_all_levels",
)
_MADE: Final = ("touch_number", "outcome_ts", "label_end_ts", "sample_weight", "is_mirrored")


@dataclass(frozen=True)
class TrainingSet:
    """Touches of one level or several, in order of time.

    Attributes
    ----------
    levels : tuple of str
    features : polars.DataFrame, n rows
        The feature vector at ``feature_ts`` of each touch; null where missing.
    episodes : polars.DataFrame, n rows
        Which touch each row is, and its label: symbol, dt, level, episode_id, touch_ts, feature_ts,
        approach_side; of the barrier set outcome, driftless_bounce_probability, bounce_score,
        outcome_ts, overlap_group, overlap_group_all_levels; touch_number, that of the level's
        touches of the date; label_end_ts, until when the label looks; sample_weight; and
        is_mirrored, whether the features are those of the mirrored market.
    """

    levels: tuple[str, ...]
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

    @property
    def sample_weight(self) -> npt.NDArray[np.float64]:
        """The weights, shape (n,): average uniqueness among the labels of `levels`."""
        return np.asarray(self.episodes["sample_weight"].to_numpy(), np.float64)


def training_set(
    level: str | Sequence[str],
    *,
    barrier_set: str = PRIMARY.label,
    options: bool = True,
    other_levels: bool = True,
    timeouts: bool = False,
    orient: bool = False,
    verify: Verify = "pages",
    **where: Unpack[Where],
) -> TrainingSet:
    """Return the touches of levels with the features that stood when each was decided.

    Censored touches are left out. Touches whose labels overlap are all there: weigh them
    (`TrainingSet.sample_weight`).

    Parameters
    ----------
    level : str or sequence of str
        Of `level_names`, one or several.
    barrier_set : str
        ``primary``, ``8_ticks_300s``, ``16_ticks_900s`` or ``2_atr_1800s``.
    options : bool
        With the MARKET features of the options.
    other_levels : bool
        With the LEVEL features of the other levels too, which may be null in every row.
    timeouts : bool
        Keep the touches that reached neither barrier.
    orient : bool
        Replace the features of touches from above by those of the mirrored market, so that every
        touch comes from below. With ``other_levels``, or of several levels, the features of highs
        and lows change places with it. Columns of `TrainingSet.episodes` stay as they are.
    verify : str
        As for `reading.scan`.
    **where
        ``symbol``, ``dates``, ``lake_root``, ``roll_rule``, as for `reading.scan`.

    Raises
    ------
    UsageError
        An unknown level or barrier set, ``orient`` with a high but without its low, and as
        `reading.scan`.
    PartitionNotFoundError
        A date has outcomes but no feature vector.
    CorruptPartitionError
        A partition is not what was published.
    LakeError
        A touch has no features at its ``feature_ts``.
    """
    import polars as pl  # noqa: PLC0415 - not needed by the pipeline

    levels = (level,) if isinstance(level, str) else tuple(level)
    _check_names(levels, barrier_set)
    vector = VECTOR if options else VECTOR_WITHOUT_OPTIONS
    others = tuple(f"{one}_" for one in level_names() if one not in levels and not other_levels)
    names = [name for name in feature_names(vector) if not name.startswith(others)]
    _check_dates(vector, where, options=options)
    touches = _touches(levels, barrier_set, scan(OUTCOME, verify=verify, **where))
    touches = touches.filter(pl.lit(timeouts) | (pl.col("outcome") != "timeout"))
    is_mirrored = pl.lit(orient) & (pl.col("approach_side") > 0)
    touches = touches.with_columns(ts=pl.col("feature_ts"), is_mirrored=is_mirrored)
    features = scan(vector, verify=verify, **where).select("symbol", "dt", "ts", *names)
    joined = (
        touches.lazy()
        .join(
            features.with_columns(has_features=True),
            on=["symbol", "dt", "ts"],
            how="left",
            validate="m:1",
            maintain_order="left",
        )
        .collect()
    )
    lonely = joined.filter(pl.col("has_features").is_null())
    if lonely.height:
        row = lonely.row(0, named=True)
        raise LakeError(
            f"{vector} {row['symbol']} {row['dt']}: no row at {row['feature_ts']}, where "
            f"{row['level']} was touched; rebuild it with --layer gold --refresh-stale"
        )
    if orient:
        is_whole = other_levels or len(levels) > 1
        joined = mirror_images(joined, vector, pl.col("is_mirrored"), exchange_levels=is_whole)
    episodes = joined.select(*_EPISODE, *_OF_SET, *_MADE)
    return TrainingSet(levels, joined.select(names), episodes)


def _check_names(levels: Sequence[str], barrier_set: str) -> None:
    unknown = [level for level in levels if level not in level_names()]
    if unknown or not levels:
        what = repr(unknown[0]) if unknown else "none"
        raise UsageError(f"level {what}: use one of {', '.join(level_names())}")
    if barrier_set not in BARRIER_SETS:
        raise UsageError(f"barrier_set {barrier_set!r}: use one of {', '.join(BARRIER_SETS)}")


def _touches(levels: Sequence[str], barrier_set: str, outcomes: pl.LazyFrame) -> pl.DataFrame:
    # The labels of levels that are not censored, with their numbers and weights.
    import polars as pl  # noqa: PLC0415 - not needed by the pipeline

    name = BARRIER_SETS[barrier_set].name
    end = f"_{name}" if name else ""
    horizon = pl.duration(seconds=pl.col(f"horizon_seconds{end}"), time_unit="ns")
    found = (
        outcomes.filter(pl.col("level").cast(pl.String).is_in(list(levels)))
        .sort("dt", "episode_id")
        .with_columns(touch_number=pl.int_range(1, pl.len() + 1).over("symbol", "dt", "level"))
        .filter(~pl.col(f"censored{end}"))
        .select(
            *_EPISODE,
            "touch_number",
            *(pl.col(f"{name}{end}").alias(name) for name in _OF_SET),
            outcome_ts=pl.col(f"outcome_ts{end}"),
            label_end_ts=pl.col("feature_ts") + horizon,
        )
        .collect()
    )
    return found.with_columns(sample_weight=pl.Series(label_weights(found), dtype=pl.Float64))


def label_weights(episodes: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Return the average uniqueness of labels among all that are here, shape (n,).

    Parameters
    ----------
    episodes : polars.DataFrame, n rows
        With ``dt``, ``feature_ts`` and ``outcome_ts``, none of them censored.
    """
    from ..features.outcome.overlap import average_uniqueness  # noqa: PLC0415 - compiled

    session = np.unique(episodes["dt"].to_numpy(), return_inverse=True)[1].astype(np.int64)
    start_ns, end_ns = (
        episodes[name].dt.epoch("ns").to_numpy() for name in ("feature_ts", "outcome_ts")
    )
    return average_uniqueness(session, start_ns, end_ns, np.ones(episodes.height, np.bool_))


def _check_dates(vector: str, where: Where, *, options: bool) -> None:
    outcomes = complete_partitions(OUTCOME, **where)
    root = open_lake(where.get("lake_root", "lake"))
    parts = [Partition(dataset(vector), one.symbol, one.date) for one in outcomes]
    contract = dataset(vector).contract()
    lost = [part for part in parts if published_manifest(part, root, contract) is None]
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
