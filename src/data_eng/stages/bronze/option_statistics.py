"""DBN → Parquet: exchange statistics of outright calls and puts on the front month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import databento_dbn as dbn
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...arrays import arrow_array
from ...catalogue.contract import Field
from ...catalogue.datasets import dataset
from ...errors import ContractError
from ...vendor.dbn.record_columns import Records, coded
from ...vendor.option_terms import OptionTerms
from .option_records import BronzeOptionRecords

SETTLEMENT_PRICE: Final = int(dbn.StatType.SETTLEMENT_PRICE.value)
SETTL_PRICE_TYPE: Final = {
    "settl_price_type_final": 0x01,
    "settl_price_type_actual": 0x02,
    "settl_price_type_rounded": 0x04,
    "settl_price_type_intraday": 0x08,
}
"""Bits of ``stat_flags`` on settlement prices: CME MDP 3.0 tag 731, SettlPriceType."""


class BronzeOptionStatistics(BronzeOptionRecords):
    """Bronze ``statistics`` of futures options; see `BronzeOptionRecords`.

    Every type of statistic is kept, under its number and, where the vendor has one, its name.
    Values are published again and revised: a user takes the latest received before a time.
    """

    name: ClassVar[str] = "bronze_option_statistics"
    version: ClassVar[int] = 3
    writes = (dataset("bronze.future_option.statistics"),)
    raw = dataset("raw.future_option.statistics")

    def derived(self, terms: OptionTerms, records: Records) -> Mapping[str, pa.Array]:
        """Return the option's terms, names of type and action, and the settlement's flag bits."""
        contract = self.output.contract()
        fields = {field.name: field for field in contract.fields}
        is_settlement = records["stat_type"] == SETTLEMENT_PRICE
        actions = _named(records["update_action"], dbn.StatUpdateAction, fields["update_action"])
        if (actions < 0).any():
            row = int(np.argmax(actions < 0))
            raise ContractError(
                f"{self.output.key}: field update_action: value "
                f"{int(records['update_action'][row])} is none of "
                f"{', '.join(fields['update_action'].symbols)}; nothing was published"
            )
        types = _named(records["stat_type"], dbn.StatType, fields["stat_type_name"])
        return {
            **terms.columns(records),
            "stat_type_name": coded(types, fields["stat_type_name"]),
            "update_action": coded(actions, fields["update_action"]),
            **{
                name: arrow_array((records["stat_flags"] & bit) != 0, pa.bool_(), ~is_settlement)
                for name, bit in SETTL_PRICE_TYPE.items()
            },
        }


def _named(values: npt.NDArray[Any], names: Any, field: Field) -> npt.NDArray[np.int32]:
    # Codes of the contract's symbols; -1 where the vendor's enumeration has no such number.
    table = np.full(1 << 16, -1, np.int32)
    for name in names.variants():
        if name.name in field.symbols:
            table[int(name.value)] = field.symbols.index(name.name)
    return np.asarray(table[values])
