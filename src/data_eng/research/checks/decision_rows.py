"""How often what the book says of a level is null where it is needed: at the decision rows.

The book says nothing of a price that it does not show. At the decision row of a touch the price is
at the level, so that the columns of `OF_THE_BOOK` have a value there; a rule that made them null
just then would pass every other check.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...catalogue.datasets import dataset
from ...catalogue.feature_tables import FeatureTable
from ...catalogue.finding import Finding, Severity
from ...catalogue.vectors import OUTCOME
from ...errors import PartitionNotFoundError
from ...lake.paths import Partition
from ...lake.table import Verify, open_table
from .pooling import PooledLake

OF_THE_BOOK: Final = (
    "relative_",
    "net_limit_order_flow_",
    "displayed_",
    "depth_imbalance_5_ticks",
    "trade_flow_imbalance_within_2_ticks_",
)
"""How the names of the columns begin that tell of orders and trades at the level."""
MAX_NULL_SHARE: Final = 0.15


@dataclass(frozen=True)
class DecisionRows:
    """The decision rows of all touches, each with the features of its own level.

    Attributes
    ----------
    touches : int
    sessions : int
        Those that have outcomes.
    null_share : dict
        Of each column of `OF_THE_BOOK`, by its name without the level, the share of the rows on
        which it is null, the largest first; empty without touches.
    """

    touches: int
    sessions: int
    null_share: dict[str, float]


def read_decision_rows(
    lake_root: Path,
    lake: PooledLake,
    tables: Sequence[FeatureTable],
    verify: Verify = "pages",
) -> DecisionRows:
    """Return what is null on the decision rows of a pooled lake.

    Parameters
    ----------
    lake_root : Path
    lake : PooledLake
        Read from it.
    tables : sequence of FeatureTable
        The tables that were pooled.
    verify : str
        As of `lake.table.Table`.

    Raises
    ------
    ContractError
        Outcomes were written under another version of their contract.
    LakeError
        Outcomes cannot be read or are corrupt.
    """
    of_level = {table.prefix.removesuffix("_"): table for table in tables if table.prefix}
    touches, sessions = 0, 0
    rows: Counter[str] = Counter()
    nulls: Counter[str] = Counter()
    for values, ts, session in zip(lake.pool.sessions, lake.ts, lake.sessions, strict=True):
        decided = _decided(lake_root, Partition(dataset(OUTCOME), *session), verify)
        sessions += decided is not None
        for level, times in (decided or {}).items():
            touches += len(times)
            at = np.isin(ts, times)
            for name, base in _of_the_book(of_level.get(level)):
                rows[base] += int(at.sum())
                nulls[base] += int(np.isnan(values[at, lake.pool.names.index(name)]).sum())
    shares = {base: nulls[base] / count for base, count in rows.items() if count}
    ordered = sorted(shares.items(), key=lambda one: (-one[1], one[0]))
    return DecisionRows(touches, sessions, dict(ordered))


def decision_row_findings(rows: DecisionRows) -> list[Finding]:
    """Return a WARN for each column that is null on more than `MAX_NULL_SHARE` of the rows."""
    return [
        Finding(
            Severity.WARN,
            "decision rows",
            (base,),
            f"null on {share:.1%} of the decision rows of its level",
        )
        for base, share in rows.null_share.items()
        if share > MAX_NULL_SHARE
    ]


def _of_the_book(table: FeatureTable | None) -> list[tuple[str, str]]:
    # Names of a level's columns, with the level and without.
    if table is None:
        return []
    named = ((name, name.removeprefix(table.prefix)) for name in table.columns)
    return [(name, base) for name, base in named if base.startswith(OF_THE_BOOK)]


def _decided(
    lake_root: Path, partition: Partition, verify: Verify
) -> dict[str, npt.NDArray[np.int64]] | None:
    # The decision rows of each level, ns since epoch; None without outcomes.
    try:
        with open_table(lake_root, partition, verify) as table:
            table.check_contract()
            rows = table.read(["level", "feature_ts"])
    except PartitionNotFoundError:
        return None
    times = rows["feature_ts"].cast(pa.int64()).to_numpy()
    levels = np.array(rows["level"].to_pylist(), np.str_)
    return {str(level): times[levels == level] for level in np.unique(levels)}
