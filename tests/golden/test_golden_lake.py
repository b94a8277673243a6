"""Every value of every table is what it was: a change of one is meant, and written down."""

from __future__ import annotations

from pathlib import Path

import pytest

from .golden_lakes import golden, real_summary, sample_summary
from .lake_summary import Summary


def changed(found: Summary, kept: Summary) -> list[str]:
    return [
        f"{table} {column}: {found.get(table, {}).get(column)} instead of {was}"
        for table, columns in kept.items()
        for column, was in columns.items()
        if found.get(table, {}).get(column) != was
    ]


# Where no kernel is compiled yet, on a machine with other work.
@pytest.mark.timeout(900)
def test_sample_day_has_the_kept_values(tmp_path: Path) -> None:
    assert changed(sample_summary(tmp_path), golden("sample")) == []


def test_real_day_has_the_kept_values(tmp_path: Path, shared_data: Path) -> None:
    assert changed(real_summary(tmp_path, shared_data), golden("real")) == []
