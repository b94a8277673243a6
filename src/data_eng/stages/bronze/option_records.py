"""DBN → Parquet for tables of futures options: outright calls and puts on the front month.

1. `BronzeOptionRecords.load` finds the table's raw files and the definition files of the date,
   resolves every instrument as of the date, and the front-month contract.
2. `transform` streams the files once (`RawPass`): every record is counted by what its instrument
   is, those of outrights on the front month are written.

What an instrument is told by its definition alone. Records of an instrument without one are
counted and reported.
"""

from __future__ import annotations

import datetime as dt
import logging
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ...catalogue.datasets import Dataset, dataset
from ...errors import InputError, NoRawDataError, UsageError
from ...exchange.sessions import utc_day_ns
from ...exchange.symbols import is_root
from ...lake.encoding import ROW_GROUP_ROWS
from ...lake.part import PartWriter
from ...lake.paths import Partition
from ...records.option_front_month import FUTURES, OptionFrontMonth, choose_option_front_month
from ...vendor.dbn.layout import record_dtype
from ...vendor.dbn.record_columns import RecordColumns, Records
from ...vendor.definitions import Kind, OptionInstruments, read_definitions
from ...vendor.files import RawDay, RawFile, find_raw_day
from ...vendor.instrument_selection import InstrumentSelection
from ...vendor.option_terms import OptionTerms
from ...vendor.raw_pass import RawPass
from ..stage import Context, Stage
from .loaded_raw_day import LoadedRawDay

log = logging.getLogger(__name__)

RAW_DEFINITION = dataset("raw.future_option.definition")


@dataclass
class LoadedOptionDay(LoadedRawDay):
    """The raw files of a date, its definitions, and the front month."""

    definitions: tuple[RawFile, ...]
    instruments: OptionInstruments
    front_month: OptionFrontMonth

    def input_files(self) -> tuple[RawFile, ...]:
        """Return the data files and, where they are others, the definition files."""
        return tuple(dict.fromkeys((*self.day.files, *self.definitions)))


class BronzeOptionRecords(Stage):
    """One row a record of an outright call or put on the front-month future, in file order.

    User-defined spreads, combinations and options on other contracts are counted, not written.
    The partition's date is the UTC date of ``ts_recv``; its symbol is the underlying contract.
    """

    raw: Dataset
    follows = (FUTURES.key,)

    def parameters(self, context: Context, symbol: str) -> Mapping[str, Any]:
        """Return root and roll rule."""
        return {"root": symbol, "roll_rule": context.settings.roll_rule}

    @abstractmethod
    def derived(self, terms: OptionTerms, records: Records) -> Mapping[str, pa.Array]:
        """Return the columns that are not fields of the records."""

    def load(self, context: Context, symbol: str, date: dt.date) -> LoadedOptionDay:
        """Find the raw files of a date of a product root, and resolve its instruments."""
        if not is_root(symbol):
            raise UsageError(f"{symbol}: Bronze is built from a product root such as ES")
        settings = context.settings
        day = find_raw_day(settings.lake_root, self.raw, symbol, date)
        _require_one_layout(day)
        definitions = self._definition_day(context, symbol, date, day)
        start_ns, end_ns = utc_day_ns(date)
        instruments = read_definitions(definitions.files, end_ns, settings.max_expansion)
        if not len(instruments.terms):
            raise NoRawDataError(
                f"{definitions.folder}: the definition files of {date} hold no definition; "
                "download schema definition of the date again"
            )
        candidates = instruments.candidates(symbol, start_ns)
        front_month = choose_option_front_month(
            settings.lake_root, symbol, date, candidates, settings.roll_rule, definitions.folder
        )
        partition = Partition(self.output, front_month.symbol, date)
        return LoadedOptionDay(partition, symbol, day, definitions.files, instruments, front_month)

    def transform(
        self, context: Context, loaded: LoadedOptionDay, writer: PartWriter
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Write the records of outrights on the front month."""
        day, instruments = loaded.day, loaded.instruments
        schema, version = _schema(day, self.raw), day.files[0].metadata.version
        kinds = instruments.classify(loaded.root, loaded.front_month.symbol)
        selection = InstrumentSelection(
            instruments.terms["instrument_id"],
            kinds,
            utc_day_ns(day.date),
        )
        contract = self.output.contract()
        terms = OptionTerms(instruments.terms[kinds == Kind.OUTRIGHT], contract)

        def new_columns() -> RecordColumns:
            return RecordColumns(
                contract,
                record_dtype(schema, version),
                ROW_GROUP_ROWS,
                lambda records: self.derived(terms, records),
            )

        full_pass = RawPass(
            day.files,
            schema,
            selection,
            new_columns,
            writer,
            str(loaded.partition),
            context.settings.max_expansion,
        )
        full_pass.run(lambda _number, _last_ns: None, context.progress)
        loaded.digests.update(instruments.digests | full_pass.digests)
        facts = {
            "condition": day.condition,
            "source_schema": schema,
            "instruments": {
                kind.label: int(count)
                for kind, count in zip(Kind, np.bincount(kinds, minlength=len(Kind)), strict=True)
            },
            "records": selection.records_by_kind(),
            "instruments_without_definition": selection.without_definition(),
            **full_pass.facts(),
        }
        self._warn(loaded, selection, full_pass, facts)
        return {"front_month": loaded.front_month.to_manifest()}, facts

    def _definition_day(self, context: Context, root: str, date: dt.date, day: RawDay) -> RawDay:
        if self.raw is RAW_DEFINITION:
            return day
        lake_root = context.settings.lake_root
        try:
            return find_raw_day(lake_root, RAW_DEFINITION, root, date)
        except NoRawDataError as error:
            folder = lake_root / RAW_DEFINITION.folder(root)
            raise InputError(
                f"{folder}: no definition file for {date}, so the instruments of {self.raw.table} "
                f"are unknown; download schema definition of {date} for the same symbols into it "
                f"({error})"
            ) from error

    def _warn(
        self,
        loaded: LoadedOptionDay,
        selection: InstrumentSelection,
        done: RawPass,
        facts: Mapping[str, Any],
    ) -> None:
        where = loaded.partition
        if loaded.day.condition not in (None, "available"):
            log.warning("%s: the vendor's condition of this date is %s", where, facts["condition"])
        if loaded.front_month.remark:
            log.warning("%s: %s", where, loaded.front_month.remark)
        unknown = selection.without_definition()
        if unknown["count"]:
            log.warning(
                "%s: %d records of %d instruments without a definition were left out (first ids "
                "%s); download schema definition of the date for the same symbols",
                where,
                unknown["records"],
                unknown["count"],
                unknown["first_ids"],
            )
        undefined = facts["instruments"][Kind.UNDEFINED_TERMS.label]
        if undefined:
            log.warning(
                "%s: %d options have no strike price or expiration in their definition; their %d "
                "records were left out",
                where,
                undefined,
                facts["records"][Kind.UNDEFINED_TERMS.label],
            )
        if done.gateway_errors:
            log.warning("%s: the files hold error records: %s", where, done.gateway_errors[0])


def _schema(day: RawDay, raw: Dataset) -> str:
    # A live capture names no schema; it is then that of the table's first.
    return day.files[0].metadata.schema or raw.schemas[0]


def _require_one_layout(day: RawDay) -> None:
    first = day.files[0]
    for file in day.files[1:]:
        ours, others = first.metadata, file.metadata
        if (ours.schema, ours.version) != (others.schema, others.version):
            raise InputError(
                f"{first.path} and {file.path}: schema {ours.schema} of DBN version "
                f"{ours.version} and schema {others.schema} of version {others.version} for "
                f"{day.date}; keep one delivery of the date in the folder"
            )
