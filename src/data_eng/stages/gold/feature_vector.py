"""Joins the feature tables of a date into one vector.

1. `GoldFeatureVector` reads the Gold tables of the date.
2. `transform` checks names and keys, and puts the columns side by side.
3. The grid's 10,801 rows are written as one row group.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from ...catalogue.contract import Contract
from ...catalogue.datasets import dataset
from ...catalogue.feature_tables import KEYS, feature_table
from ...catalogue.names import name_findings
from ...errors import ContractError
from ...exchange.calendar import is_early_close
from ...lake.inputs import LEFT_OUT_FACT, LEVEL_PARAMETERS, inherited_facts
from ...lake.table import Table
from ..inputs import Inputs
from ..reads import Read
from ..regular_session import FeatureStage
from ..target import Context, Made, Target, Writers


class GoldFeatureVector(FeatureStage):
    """Gold ``feature_vector``: the features of several tables side by side, joined one to one.

    Names are checked first (`checks.names`): a feature that stands twice or mixes families stops
    the stage. Every part must have the same rows, by ``ts``.

    Parameters
    ----------
    key : str
        Dataset of the vector.
    parts : sequence of str
        Gold feature tables, in the order of the columns.
    """

    name: ClassVar[str] = "gold_feature_vector"
    version: ClassVar[int] = 2

    def __init__(self, key: str, parts: Sequence[str]) -> None:
        self.parts = tuple(dataset(part) for part in parts)
        self.reads = tuple(Read(part) for part in parts)
        self.writes = (dataset(key),)

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Check names and keys, and write the columns side by side."""
        where = f"{self.output.key} {target.symbol} {target.date}"
        findings = name_findings([feature_table(part) for part in self.parts])
        if findings:
            raise ContractError(f"{where}: {findings[0]}; nothing was published")
        parts = [inputs[part.key].table for part in self.parts]
        facts = _facts(parts)
        tables = [_read(part) for part in parts]
        for part, table in zip(parts[1:], tables[1:], strict=True):
            _check_keys(tables[0], table, part)
        columns = {name: tables[0][name] for name in KEYS if name in tables[0].column_names}
        for table in tables:
            columns |= {name: table[name] for name in table.column_names if name not in KEYS}
        writers[self.output].write(_batch(columns, self.output.contract(), where))
        return Made(facts={**facts, "early_close": is_early_close(target.date)})


def _facts(parts: Sequence[Table]) -> dict[str, Any]:
    # Those of the futures' market, what all levels were made with, and what any part lacks.
    facts = inherited_facts(parts[0].manifest)
    for part in parts:
        if LEFT_OUT_FACT in part.manifest.facts:
            facts[LEFT_OUT_FACT] = part.manifest.facts[LEFT_OUT_FACT]
        found = part.manifest.facts.get(LEVEL_PARAMETERS)
        if found is not None and facts.setdefault(LEVEL_PARAMETERS, found) != found:
            raise ContractError(
                f"{part.partition}: made with other parameters of the levels than the other "
                "tables; rebuild with --layer all --refresh-stale; nothing was published"
            )
    return facts


def _read(part: Table) -> pa.Table:
    part.check_contract()
    return part.read()


def _batch(
    columns: Mapping[str, pa.ChunkedArray], contract: Contract, where: str
) -> pa.RecordBatch:
    wanted = {field.name for field in contract.fields}
    if columns.keys() != wanted:
        name = min(columns.keys() ^ wanted)
        fault = "is not in" if name in columns else "is in no part, but in"
        raise ContractError(
            f"{where}: field {name} {fault} {contract.path}; run python -m "
            "src.data_eng.catalogue; nothing was published"
        )
    arrays = [columns[field.name].combine_chunks() for field in contract.fields]
    return pa.RecordBatch.from_arrays(arrays, schema=contract.arrow_schema)


def _check_keys(first: pa.Table, other: pa.Table, part: Table) -> None:
    from ...records.arrow_columns import values  # noqa: PLC0415 - compiled

    ours, theirs = (values(table["ts"], np.int64) for table in (first, other))
    if len(ours) != len(theirs):
        raise ContractError(
            f"{part.partition}: {len(theirs)} rows where the others have {len(ours)}; "
            "rebuild it; nothing was published"
        )
    differs = np.flatnonzero(ours != theirs)
    if len(differs):
        row = int(differs[0])
        raise ContractError(
            f"{part.partition}: field ts, row {row}: {theirs[row]} where the others have "
            f"{ours[row]}; rebuild it; nothing was published"
        )
