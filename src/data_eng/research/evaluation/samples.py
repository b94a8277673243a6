"""The touches of all levels as one table of features: those of MARKET and of the level touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...features.book.day_seconds import F64
from ...features.level.levels import level_names
from ..training import TrainingSet, label_weights

_SIDE = "approach_side"


@dataclass(frozen=True)
class Samples:
    """Touches with a score and a driftless probability; arrays of n rows.

    Attributes
    ----------
    names : tuple of str
        The k features; those of a level by their base names.
    X : float64 array, shape (n, k)
        NaN where missing.
    score : float64 array, shape (n,)
        1 for a bounce, 0 for a break, between them at a timeout.
    base : float64 array, shape (n,)
        Its expectation without drift.
    weight : float64 array, shape (n,)
        Average uniqueness among the labels of all levels that are here.
    session : datetime64 array, shape (n,)
    level : int64 array, shape (n,)
        Position in `level_names`.
    """

    names: tuple[str, ...]
    X: F64
    score: F64
    base: F64
    weight: F64
    session: npt.NDArray[np.datetime64]
    level: npt.NDArray[np.int64]


def pooled_samples(sets: Sequence[TrainingSet]) -> Samples:
    """Return the touches of several levels, in order of session and time.

    The features of the other levels are left out: each touch is described by the market and by its
    own level; ``approach_side`` is that of the touch, where features are of the mirrored market
    too. Touches without a score or a driftless probability are left out.

    Parameters
    ----------
    sets : sequence of TrainingSet
        Of one level each, with timeouts.
    """
    import polars as pl  # noqa: PLC0415 - not needed by the pipeline

    market = _market_names(sets[0])
    bases: dict[str, None] = {}
    for one in sets:
        bases |= dict.fromkeys(_base_names(one))
    names = (*market, *bases)
    blocks, levels = [], []
    for one in sets:
        frame = one.features
        columns = [frame[name].to_numpy() for name in market]
        (level,) = one.levels
        own = {name: frame[f"{level}_{name}"].to_numpy() for name in _base_names(one)}
        own[_SIDE] = one.episodes[_SIDE].to_numpy()
        missing = np.full(frame.height, np.nan)
        columns += [own.get(name, missing) for name in bases]
        blocks.append(np.stack(columns, axis=1).astype(np.float64))
        levels.append(np.full(frame.height, level_names().index(level)))
    episodes = pl.concat([one.episodes for one in sets])
    weight = label_weights(episodes)
    session = np.concatenate([one.groups for one in sets])
    score = episodes["bounce_score"].to_numpy()
    base = episodes["driftless_bounce_probability"].to_numpy()
    order = np.lexsort((episodes["episode_id"].to_numpy(), session))
    order = order[~np.isnan(score + base)[order]]
    return Samples(
        names=names,
        X=np.concatenate(blocks)[order],
        score=score[order],
        base=base[order],
        weight=weight[order],
        session=session[order],
        level=np.concatenate(levels)[order],
    )


def _market_names(one: TrainingSet) -> list[str]:
    prefixes = tuple(f"{level}_" for level in level_names())
    return [name for name in one.features.columns if not name.startswith(prefixes)]


def _base_names(one: TrainingSet) -> list[str]:
    prefix = f"{one.levels[0]}_"
    return [n.removeprefix(prefix) for n in one.features.columns if n.startswith(prefix)]
