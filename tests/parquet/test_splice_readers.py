from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.parquet.parquet_samples import (
    encoded,
    plain,
    rows,
    spliced_window,
    with_alias,
    with_ts_event_est,
)


@pytest.fixture(params=[(0, 0), (20, 70), (150, 420), (0, 450)], ids=str)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path, int]:
    """A spliced file, the same rows encoded by pyarrow in one go, and their number."""
    start, end = request.param
    table = with_alias(rows(450)).slice(start, end - start)
    spliced, direct = tmp_path / "spliced.parquet", tmp_path / "direct.parquet"
    spliced.write_bytes(spliced_window(with_ts_event_est(encoded(rows(450))), start, end))
    direct.write_bytes(encoded(table))
    return spliced, direct, end - start


def test_duckdb_reads_the_rows(pair: tuple[Path, Path, int]) -> None:
    spliced, direct, count = pair
    with duckdb.connect() as connection:
        query = "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet(?)"
        found = connection.execute(query, [str(spliced)]).fetchall()
        assert found == connection.execute(query, [str(direct)]).fetchall()
        assert len(found) == count
        # A filter that may skip row groups by their statistics.
        sizes = pq.read_table(direct)["size"].drop_null().to_numpy()
        query = "SELECT count(*) FROM read_parquet(?) WHERE size >= 97"
        found = connection.execute(query, [str(spliced)]).fetchall()
        assert found == [(int(np.count_nonzero(sizes >= 97)),)]


def test_polars_reads_the_rows(pair: tuple[Path, Path, int]) -> None:
    spliced, direct, count = pair
    found, expected = (pl.read_parquet(p).cast({"action": pl.String}) for p in (spliced, direct))
    assert found.equals(expected)
    assert found.schema == expected.schema
    assert found.height == count


def test_pandas_reads_the_rows(pair: tuple[Path, Path, int]) -> None:
    spliced, direct, count = pair
    found, expected = pd.read_parquet(spliced), pd.read_parquet(direct)
    assert len(found) == count
    assert list(found.dtypes.drop("action")) == list(expected.dtypes.drop("action"))
    for frame in (found, expected):
        frame["action"] = frame["action"].astype(str)
    pd.testing.assert_frame_equal(found, expected)


def test_a_time_filter_reads_only_rows_of_the_window(tmp_path: Path) -> None:
    table = with_alias(rows(450))
    path = tmp_path / "part.parquet"
    path.write_bytes(spliced_window(with_ts_event_est(encoded(rows(450))), 50, 450))
    bound = table["ts_event_est"][333]
    found = pq.read_table(path, filters=pc.field("ts_event_est") >= bound)
    expected = table.slice(50).filter(pc.greater_equal(table["ts_event_est"].slice(50), bound))
    assert plain(found).equals(plain(expected))
