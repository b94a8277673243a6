"""The Parquet file of a partition: checked, whole row groups, the same bytes every time."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from src.data_eng.arrays import arrow_array
from src.data_eng.catalogue.datasets import dataset
from src.data_eng.errors import ContractError
from src.data_eng.lake.part import PartWriter
from src.data_eng.vendor.dbn.mbp10_columns import Mbp10Columns
from tests.dbn_files import mbp10_records

CONTRACT = dataset("bronze.future.market_by_price_10").contract()


def batches(sizes: Sequence[int]) -> list[pa.RecordBatch]:
    made = []
    records = mbp10_records(sum(sizes))
    at = 0
    for size in sizes:
        columns = Mbp10Columns(CONTRACT, max(size, 1))
        columns.append(records[at : at + size], np.arange(size, dtype=np.uint64))
        made.append(columns.batch("here", at))
        at += size
    return made


def written(sizes: Sequence[int]) -> bytes:
    sink: Any = io.BytesIO()
    with PartWriter(sink, CONTRACT, "here") as writer:
        for batch in batches(sizes):
            writer.write(batch)
        writer.close()
    content: bytes = sink.getvalue()
    return content


def test_a_row_group_a_batch_in_order() -> None:
    content = written([300, 1, 500])
    file = pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True)
    groups = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    assert groups == [300, 1, 500]
    assert file.schema_arrow.equals(CONTRACT.arrow_schema)
    wanted = mbp10_records(801)["sequence"].tolist()
    assert file.read(["sequence"])["sequence"].to_pylist() == wanted


def test_the_same_rows_give_the_same_bytes() -> None:
    assert written([400, 400]) == written([400, 400])


def test_it_tells_the_hash_of_the_footer_once_it_is_closed() -> None:
    sink: Any = io.BytesIO()
    with PartWriter(sink, CONTRACT, "here") as writer:
        writer.write(batches([40])[0])
        assert not writer.footer_sha256
        writer.close()
    content = sink.getvalue()
    length = int.from_bytes(content[-8:-4], "little") + 8
    assert writer.footer_sha256 == hashlib.sha256(content[-length:]).hexdigest()


def test_an_empty_part_has_the_schema() -> None:
    table = pq.read_table(pa.BufferReader(written([])))
    assert table.num_rows == 0
    assert table.schema.equals(CONTRACT.arrow_schema)


def test_pages_carry_checksums() -> None:
    content = bytearray(written([400]))
    column = pq.ParquetFile(pa.BufferReader(bytes(content))).metadata.row_group(0).column(40)
    at = column.data_page_offset + column.total_compressed_size - 3
    content[at] ^= 0x40
    with pytest.raises(OSError, match=r"(?i)crc|checksum"):
        pq.ParquetFile(pa.BufferReader(bytes(content)), page_checksum_verification=True).read()


@pytest.mark.parametrize("bad", [0, 1, 2])
def test_a_broken_batch_ends_the_part(bad: int) -> None:
    """Named by its row in the partition, whichever batch it is in."""
    given = batches([50, 60, 70])
    depth = CONTRACT.arrow_schema.get_field_index("depth")
    values = np.zeros(given[bad].num_rows, np.int32)
    values[7] = -4
    given[bad] = given[bad].set_column(depth, "depth", arrow_array(values, pa.int32()))
    given[bad] = given[bad].cast(CONTRACT.arrow_schema)
    sink: Any = io.BytesIO()
    row = sum((50, 60, 70)[:bad]) + 7
    with (
        PartWriter(sink, CONTRACT, "here") as writer,
        pytest.raises(ContractError, match=f"here: field depth, row {row}: value -4"),
    ):
        _write_all(writer, given)


def _write_all(writer: PartWriter, given: list[pa.RecordBatch]) -> None:
    for batch in given:
        writer.write(batch)
    writer.close()
