"""MBP-10 records as the columns of a row group."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...arrays import arrow_array, string_array
from ...catalogue.contract import Contract
from ...errors import ContractError
from .kernel_arrays import Codes, ColumnArrays
from .layout import FLAGS

_I64: Final = ("ts_recv", "ts_event", "instrument_id", "sequence", "ts_out")
_I32: Final = (
    *("rtype", "publisher_id", "action", "side", "depth", "size", "flags", "ts_in_delta"),
    *(f"{field}_{k:02d}" for k in range(10) for field in ("bid_sz", "ask_sz", "bid_ct", "ask_ct")),
)
_F64: Final = (
    "price",
    *(f"{field}_{k:02d}" for k in range(10) for field in ("bid_px", "ask_px")),
)
STAGED_ROWS: Final = 2048
"""Records that are taken apart before their columns are copied: 0.8 MB of the second-level cache,
in runs of 8 KB and more."""
_UNDEF_SIZE: Final = -1  # UNDEF_ORDER_SIZE, 2**32 - 1, read as int32
_UNDEF_TIME: Final = -1  # UNDEF_TIMESTAMP, 2**64 - 1, read as int64


class Mbp10Columns:
    """Contiguous columns that records are copied into until a row group is full.

    Every record goes to 74 places. Were these in the columns of a row group, 50 MB, each of them
    would be a cache line fetched from memory: records are taken apart in a small copy of the
    columns, which stays in the cache, and from there copied in long runs, in half the time.

    Parameters
    ----------
    contract : Contract
        Contract of Bronze ``market_by_price_10``; gives columns, types and enumerations.
    capacity : int
        Rows of a row group.
    """

    def __init__(self, contract: Contract, capacity: int) -> None:
        self._contract = contract
        self.capacity = capacity
        self.rows = 0
        self._has_ts_out = False
        self._i64, self._f64, self._i32, self._u8 = _empty_columns(capacity)
        # Columns a multiple of 4 KiB apart would share cache sets and evict each other.
        self._staged = _empty_columns(STAGED_ROWS + 24)
        self._undefined = np.zeros(len(_F64), np.int64)
        i64, f64, i32, u8 = (columns.reshape(-1) for columns in self._staged)
        self._arrays = ColumnArrays(i64, f64, i32, u8, self._undefined, STAGED_ROWS + 24)
        symbols = {field.name: field.symbols for field in contract.fields}
        self._codes = Codes(_codes(symbols["action"]), _codes(symbols["side"]))

    @property
    def times(self) -> npt.NDArray[np.int64]:
        """``ts_recv`` of the rows, ns since epoch UTC; shares the columns' memory."""
        return self._i64[_I64.index("ts_recv"), : self.rows]

    def append(self, block: npt.NDArray[np.void], rows: npt.NDArray[np.uint64]) -> int:
        """Copy rows of a block until the columns are full.

        Parameters
        ----------
        block : structured array of MBP-10 records, with or without ``ts_out``
        rows : uint64 array
            Row numbers in the block.

        Returns
        -------
        int
            How many rows were taken.
        """
        taken = min(len(rows), self.capacity - self.rows)
        words = block.dtype.itemsize // 8
        self._has_ts_out |= words == 47
        from .mbp10_kernels import scatter  # noqa: PLC0415 - compiled

        w64, w32 = block.view(np.int64), block.view(np.int32)
        for start in range(0, taken, STAGED_ROWS):
            some = rows[start : min(start + STAGED_ROWS, taken)]
            scatter(w64, w32, words, some, self._codes, self._arrays)
            self._copy_staged(len(some))
        return taken

    def batch(self, where: str, first_row: int) -> pa.RecordBatch:
        """Return the columns as one batch that shares their memory.

        Parameters
        ----------
        where : str
            The partition, for messages.
        first_row : int
            Rows of the partition before these.

        Raises
        ------
        ContractError
            A time or an action or side byte that the contract cannot express. A size beyond its
            type is left negative for `Contract.check`.
        """
        self._check_times(where, first_row)
        self._check_codes(where, first_row)
        columns = {name: self._primitive(self._i64[i], name) for i, name in enumerate(_I64)}
        columns["ts_out"] = self._ts_out()
        columns |= {name: self._primitive(self._i32[i], name) for i, name in enumerate(_I32)}
        columns["size"] = self._masked("size", self._i32[_I32.index("size")], _UNDEF_SIZE)
        columns |= {name: self._price(i) for i, name in enumerate(_F64)}
        flags = self._u8[0, : self.rows]
        columns |= {
            name: arrow_array((flags & bit) != 0, pa.bool_()) for name, bit in FLAGS.items()
        }
        schema = self._contract.arrow_schema
        return pa.RecordBatch.from_arrays([columns[n] for n in schema.names], schema=schema)

    def clear(self) -> None:
        """Forget the rows; batches made before must no longer be in use."""
        self.rows = 0
        self._has_ts_out = False
        self._undefined[:] = 0

    def _copy_staged(self, count: int) -> None:
        end = self.rows + count
        for columns, staged in zip(
            (self._i64, self._f64, self._i32, self._u8), self._staged, strict=True
        ):
            columns[:, self.rows : end] = staged[:, :count]
        self.rows = end

    def _type(self, name: str) -> pa.DataType:
        return self._contract.arrow_schema.field(name).type

    def _primitive(self, values: npt.NDArray[Any], name: str) -> pa.Array:
        kind = self._type(name)
        if pa.types.is_dictionary(kind):
            codes = arrow_array(values[: self.rows], kind.index_type)
            symbols = next(f.symbols for f in self._contract.fields if f.name == name)
            return pa.DictionaryArray.from_arrays(codes, string_array(symbols))
        return arrow_array(values[: self.rows], kind)

    def _masked(self, name: str, values: npt.NDArray[Any], undefined: int) -> pa.Array:
        used = values[: self.rows]
        return arrow_array(used, self._type(name), used == undefined)

    def _ts_out(self) -> pa.Array:
        if not self._has_ts_out:
            return pa.nulls(self.rows, self._type("ts_out"))
        return self._masked("ts_out", self._i64[_I64.index("ts_out")], _UNDEF_TIME)

    def _price(self, index: int) -> pa.Array:
        values = self._f64[index, : self.rows]
        return arrow_array(
            values, pa.float64(), np.isnan(values) if self._undefined[index] else None
        )

    def _check_times(self, where: str, first_row: int) -> None:
        for name in ("ts_recv", "ts_event", *(("ts_out",) if self._has_ts_out else ())):
            times = self._i64[_I64.index(name), : self.rows]
            wrong = times < (_UNDEF_TIME if name == "ts_out" else 0)
            if wrong.any():
                row = int(np.argmax(wrong))
                raise ContractError(
                    f"{where}: field {name}, row {first_row + row}: value "
                    f"{int(times[row]) % 2**64} is no time in nanoseconds "
                    f"(contract {self._contract.path}); nothing was published"
                )

    def _check_codes(self, where: str, first_row: int) -> None:
        for name in ("action", "side"):
            codes = self._i32[_I32.index(name), : self.rows]
            if len(codes) and codes.min() < 0:
                row = int(np.argmin(codes >= 0))
                symbols = next(f.symbols for f in self._contract.fields if f.name == name)
                raise ContractError(
                    f"{where}: field {name}, row {first_row + row}: value "
                    f"{bytes([-1 - int(codes[row])])!r} is not one of {', '.join(symbols)} "
                    f"(contract {self._contract.path}); "
                    "nothing was published"
                )


def _empty_columns(rows: int) -> tuple[npt.NDArray[Any], ...]:
    return (
        np.zeros((len(_I64), rows), np.int64),
        np.zeros((len(_F64), rows), np.float64),
        np.zeros((len(_I32), rows), np.int32),
        np.zeros((1, rows), np.uint8),
    )


def _codes(symbols: tuple[str, ...]) -> npt.NDArray[np.int32]:
    # A byte that is no symbol keeps its value, for the message: -1 - byte.
    codes = -1 - np.arange(256, dtype=np.int32)
    for code, symbol in enumerate(symbols):
        codes[ord(symbol)] = code
    return codes
