"""The columns that spare a user of option records the join with their definitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..arrays import arrow_array
from ..catalogue.contract import Contract, Field
from ..errors import ContractError
from .dbn.id_table import IdTable
from .dbn.record_columns import Records, RefusedError, coded, prices, texts, timestamps

_STYLES: Final = {b"A": "AMERICAN", b"E": "EUROPEAN", b"B": "BERMUDAN"}
_CLASSES: Final = (b"C", b"P")


class OptionTerms:
    """Raw symbol, expiration, strike price, class, exercise style and underlying by instrument.

    Parameters
    ----------
    terms : structured array of `option_instruments.TERMS`, shape (n,)
        The options that rows are written of.
    contract : Contract
        Of the table; gives the types.

    Raises
    ------
    ContractError
        A definition says what the contract cannot express.
    """

    def __init__(self, terms: npt.NDArray[np.void], contract: Contract) -> None:
        fields = {field.name: field for field in contract.fields}

        def column(make: Callable[[npt.NDArray[Any], Field], pa.Array], name: str) -> pa.Array:
            try:
                return make(terms[name], fields[name])
            except RefusedError as refused:
                instrument = terms["instrument_id"][refused.row]
                raise ContractError(
                    f"definition of instrument {instrument}: field {name}: {refused} (contract "
                    f"{contract.path}); nothing was published; download the definitions again"
                ) from None

        self._table = IdTable(np.ascontiguousarray(terms["instrument_id"]))
        classes = np.searchsorted(_CLASSES, terms["instrument_class"]).astype(np.int32)
        self._columns = {
            "raw_symbol": column(texts, "raw_symbol"),
            "expiration": column(timestamps, "expiration"),
            "strike_price": column(prices, "strike_price"),
            "instrument_class": coded(classes, fields["instrument_class"]),
            "exercise_style": exercise_style(terms["cfi"], contract),
            "underlying": column(texts, "underlying"),
        }

    def columns(self, records: Records) -> Mapping[str, pa.Array]:
        """Return the terms of each record, shape (n,), whose instruments are all among them."""
        slots = arrow_array(self._table.find(records["instrument_id"]), pa.int32())
        return {name: column.take(slots) for name, column in self._columns.items()}


def exercise_style(cfi: npt.NDArray[Any], contract: Contract) -> pa.Array:
    """Return the exercise style that CFI codes say (ISO 10962, third letter of an option's).

    Parameters
    ----------
    cfi : array of bytes, shape (n,)
    contract : Contract
        Of the table; its field ``exercise_style`` gives the enumeration.
    """
    field = next(field for field in contract.fields if field.name == "exercise_style")
    codes = np.full(len(cfi), -1, np.int32)
    letters = np.array([code[2:3] if code[:1] == b"O" else b"" for code in cfi.tolist()], "S1")
    for letter, style in _STYLES.items():
        codes[letters == letter] = field.symbols.index(style)
    return coded(codes, field)
