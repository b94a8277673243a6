"""DBN → Parquet: best bid and offer of outright calls and puts on the front month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pyarrow as pa

from ...catalogue.datasets import dataset
from ...lake.inputs import SILENCES_FACT
from ...vendor.dbn.record_columns import Records
from ...vendor.instrument_selection import InstrumentSelection
from ...vendor.option_terms import OptionTerms
from .option_records import BronzeOptionRecords


class BronzeOptionNbbo(BronzeOptionRecords):
    """Bronze ``nbbo`` of futures options; see `BronzeOptionRecords`.

    From every schema that carries the best bid and offer: ``mbp-1`` (each change), ``tbbo`` (before
    each trade), ``bbo-1s`` and ``bbo-1m`` (sampled); the manifest says which. CME options trade on
    one venue, so it is the best bid and offer of that venue.
    """

    name: ClassVar[str] = "bronze_option_nbbo"
    version: ClassVar[int] = 3
    writes = (dataset("bronze.future_option.nbbo"),)
    raw = dataset("raw.future_option.nbbo")

    def facts_of(self, selection: InstrumentSelection) -> Mapping[str, Any]:
        """Return when no quote of any instrument of the root came for a minute or longer."""
        return {SILENCES_FACT: selection.silences.ranges()}

    def derived(self, terms: OptionTerms, records: Records) -> Mapping[str, pa.Array]:
        """Return the terms of each record's option."""
        return terms.columns(records)
