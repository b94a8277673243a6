"""The options' volume of earlier sessions, at the wall times of a date's steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ..exchange.sessions import FIRST3H, session_ns
from ..features.definitions import OPTION_STEP_SECONDS
from ..features.option_market.trade_windows import is_known_since_open
from ..lake.inputs import PARENTS_FACT
from ..lake.manifest import Manifest
from ..lake.table import Table
from .option_coverage import buckets_covered
from .option_trades import read_sizes

F64 = npt.NDArray[np.float64]

_STEP_NS: Final = OPTION_STEP_SECONDS * 10**9


def same_parents(tables: Sequence[Table], manifest: Manifest) -> list[Table]:
    """Return the tables whose files were asked for the same as those of a date."""
    wanted = manifest.facts.get(PARENTS_FACT)
    return [one for one in tables if one.manifest.facts.get(PARENTS_FACT) == wanted]


def prior_option_volume(sessions: Sequence[Table], steps: int) -> F64:
    """Return the contracts traded since 09:30 at every 5 seconds of earlier sessions.

    Parameters
    ----------
    sessions : sequence of Table
        Clean trades, each of a date with a regular session.
    steps : int
        Times from 09:30 New York on.

    Returns
    -------
    float64 array, shape (sessions, steps)
        NaN where the session's files do not cover the time from 09:30 on.
    """
    found = [_volume(one, steps) for one in sessions]
    return np.stack(found) if found else np.empty((0, steps))


def _volume(table: Table, steps: int) -> F64:
    open_ns = session_ns(table.partition.date, FIRST3H[0])
    starts = open_ns + _STEP_NS * np.arange(-1, steps - 1)
    times, sizes = read_sizes(table, open_ns, open_ns + _STEP_NS * (steps - 1))
    total = np.concatenate([[0.0], np.cumsum(sizes, dtype=np.float64)])
    volume = total[np.searchsorted(times, starts + _STEP_NS, "left")]
    is_covered = buckets_covered(starts, table.manifest, _STEP_NS)
    return np.where(is_known_since_open(is_covered), volume, np.nan)
