"""A parsed footer is that of the very bytes, and few are kept."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from src.data_eng.parquet import file_footer as module
from src.data_eng.parquet.file_footer import file_footer
from src.data_eng.parquet.footer import footer_sha256, read_tail
from tests.parquet.parquet_samples import SCHEMA, encoded, rows


def test_it_says_what_pyarrow_says_of_the_file() -> None:
    data = encoded(rows(950), 300)
    found = file_footer(read_tail(io.BytesIO(data)))
    assert found.metadata.equals(pq.read_metadata(pa.BufferReader(data)))
    assert found.schema.equals(SCHEMA)
    assert found.sha256 == footer_sha256(io.BytesIO(data))
    assert found.column("price")[0] == SCHEMA.names.index("price")
    with pytest.raises(LookupError):
        found.column("nothing")


def test_row_groups_by_their_statistics() -> None:
    table = rows(950)
    found = file_footer(read_tail(io.BytesIO(encoded(table, 300))))
    late = pc.field("ts_recv") > table["ts_recv"][650]
    keys = pc.field("dt") == 7
    schema = SCHEMA.append(pa.field("dt", pa.int64()))
    assert found.row_groups_for(late, schema, keys) == [2, 3]
    assert found.row_groups_for(late & (pc.field("dt") == 8), schema, keys) == []


def test_another_thread_with_other_keys_changes_nothing() -> None:
    table = rows(950)
    found = file_footer(read_tail(io.BytesIO(encoded(table, 300))))
    schema = SCHEMA.append(pa.field("dt", pa.int64()))
    ours, others = (pc.field("dt") == day for day in (7, 8))
    late = (pc.field("ts_recv") > table["ts_recv"][650]) & ours
    assert found.row_groups_for(late, schema, others) == []
    theirs = found._fragment
    assert found.row_groups_for(late, schema, ours) == [2, 3]
    mine = found._fragment

    class Meanwhile:
        @property
        def partition_expression(self) -> pc.Expression:
            found._fragment = theirs
            return ours

        subset = mine.subset

    found._fragment = Meanwhile()
    assert found.row_groups_for(late, schema, ours) == [2, 3]


def test_the_same_bytes_are_parsed_once_and_old_ones_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tails = [read_tail(io.BytesIO(encoded(rows(count)))) for count in (1, 2, 3)]
    monkeypatch.setattr(module, "_KEPT_BYTES", len(tails[0]) + len(tails[1]))
    first = file_footer(tails[0])
    assert file_footer(tails[0]) is first
    file_footer(tails[1])
    assert file_footer(tails[0]) is first
    file_footer(tails[2])
    file_footer(tails[1])
    assert file_footer(tails[0]) is not first
