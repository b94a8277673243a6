"""Days that differ in one thing from the one in the lake."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from src.data_eng.catalogue.tables import CLEAN, SECONDS
from src.data_eng.catalogue.vectors import OUTCOME, level_tables
from src.data_eng.lake.inputs import COVERED_FACT
from src.data_eng.research.report.day import ReportDay, times_ns

NS = 10**9


def without_touches(day: ReportDay) -> ReportDay:
    """Return the day with no touch."""
    return replace(day, tables={**day.tables, OUTCOME: day.tables[OUTCOME].slice(0, 0)})


def with_column(day: ReportDay, level: str, name: str, values: list[float | None]) -> ReportDay:
    """Return the day with other values of a feature of a level, the last one to the end."""
    key = level_tables()[level]
    table = day.tables[key]
    full = f"{level}_{name}"
    at, field = table.schema.get_field_index(full), table.schema.field(full)
    column = pa.array(values + [values[-1]] * (len(table) - len(values)), field.type)
    return replace(day, tables={**day.tables, key: table.set_column(at, field, column)})


def with_silence(day: ReportDay, first_ns: int, seconds: int) -> ReportDay:
    """Return the day without a record in some seconds, and with one in every other."""
    table = day.tables[SECONDS]
    times = times_ns(table, "ts")
    is_silent = (times >= first_ns) & (times < first_ns + seconds * NS)
    silent = np.where(is_silent, 0, np.maximum(np.array(table["records"]), 1))
    at = table.schema.get_field_index("records")
    changed = table.set_column(at, table.schema.field(at), pa.array(silent, pa.int64()))
    return replace(day, tables={**day.tables, SECONDS: changed})


def covering(day: ReportDay, ranges: list[list[int]] | None) -> ReportDay:
    """Return the day with other ranges in the headers of its raw files."""
    manifest, sha256 = day.manifests[CLEAN]
    facts: dict[str, Any] = {**manifest.facts, COVERED_FACT: ranges}
    changed = replace(manifest, facts=facts)
    return replace(day, manifests={**day.manifests, CLEAN: (changed, sha256)})


def of_noise(day: ReportDay) -> ReportDay:
    """Return the day with displayed sizes and LEVEL features that no compression makes smaller."""
    rng = np.random.default_rng(5)
    tables = dict(day.tables)
    for key in (SECONDS, *level_tables().values()):
        for at, field in enumerate(tables[key].schema):
            rows = len(tables[key])
            if field.type == pa.float64() and key != SECONDS:
                noise = pa.array(rng.normal(size=rows), field.type)
            elif "_sz_" in field.name:
                noise = pa.array(rng.integers(1, 1000, rows), field.type)
            else:
                continue
            tables[key] = tables[key].set_column(at, field, noise)
    return replace(day, tables=tables)
