"""DBN → Parquet for tables of futures options: outright calls and puts on the front month.

1. `BronzeOptionRecords.open_raw` finds the table's raw files and the definition files of the date;
   `choose_target` resolves every instrument as of the date, and the front-month contract.
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
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ...catalogue.datasets import Dataset, dataset
from ...errors import InputError, NoRawDataError, UsageError
from ...exchange.sessions import utc_day_ns
from ...exchange.symbols import is_root
from ...lake.encoding import ROW_GROUP_ROWS
from ...lake.front import FUTURES
from ...lake.inputs import PARENTS_FACT
from ...lake.manifest import RawInput
from ...lake.paths import Partition
from ...records.option_front_month import OptionFrontMonth, choose_option_front_month
from ...settings import Settings
from ...vendor.dbn.layout import record_dtype
from ...vendor.dbn.record_columns import RecordColumns, Records
from ...vendor.definitions import Kind, OptionInstruments, read_definitions
from ...vendor.files import RawDay, find_raw_day
from ...vendor.instrument_selection import InstrumentSelection
from ...vendor.option_folders import misplaced_for, why_misplaced
from ...vendor.option_terms import OptionTerms
from ...vendor.raw_listing import RawListing
from ...vendor.raw_pass import RawPass
from ..inputs import Inputs, RawInputs
from ..reads import Declared, Follow, ReadRaw
from ..stage import Stage
from ..target import Context, Made, Target, Writers
from .delivery_faults import faults_of_delivery

log = logging.getLogger(__name__)

RAW_DEFINITION = dataset("raw.future_option.definition")


@dataclass(frozen=True)
class OptionChoice:
    """What the definitions of a date say: its instruments, and the front month."""

    instruments: OptionInstruments
    front_month: OptionFrontMonth


class BronzeOptionRecords(Stage):
    """One row a record of an outright call or put on the front-month future, in file order.

    User-defined spreads, combinations and options on other contracts are counted, not written.
    The partition's date is the UTC date of ``ts_recv``; its symbol is the underlying contract.
    """

    raw: Dataset

    @property
    def reads(self) -> tuple[Declared, ...]:  # type: ignore[override]
        """The raw table, and the contract that the futures' Bronze chose."""
        return (ReadRaw(self.raw.key), Follow(FUTURES))

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return root and roll rule."""
        return {"root": symbol, "roll_rule": settings.roll_rule}

    def raw_now(
        self, settings: Settings, root: str, date: dt.date, listing: RawListing
    ) -> tuple[RawInput, ...]:
        """Return the raw files of a date as they are now."""
        return self._raw(settings, root, date, listing).current(settings, listing)

    def open_raw(self, settings: Settings, inputs: Inputs) -> None:
        """Find the raw files of a date of a product root."""
        inputs.raw = self._raw(settings, inputs.symbol, inputs.date)

    @abstractmethod
    def derived(self, terms: OptionTerms, records: Records) -> Mapping[str, pa.Array]:
        """Return the columns that are not fields of the records."""

    def facts_of(self, selection: InstrumentSelection) -> Mapping[str, Any]:
        """Return what the table's manifest records of the records besides."""
        return {}

    def choose_target(self, context: Context, inputs: Inputs) -> Target:
        """Resolve the instruments, and the front month among their underlyings."""
        symbol, date, settings = inputs.symbol, inputs.date, context.settings
        files = inputs.raw_inputs.beside
        folder = settings.lake_root / RAW_DEFINITION.folder(symbol)
        start_ns, end_ns = utc_day_ns(date)
        instruments = read_definitions(files, end_ns, settings.max_expansion)
        if not len(instruments.terms):
            raise NoRawDataError(
                f"{folder}: the definition files of {date} hold no definition; "
                "download schema definition of the date again"
            )
        misplaced = why_misplaced(settings.lake_root, RAW_DEFINITION, symbol, instruments)
        if misplaced is not None:
            raise InputError(misplaced)
        candidates = instruments.candidates(symbol, start_ns)
        front_month = choose_option_front_month(
            settings.lake_root, symbol, date, candidates, settings.roll_rule, folder
        )
        return Target(front_month.symbol, date, OptionChoice(instruments, front_month))

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Write the records of outrights on the front month."""
        day = inputs.raw_day
        choice: OptionChoice = target.choice
        instruments = choice.instruments
        partition = Partition(self.output, target.symbol, day.date)
        schema, version = _schema(day, self.raw), day.files[0].metadata.version
        kinds = instruments.classify(inputs.symbol, target.symbol)
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
            writers[self.output],
            partition,
            context.settings.max_expansion,
        )
        full_pass.run_merged(context.progress)
        inputs.raw_inputs.digests.update(instruments.digests | full_pass.digests)
        facts = {
            "condition": day.condition,
            "source_schema": schema,
            "instruments": {
                kind.label: int(count)
                for kind, count in zip(Kind, np.bincount(kinds, minlength=len(Kind)), strict=True)
            },
            "records": selection.records_by_kind(),
            "instruments_without_definition": selection.without_definition(),
            PARENTS_FACT: parents_of(day),
            **self.facts_of(selection),
            **full_pass.facts(),
        }
        self._warn(partition, choice, selection, facts)
        return Made({"front_month": choice.front_month.to_manifest()}, facts)

    def _raw(
        self, settings: Settings, root: str, date: dt.date, listing: RawListing | None = None
    ) -> RawInputs:
        if not is_root(root):
            raise UsageError(f"{root}: Bronze is built from a product root such as ES")
        # Definitions are input of every table: a build too looks at their folder once.
        listing = RawListing(settings.lake_root) if listing is None else listing
        day = self._find(settings, root, date, listing)
        _require_one_layout(day)
        return RawInputs(day, self._definition_day(settings.lake_root, root, day, listing).files)

    def _find(self, settings: Settings, root: str, date: dt.date, listing: RawListing) -> RawDay:
        try:
            return find_raw_day(settings.lake_root, self.raw, root, date, listing=listing)
        except NoRawDataError as error:
            elsewhere = misplaced_for(
                settings.lake_root, RAW_DEFINITION, root, date, settings.max_expansion
            )
            if elsewhere is None:
                raise
            raise NoRawDataError(f"{elsewhere} ({error})") from error

    def _definition_day(
        self, lake_root: Path, root: str, day: RawDay, listing: RawListing
    ) -> RawDay:
        date = day.date
        if self.raw is RAW_DEFINITION:
            return day
        try:
            return find_raw_day(lake_root, RAW_DEFINITION, root, date, listing=listing)
        except NoRawDataError as error:
            folder = lake_root / RAW_DEFINITION.folder(root)
            raise InputError(
                f"{folder}: no definition file for {date}, so the instruments of {self.raw.table} "
                f"are unknown; download schema definition of {date} for the same symbols into it "
                f"({error})"
            ) from error

    def _warn(
        self,
        where: Partition,
        choice: OptionChoice,
        selection: InstrumentSelection,
        facts: Mapping[str, Any],
    ) -> None:
        for told in faults_of_delivery(where, facts, by_records=False):
            log.warning("%s: %s", where, told)
        if choice.front_month.remark:
            log.warning("%s: %s", where, choice.front_month.remark)
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


def parents_of(day: RawDay) -> list[str]:
    """Return what the files of a date were asked for, sorted: parents such as ``ES.OPT``.

    Of a request by raw symbol or instrument id, which names others each date, its symbology alone.
    """
    found: set[str] = set()
    for file in day.files:
        meta = file.metadata
        is_parent = meta.stype_in in (None, "parent") or "ALL_SYMBOLS" in meta.symbols
        found |= set(meta.symbols) if is_parent else {str(meta.stype_in)}
    return sorted(found)


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
