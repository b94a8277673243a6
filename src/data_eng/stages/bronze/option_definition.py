"""DBN → Parquet: definitions of outright calls and puts on the front month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pyarrow as pa

from ...catalogue.datasets import dataset
from ...vendor.dbn.record_columns import Records
from ...vendor.option_terms import OptionTerms, exercise_style
from .option_records import RAW_DEFINITION, BronzeOptionRecords


class BronzeOptionDefinition(BronzeOptionRecords):
    """Bronze ``definition`` of futures options; see `BronzeOptionRecords`.

    One row a definition record received on the date: the vendor publishes every definition again
    at 00:00 UTC, and changes as they come. Fields that DBN version 3 no longer has are left out.
    """

    name: ClassVar[str] = "bronze_option_definition"
    version: ClassVar[int] = 3
    writes = (dataset("bronze.future_option.definition"),)
    raw = RAW_DEFINITION

    def derived(self, terms: OptionTerms, records: Records) -> Mapping[str, pa.Array]:
        """Return the exercise style."""
        return {"exercise_style": exercise_style(records["cfi"], self.output.contract())}
