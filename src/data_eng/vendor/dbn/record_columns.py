"""DBN records of any schema as the columns of a row group, told by the table's contract.

A column takes the record field of its own name, converted by the contract's type:

==================================  =====================================================
contract                            record field
==================================  =====================================================
timestamp                           nanoseconds; the largest value is null
double                              fixed-point integer divided by 1e9; undefined is null
int, long                           as it is; where nullable, the largest value is null
enum                                one byte; NUL, blank and ``~`` are null where nullable
string                              text up to the first NUL; empty is null where nullable
boolean ``f_...``                   a bit of ``flags``
==================================  =====================================================

Columns that are made otherwise are brought by the table (``derived``). A nullable column that the
file's schema does not have is null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...arrays import arrow_array, string_array
from ...catalogue.contract import Contract, Field
from ...errors import ContractError
from .layout import FLAGS, PRICE_SCALE, UNDEF_PRICE, UNDEF_TIMESTAMP

Records = npt.NDArray[Any]
Derived = Callable[[Records], Mapping[str, pa.Array]]

_NO_ENUM: Final = (0, ord(" "), ord("~"))


class RecordColumns:
    """Records that are copied together until a row group is full.

    Parameters
    ----------
    contract : Contract
        Contract of the table.
    dtype : numpy.dtype
        Of the files' records, without ``ts_out``.
    capacity : int
        Rows of a row group.
    derived : callable
        Given the records, returns columns by name, where they are not fields of them.
    """

    def __init__(
        self, contract: Contract, dtype: np.dtype[np.void], capacity: int, derived: Derived
    ) -> None:
        self._contract = contract
        self._derived = derived
        self.capacity = capacity
        self.rows = 0
        self._words = dtype.itemsize // 8
        fields = [(name, dtype.fields[name][0]) for name in dtype.names or ()]  # type: ignore[index]
        self._dtype = np.dtype([*fields, ("ts_out", "<u8")])
        self._buffer = np.zeros((capacity, self._words + 1), np.uint64)

    @property
    def times(self) -> npt.NDArray[np.int64]:
        """``ts_recv`` of the rows, ns since epoch UTC."""
        records = self._buffer[: self.rows].reshape(-1).view(self._dtype)
        return np.ascontiguousarray(records["ts_recv"]).view(np.int64)

    def append(self, block: Records, rows: npt.NDArray[np.uint64]) -> int:
        """Copy rows of a block until the columns are full; return how many were taken.

        Parameters
        ----------
        block : structured array of records, with or without ``ts_out``
        rows : uint64 array
            Row numbers in the block.
        """
        taken = min(len(rows), self.capacity - self.rows)
        words = block.view(np.uint64).reshape(len(block), -1)
        room = self._buffer[self.rows : self.rows + taken]
        room[:, : words.shape[1]] = words[rows[:taken]]
        if words.shape[1] == self._words:
            room[:, self._words] = UNDEF_TIMESTAMP
        self.rows += taken
        return taken

    def batch(self, where: str, first_row: int) -> pa.RecordBatch:
        """Return the rows as one batch.

        Parameters
        ----------
        where : str
            The partition, for messages.
        first_row : int
            Rows of the partition before these.

        Raises
        ------
        ContractError
            A value that the contract cannot express.
        """
        records = self._buffer[: self.rows].reshape(-1).view(self._dtype)
        derived = self._derived(records)
        columns = []
        for field in self._contract.fields:
            try:
                column = derived.get(field.name)
                columns.append(_column(field, records) if column is None else column)
            except RefusedError as refused:
                raise ContractError(
                    f"{where}: field {field.name}, row {first_row + refused.row}: "
                    f"{refused} (contract {self._contract.path}); nothing was published"
                ) from None
        return pa.RecordBatch.from_arrays(columns, schema=self._contract.arrow_schema)

    def clear(self) -> None:
        """Forget the rows."""
        self.rows = 0


class RefusedError(Exception):
    """A value that the contract cannot express, for whoever knows whose it is; row from 0."""

    def __init__(self, row: int, what: str) -> None:
        super().__init__(what)
        self.row = row


def _column(field: Field, records: Records) -> pa.Array:
    if field.name in FLAGS:
        return arrow_array((records["flags"] & FLAGS[field.name]) != 0, pa.bool_())
    if field.name not in (records.dtype.names or ()):
        return pa.nulls(len(records), field.type)
    return _converter(field)(records[field.name], field)


def _converter(field: Field) -> Callable[[npt.NDArray[Any], Field], pa.Array]:
    if pa.types.is_timestamp(field.type):
        return timestamps
    if pa.types.is_floating(field.type):
        return prices
    if field.symbols:
        return _enumeration
    return texts if pa.types.is_string(field.type) else _integers


def timestamps(values: npt.NDArray[Any], field: Field) -> pa.Array:
    """Return ns since epoch, shape (n,) of uint64, as Arrow timestamps; undefined is null."""
    undefined = values == UNDEF_TIMESTAMP
    wrong = (
        values.view(np.int64) < 0 if values.flags.c_contiguous else values > UNDEF_TIMESTAMP >> 1
    )
    wrong = wrong & ~undefined if field.nullable else wrong
    if wrong.any():
        row = int(np.argmax(wrong))
        raise RefusedError(row, f"value {int(values[row])} is no time in nanoseconds")
    return arrow_array(np.ascontiguousarray(values), field.type, undefined)


def prices(values: npt.NDArray[Any], field: Field) -> pa.Array:
    """Return fixed-point integers, shape (n,) of int64, as float64 dollars; undefined is null."""
    return arrow_array(values / PRICE_SCALE, field.type, values == UNDEF_PRICE)


def texts(values: npt.NDArray[Any], field: Field) -> pa.Array:
    """Return fixed-width byte strings, shape (n,), as Arrow strings."""
    distinct, index = np.unique(values, return_inverse=True)
    try:
        names = string_array([text.decode("ascii") for text in distinct.tolist()])
    except UnicodeDecodeError:
        row = next(n for n, text in enumerate(values.tolist()) if not text.isascii())
        raise RefusedError(row, f"value {bytes(values[row])!r} is not ASCII text") from None
    empty = (values == b"") if field.nullable else None
    return names.take(arrow_array(index.astype(np.int64), pa.int64(), empty))


def coded(codes: npt.NDArray[np.int32], field: Field) -> pa.Array:
    """Return enumeration codes, shape (n,), as an Arrow dictionary; negative codes are null."""
    none = codes < 0
    safe = np.where(none, 0, codes).astype(np.int32)
    indices = arrow_array(safe, pa.int32(), none)
    return pa.DictionaryArray.from_arrays(indices, string_array(field.symbols))


def _enumeration(values: npt.NDArray[Any], field: Field) -> pa.Array:
    table = np.full(256, -2, np.int32)
    for code, symbol in enumerate(field.symbols):
        table[ord(symbol)] = code
    if field.nullable:
        table[list(_NO_ENUM)] = -1
    raw = np.ascontiguousarray(values).view(np.uint8)
    codes = table[raw]
    if (codes == -2).any():
        row = int(np.argmax(codes == -2))
        shown = ", ".join(field.symbols)
        raise RefusedError(row, f"value {bytes([int(raw[row])])!r} is not one of {shown}")
    return coded(codes, field)


def _integers(values: npt.NDArray[Any], field: Field) -> pa.Array:
    kind = np.int32 if pa.types.is_int32(field.type) else np.int64
    undefined = values == np.iinfo(values.dtype).max if field.nullable else None
    too_large = values > np.iinfo(kind).max
    if undefined is not None:
        too_large &= ~undefined
    if too_large.any():
        row = int(np.argmax(too_large))
        raise RefusedError(row, f"value {int(values[row])} does not fit into the type")
    return arrow_array(values.astype(kind), field.type, undefined)
