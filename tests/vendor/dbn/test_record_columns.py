"""Record fields as columns: what is null, what is refused, and which row is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from src.data_eng.catalogue.contract import Contract
from src.data_eng.catalogue.field import Field
from src.data_eng.errors import ContractError
from src.data_eng.vendor.dbn.layout import UNDEF_PRICE, UNDEF_TIMESTAMP
from src.data_eng.vendor.dbn.record_columns import RecordColumns, timestamps

TIME = pa.timestamp("ns", "UTC")
ENUM = pa.dictionary(pa.int32(), pa.string())
I32, U32, I64 = 2**31 - 1, 2**32 - 1, 2**63 - 1
# Kind of the record's field, type of the column, whether it may be null, value, what becomes of it.
TAKEN: list[tuple[str, pa.DataType, bool, Any, Any]] = [
    ("<u8", TIME, True, 1, 1),
    ("<u8", TIME, True, 2**63 - 1, 2**63 - 1),
    ("<u8", TIME, True, UNDEF_TIMESTAMP, None),
    ("<i8", pa.float64(), True, 1_250_000_000, 1.25),
    ("<i8", pa.float64(), True, -(10**9), -1.0),
    ("<i8", pa.float64(), True, UNDEF_PRICE, None),
    ("<u4", pa.int32(), False, I32, I32),
    ("<u4", pa.int32(), True, U32, None),
    ("<u4", pa.int64(), False, U32, U32),
    ("<u4", pa.int64(), True, U32, None),
    ("<i8", pa.int64(), True, I64, None),
    ("<i8", pa.int64(), True, I32, I32),
    ("<i4", pa.int64(), True, I32, None),
    ("<i4", pa.int32(), False, I32, I32),
    *(("S1", ENUM, True, one, None) for one in (b"", b" ", b"~")),
    *(("S1", ENUM, null, one, one.decode()) for null in (False, True) for one in (b"A", b"B")),
    ("S5", pa.string(), False, b"ES", "ES"),
    ("S5", pa.string(), False, b"", ""),
    ("S5", pa.string(), True, b"", None),
]
REFUSED: list[tuple[str, pa.DataType, bool, Any, str]] = [
    ("<u8", TIME, False, UNDEF_TIMESTAMP, f"{UNDEF_TIMESTAMP} is no time"),
    ("<u8", TIME, True, 2**63, f"{2**63} is no time"),
    ("<u8", TIME, True, UNDEF_TIMESTAMP - 1, f"{UNDEF_TIMESTAMP - 1} is no time"),
    ("<u4", pa.int32(), False, I32 + 1, f"{I32 + 1} does not fit"),
    ("<u4", pa.int32(), True, U32 - 1, f"{U32 - 1} does not fit"),
    ("<u4", pa.int32(), False, U32, f"{U32} does not fit"),
    *(("S1", ENUM, False, one, "is not one of A, B") for one in (b"", b" ", b"~", b"C")),
    ("S1", ENUM, True, b"C", r"b'C' is not one of A, B"),
    ("S5", pa.string(), True, b"\xff", "is not ASCII"),
]
FINE = {"<u8": 1, "<i8": 10**9, "<u4": 1, "<i4": 1, "S1": b"A", "S5": b"ES"}


def columns(kind: str, type_: pa.DataType, *, nullable: bool) -> RecordColumns:
    symbols = ("A", "B") if pa.types.is_dictionary(type_) else ()
    fields = (Field("value", "", type_, nullable, symbols), Field("absent", "", pa.int32(), True))
    layout = padded(kind)
    return RecordColumns(Contract("t", "", "t.avsc", fields), layout, 8, lambda _records: {})


def padded(kind: str) -> np.dtype[np.void]:
    size = -np.dtype(kind).itemsize % 8
    return np.dtype([("value", kind), *([("rest", f"S{size}")] if size else [])])


def batch(kind: str, type_: pa.DataType, values: list[Any], *, nullable: bool) -> pa.RecordBatch:
    block = np.zeros(len(values), padded(kind))
    block["value"] = values
    made = columns(kind, type_, nullable=nullable)
    assert made.append(block, np.arange(len(values), dtype=np.uint64)) == len(values)
    return made.batch("here", 100)


@pytest.mark.parametrize(("kind", "type_", "nullable", "value", "wanted"), TAKEN)
def test_a_value_is_what_the_contract_makes_of_it(
    kind: str, type_: pa.DataType, value: Any, wanted: Any, *, nullable: bool
) -> None:
    found = batch(kind, type_, [FINE[kind], value], nullable=nullable)
    column = found.column("value")
    assert column.type == type_
    plain = column.cast(pa.int64()) if pa.types.is_timestamp(type_) else column
    assert plain.to_pylist()[1] == wanted
    assert column.null_count == (wanted is None)
    assert found.column("absent").null_count == 2


@pytest.mark.parametrize(("kind", "type_", "nullable", "value", "told"), REFUSED)
def test_a_value_that_the_contract_cannot_express_is_refused_with_its_row(
    kind: str, type_: pa.DataType, value: Any, told: str, *, nullable: bool
) -> None:
    values = [FINE[kind], FINE[kind], value, FINE[kind], value]
    with pytest.raises(ContractError, match=f"here: field value, row 102: value .*{told}"):
        batch(kind, type_, values, nullable=nullable)


def test_times_are_judged_alike_where_they_do_not_lie_side_by_side() -> None:
    field = Field("value", "", TIME, True)
    spread = np.array([1, 9, UNDEF_TIMESTAMP, 9, 2**63 - 1, 9], np.uint64)[::2]
    assert timestamps(spread, field).cast(pa.int64()).to_pylist() == [1, None, 2**63 - 1]
    for wrong in (2**63, UNDEF_TIMESTAMP - 1):
        with pytest.raises(Exception, match=f"value {wrong} is no time"):
            timestamps(np.array([1, 9, wrong, 9], np.uint64)[::2], field)
