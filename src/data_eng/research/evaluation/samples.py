"""The touches of all levels as one table of features: those of MARKET and of the level touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...features.book.day_seconds import F64
from ...features.level.levels import level_names
from ..training import TrainingSet


@dataclass(frozen=True)
class Samples:
    """Decided touches, bounce or break.

    Attributes
    ----------
    names : tuple of str
        The k features; those of a level by their base names.
    X : float64 array, shape (n, k)
        NaN where missing.
    is_bounce : bool array, shape (n,)
    session : datetime64 array, shape (n,)
    level : int64 array, shape (n,)
        Position in `level_names`.
    """

    names: tuple[str, ...]
    X: F64
    is_bounce: npt.NDArray[np.bool_]
    session: npt.NDArray[np.datetime64]
    level: npt.NDArray[np.int64]


def pooled_samples(sets: Sequence[TrainingSet]) -> Samples:
    """Return the decided touches of several levels, in order of session and time.

    The features of the other levels are left out: each touch is described by the market and by its
    own level. Of touches that share an overlap group the first one counts.
    """
    market = _market_names(sets[0])
    bases: dict[str, None] = {}
    for one in sets:
        bases |= dict.fromkeys(_base_names(one))
    blocks, bounces, sessions, levels, events = [], [], [], [], []
    for one in sets:
        frame = one.features
        columns = [frame[name].to_numpy() for name in market]
        own = {name: frame[f"{one.level}_{name}"].to_numpy() for name in _base_names(one)}
        missing = np.full(frame.height, np.nan)
        columns += [own.get(name, missing) for name in bases]
        blocks.append(np.stack(columns, axis=1).astype(np.float64))
        bounces.append(one.y == "bounce")
        sessions.append(one.groups)
        events.append(one.episodes.select("episode_id", "overlap_group").to_numpy())
        levels.append(np.full(frame.height, level_names().index(one.level)))
    session = np.concatenate(sessions)
    episode, group = np.concatenate(events).T
    order = np.lexsort((episode, session))
    pairs = np.stack([session[order].astype(np.int64), group[order]], axis=1)
    order = order[np.sort(np.unique(pairs, axis=0, return_index=True)[1])]
    return Samples(
        names=(*market, *bases),
        X=np.concatenate(blocks)[order],
        is_bounce=np.concatenate(bounces)[order],
        session=session[order],
        level=np.concatenate(levels)[order],
    )


def _market_names(one: TrainingSet) -> list[str]:
    prefixes = tuple(f"{level}_" for level in level_names())
    return [name for name in one.features.columns if not name.startswith(prefixes)]


def _base_names(one: TrainingSet) -> list[str]:
    prefix = f"{one.level}_"
    return [n.removeprefix(prefix) for n in one.features.columns if n.startswith(prefix)]
