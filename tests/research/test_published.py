"""What published rows must be, whoever wrote them: those of their contract."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from src.data_eng.errors import ContractError
from src.data_eng.research.published import check_rows
from tests.published_trades import PARTITION, trades


def with_column(name: str, values: Any) -> pa.Table:
    rows = trades(2)
    field = rows.schema.field(name)
    column = pa.array(values) if field.name == "side" else pa.array(values, field.type)
    return rows.set_column(rows.schema.get_field_index(name), name, column)


def test_what_a_stage_writes() -> None:
    check_rows(PARTITION, trades())
    check_rows(PARTITION, trades(0))
    check_rows(PARTITION, trades().select(["price", "side"]))


@pytest.mark.parametrize(
    ("name", "values", "says"),
    [
        ("price", [6000.0, float("nan")], "row 1: value nan is not a number"),
        ("price", [float("inf"), None], "row 0: value inf is not finite"),
        ("price", [None, float("-inf")], "row 1: value -inf is not finite"),
        ("price", [6000.0, -1e300], r"row 1: value -1e\+300 is beyond 1,000,000"),
        ("ts_recv", [1, None], "row 1: value None is null, but the field is not nullable"),
        ("size", [1, -1], "row 1: value -1 is below 0"),
    ],
)
def test_what_no_stage_writes_is_refused(name: str, values: list[Any], says: str) -> None:
    with pytest.raises(ContractError, match=f"^{PARTITION}: field {name}, {says}"):
        check_rows(PARTITION, with_column(name, values))


def test_a_text_that_the_contract_does_not_name_is_refused() -> None:
    letters = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), ["A", "</script>"])
    with pytest.raises(ContractError, match="field side, row 1: value '</script>' is not one of"):
        check_rows(PARTITION, with_column("side", letters))
