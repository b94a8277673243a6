"""DBN → Parquet: trades of outright calls and puts on the front month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pyarrow as pa

from ...catalogue.datasets import dataset
from ...vendor.dbn.record_columns import Records
from ...vendor.option_terms import OptionTerms
from .option_records import BronzeOptionRecords


class BronzeOptionTrades(BronzeOptionRecords):
    """Bronze ``trades`` of futures options; see `BronzeOptionRecords`."""

    name: ClassVar[str] = "bronze_option_trades"
    version: ClassVar[int] = 3
    writes = (dataset("bronze.future_option.trades"),)
    raw = dataset("raw.future_option.trades")

    def derived(self, terms: OptionTerms, records: Records) -> Mapping[str, pa.Array]:
        """Return the terms of each record's option."""
        return terms.columns(records)
