"""Joins the feature tables of a date into one vector.

1. `GoldFeatureVector.load` opens the Gold tables of the date.
2. `transform` checks names and keys, and puts the columns side by side.
3. The grid's 10,801 rows are written as one row group.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ...catalogue.contract import Contract
from ...catalogue.datasets import Dataset
from ...catalogue.feature_tables import KEYS, feature_table
from ...catalogue.names import name_findings
from ...errors import ContractError
from ...exchange.calendar import is_early_close
from ...lake.inputs import (
    LEVEL_PARAMETERS,
    LoadedPartition,
    LoadedPartitions,
    inherited_facts,
    load_partitions,
)
from ...lake.part import PartWriter
from ...records.mbp10_arrays import values
from ..regular_session import FeatureStage
from ..stage import Context


class GoldFeatureVector(FeatureStage):
    """Gold ``feature_vector``: the features of several tables side by side, joined one to one.

    Names are checked first (`checks.names`): a feature that stands twice or mixes families stops
    the stage. Every part must have the same rows, by ``ts``.

    Parameters
    ----------
    parts : sequence of Dataset
        Gold feature tables, in the order of the columns.
    output : Dataset
    """

    name: ClassVar[str] = "gold_feature_vector"
    version: ClassVar[int] = 2

    def __init__(self, parts: Sequence[Dataset], output: Dataset) -> None:
        self.parts = tuple(parts)
        self.output = output
        self.reads = tuple(part.key for part in parts)

    def load(self, context: Context, symbol: str, date: dt.date) -> LoadedPartitions:
        """Open the Gold tables of the date."""
        return load_partitions(context.settings.lake_root, self.parts, self.output, symbol, date)

    def transform(
        self, context: Context, loaded: LoadedPartitions, writer: PartWriter
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Check names and keys, and write the columns side by side."""
        findings = name_findings([feature_table(part) for part in self.parts])
        if findings:
            raise ContractError(f"{loaded.partition}: {findings[0]}; nothing was published")
        facts = _facts(loaded)
        tables = [_read(part) for part in loaded.partitions]
        for part, table in zip(loaded.partitions[1:], tables[1:], strict=True):
            _check_keys(tables[0], table, part)
        columns = {name: tables[0][name] for name in KEYS if name in tables[0].column_names}
        for table in tables:
            columns |= {name: table[name] for name in table.column_names if name not in KEYS}
        writer.write(_batch(columns, self.output.contract(), str(loaded.partition)))
        return {}, {**facts, "early_close": is_early_close(loaded.partition.date)}


def _facts(loaded: LoadedPartitions) -> dict[str, Any]:
    # Those of the futures' market, and what all levels were made with.
    facts = inherited_facts(loaded.partitions[0].source.manifest)
    for part in loaded.partitions:
        found = part.source.manifest.facts.get(LEVEL_PARAMETERS)
        if found is not None and facts.setdefault(LEVEL_PARAMETERS, found) != found:
            raise ContractError(
                f"{part.source.partition}: made with other parameters of the levels than the other "
                "tables; rebuild with --layer all --refresh-stale; nothing was published"
            )
    return facts


def _read(part: LoadedPartition) -> pa.Table:
    file = pq.ParquetFile(part.open_part(), page_checksum_verification=True)
    table = file.read()
    part.source.partition.dataset.contract().check_schema(table.schema, str(part.source.partition))
    return table


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


def _check_keys(first: pa.Table, other: pa.Table, part: LoadedPartition) -> None:
    ours, theirs = (values(table["ts"], np.int64) for table in (first, other))
    if len(ours) != len(theirs):
        raise ContractError(
            f"{part.source.partition}: {len(theirs)} rows where the others have {len(ours)}; "
            "rebuild it; nothing was published"
        )
    differs = np.flatnonzero(ours != theirs)
    if len(differs):
        row = int(differs[0])
        raise ContractError(
            f"{part.source.partition}: field ts, row {row}: {theirs[row]} where the others have "
            f"{ours[row]}; rebuild it; nothing was published"
        )
