"""The columns that spare a user of option records the join with their definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...arrow_arrays import arrow_array
from ...contract import Contract
from ...dbn.record_columns import Records, coded, prices, texts, timestamps
from ...option_instruments import OptionInstruments

_STYLES = {b"A": "AMERICAN", b"E": "EUROPEAN", b"B": "BERMUDAN"}


def option_terms(
    instruments: OptionInstruments, records: Records, contract: Contract
) -> Mapping[str, pa.Array]:
    """Return raw symbol, expiration, strike price, class, exercise style and underlying.

    Parameters
    ----------
    instruments : OptionInstruments
        Holds every instrument of the records.
    records : structured array, shape (n,)
    contract : Contract
        Of the table; gives the types.
    """
    terms = instruments.terms
    of_row = np.searchsorted(terms["instrument_id"], records["instrument_id"])
    slots, row_slot = np.unique(of_row, return_inverse=True)
    used = terms[slots]
    take = arrow_array(row_slot.astype(np.int64), pa.int64())
    fields = {field.name: field for field in contract.fields}
    columns = {
        "raw_symbol": texts(used["raw_symbol"], fields["raw_symbol"]),
        "expiration": timestamps(used["expiration"], fields["expiration"]),
        "strike_price": prices(used["strike_price"], fields["strike_price"]),
        "underlying": texts(used["underlying"], fields["underlying"]),
    }
    taken = {name: column.take(take) for name, column in columns.items()}
    right = np.where(used["instrument_class"] == b"C", 0, 1).astype(np.int32)
    taken["instrument_class"] = coded(right[row_slot], fields["instrument_class"])
    taken["exercise_style"] = exercise_style(used["cfi"], contract, row_slot)
    return taken


def exercise_style(
    cfi: npt.NDArray[Any], contract: Contract, rows: npt.NDArray[Any] | slice = slice(None)
) -> pa.Array:
    """Return the exercise style that CFI codes say (ISO 10962, third letter of an option's).

    Parameters
    ----------
    cfi : array of bytes, shape (n,)
    contract : Contract
        Of the table; its field ``exercise_style`` gives the enumeration.
    rows : index array, optional
        Which codes, in which order.
    """
    field = next(field for field in contract.fields if field.name == "exercise_style")
    codes = np.full(len(cfi), -1, np.int32)
    letters = np.array([code[2:3] if code[:1] == b"O" else b"" for code in cfi.tolist()], "S1")
    for letter, style in _STYLES.items():
        codes[letters == letter] = field.symbols.index(style)
    return coded(codes[rows], field)
