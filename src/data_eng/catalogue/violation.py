"""The first value of a column that breaks a rule of its contract's field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from .field import Field

# PyArrow's compute functions are imported where a column is looked at, by whichever thread does
# it: they take as long to import as PyArrow itself, and plans and readers of footers need none.


def first_violation(field: Field, column: Any) -> tuple[int, str] | None:
    """Return the row and the rule that it breaks, None where the column keeps them all.

    Parameters
    ----------
    field : Field
    column : pyarrow.Array
        Of the field's type.
    """
    if not len(column):
        return None
    import pyarrow.compute as pc  # noqa: PLC0415

    if not field.nullable and column.null_count:
        return _first(pc.is_null(column)), "is null, but the field is not nullable"
    if field.symbols:
        return _enum_violation(field, column)
    if pa.types.is_floating(field.type) and not _sums_to_a_number(column):
        # Null is how a missing value is written; NaN would slip through every filter.
        not_a_number = pc.is_nan(column)
        if pc.any(not_a_number).as_py():
            return _first(not_a_number), "is not a number; a missing value is null"
    if field.minimum is None and field.maximum is None:
        return None
    return _range_violation(field, column)


def _sums_to_a_number(column: Any) -> bool:
    # A NaN makes the sum NaN: one pass without a mask, for columns that have none.
    if column.null_count:
        return False
    # Not by column.to_numpy, which imports pandas first.
    kind = np.float64 if pa.types.is_float64(column.type) else np.float32
    values = np.frombuffer(column.buffers()[1], kind)[column.offset :][: len(column)]
    return not np.isnan(np.sum(values))


def _range_violation(field: Field, column: Any) -> tuple[int, str] | None:
    import pyarrow.compute as pc  # noqa: PLC0415

    limits = pc.min_max(column)
    low, high = limits["min"].as_py(), limits["max"].as_py()
    if low is None:  # all null
        return None
    if field.minimum is not None and low < field.minimum:
        return _first(pc.less(column, field.minimum)), f"is below {field.minimum}"
    if field.maximum is not None and high > field.maximum:
        return _first(pc.greater(column, field.maximum)), f"is above {field.maximum}"
    return None


def _enum_violation(field: Field, column: Any) -> tuple[int, str] | None:
    values: Iterable[Any] = column.dictionary.to_pylist()
    wrong = [code for code, value in enumerate(values) if value not in field.symbols]
    if not wrong:
        return None
    hit = np.isin(column.indices.to_numpy(zero_copy_only=False), wrong)
    if not hit.any():
        return None
    return int(hit.argmax()), f"is not one of {', '.join(field.symbols)}"


def _first(mask: Any) -> int:
    import pyarrow.compute as pc  # noqa: PLC0415

    return int(pc.index(mask, True).as_py())
