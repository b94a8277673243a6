"""DBN → Parquet: MBP-10 records of the front-month contract.

1. `BronzeMarketByPrice10.open_raw` finds the raw files of the date; `choose_target` *guesses* the
   front month: the contract of an earlier run, the roll calendar's, or the one that leads the first
   records.
2. `transform` streams all files once (`RawPass`): every record is counted, the guessed
   contract's records are copied into row groups.
3. As soon as all trades before the open have passed, the front month is *decided* from the full
   counts. Where the guess was wrong (on a day or two a quarter), `RetargetError` starts over with
   the right contract; nothing of the wrong one is published.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from itertools import islice
from typing import Any, ClassVar, Final

from ...catalogue.datasets import dataset
from ...errors import NoRawDataError, UsageError
from ...exchange.roll import FrontMonth, calendar_front_month, choose_front_month
from ...exchange.sessions import RTH_OPEN, session_ns, utc_day_ns
from ...exchange.symbols import is_root, outright_of_root
from ...lake.encoding import ROW_GROUP_ROWS
from ...lake.manifest import RawInput
from ...lake.paths import Partition
from ...settings import Settings
from ...vendor.dbn.layout import UNDEF_TIMESTAMP
from ...vendor.dbn.mbp10_columns import Mbp10Columns
from ...vendor.dbn.reader import DbnReader
from ...vendor.files import RawDay, find_raw_day
from ...vendor.raw_listing import RawListing
from ...vendor.raw_pass import RawPass
from ...vendor.symbology import require_symbols, symbols_of_day
from ...vendor.tally import Tally
from ..inputs import Inputs, RawInputs
from ..reads import ReadRaw
from ..stage import Stage
from ..target import Context, Made, RetargetError, Target, Writers
from .delivery_faults import faults_of_delivery

log = logging.getLogger(__name__)

SCHEMA: Final = "mbp-10"
PEEK_BLOCKS: Final = 64
"""Blocks of a file that the guess is made from: one percent of a day."""


class BronzeMarketByPrice10(Stage):
    """Bronze ``market_by_price_10``: one row a record of the front-month outright, in file order.

    The partition's date is the UTC date of ``ts_recv``. Calendar spreads and other contracts are
    counted, for the front-month rule, but not written. No record of the contract is dropped,
    merged or reordered: rows may be equal and still be distinct trades.
    """

    name: ClassVar[str] = "bronze_market_by_price_10"
    version: ClassVar[int] = 2
    raw = dataset("raw.future.market_by_price_10")
    definitions = dataset("raw.future.definition")
    reads = (ReadRaw(raw.key),)
    writes = (dataset("bronze.future.market_by_price_10"),)

    def parameters(self, settings: Settings, symbol: str) -> Mapping[str, Any]:
        """Return root and roll rule."""
        return {"root": symbol, "roll_rule": settings.roll_rule}

    def raw_now(
        self, settings: Settings, root: str, date: dt.date, listing: RawListing
    ) -> tuple[RawInput, ...]:
        """Return the raw files of a date as they are now."""
        return RawInputs(self._raw_day(settings, root, date, listing)).current(settings, listing)

    def open_raw(self, settings: Settings, inputs: Inputs) -> None:
        """Find the raw files of a date of a product root."""
        inputs.raw = RawInputs(self._raw_day(settings, inputs.symbol, inputs.date))

    def choose_target(self, context: Context, inputs: Inputs) -> Target:
        """Guess the front month; the choice is the vendor's id of each outright on the date."""
        symbol, date = inputs.symbol, inputs.date
        tally, symbols = self._peek(context, inputs.raw_day)
        outrights = {i: s for i, s in symbols.items() if outright_of_root(s, symbol)}
        if not outrights:
            # Raises, saying what the files hold instead.
            choose_front_month("volume", symbol, date, tally.candidates(symbols))
        ids = {s: i for i, s in outrights.items()}
        guess = self._built_before(context, symbol, date)
        if guess not in ids:
            guess = self._guess(context, symbol, date, tally, outrights)
        return Target(guess, date, ids)

    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Write the contract's records; raise `RetargetError` where it is not the front month."""
        day, date = inputs.raw_day, target.date
        open_ns = session_ns(date, RTH_OPEN)
        tally = Tally(*utc_day_ns(date), open_ns, target.choice[target.symbol])
        contract = self.output.contract()
        partition = Partition(self.output, target.symbol, date)
        full_pass = RawPass(
            day.files,
            SCHEMA,
            tally,
            lambda: Mbp10Columns(contract, ROW_GROUP_ROWS),
            writers[self.output],
            partition,
            context.settings.max_expansion,
        )
        last_before_open = max(
            (n for n, file in enumerate(day.files) if file.metadata.start < open_ns), default=-1
        )
        decided = False

        def decide_at_open(number: int, last_ns: int) -> None:
            nonlocal decided
            if not decided and number >= last_before_open and last_ns >= open_ns:
                decided = True
                if tally.volume_before_open():
                    self._decide(context, inputs, target, tally, full_pass.symbol_mappings)

        full_pass.run(decide_at_open, context.progress)
        front_month = self._decide(context, inputs, target, tally, full_pass.symbol_mappings)
        inputs.raw_inputs.digests.update(full_pass.digests)
        facts = {
            "condition": day.condition,
            "records_read": tally.records,
            **full_pass.facts(),
        }
        self._warn(partition, front_month, facts)
        return Made({"front_month": front_month.to_manifest()}, facts)

    def _raw_day(
        self, settings: Settings, root: str, date: dt.date, listing: RawListing | None = None
    ) -> RawDay:
        if not is_root(root):
            raise UsageError(f"{root}: Bronze is built from a product root such as ES")
        lake_root, definitions = settings.lake_root, self.definitions
        return find_raw_day(lake_root, self.raw, root, date, definitions, listing)

    def _decide(
        self,
        context: Context,
        inputs: Inputs,
        target: Target,
        tally: Tally,
        recorded: list[tuple[int, str]],
    ) -> FrontMonth:
        day = inputs.raw_day
        with_records = tally.instruments()
        if not with_records:
            raise NoRawDataError(
                f"{day.folder}: the raw files hold no record of {day.date}; "
                "leave the date out, or download it again"
            )
        symbols = symbols_of_day(day, recorded, with_records)
        require_symbols(symbols, with_records, day)
        rule = context.settings.roll_rule
        front_month = choose_front_month(rule, inputs.symbol, day.date, tally.candidates(symbols))
        if front_month.symbol != target.symbol:
            log.info("%s %s: the front month is %s", inputs.symbol, day.date, front_month.symbol)
            ids = {front_month.symbol: front_month.instrument_id}
            raise RetargetError(Target(front_month.symbol, day.date, ids))
        return front_month

    def _peek(self, context: Context, day: RawDay) -> tuple[Tally, dict[int, str]]:
        tally = Tally(0, UNDEF_TIMESTAMP >> 1, 0)
        recorded: list[tuple[int, str]] = []
        expansion = context.settings.max_expansion
        for file in day.files:
            with DbnReader(file.path, SCHEMA, max_expansion=expansion) as reader:
                for block in islice(reader.blocks(), PEEK_BLOCKS):
                    tally.select(block)
                recorded += reader.symbol_mappings
        if not tally.records:
            raise NoRawDataError(
                f"{day.folder}: the raw files of {day.date} hold no records; "
                "leave the date out, or download it again"
            )
        symbols = symbols_of_day(day, recorded, tally.instruments())
        if not symbols:
            require_symbols(symbols, tally.instruments(), day)
        return tally, symbols

    def _guess(
        self,
        context: Context,
        root: str,
        date: dt.date,
        tally: Tally,
        outrights: Mapping[int, str],
    ) -> str:
        # Right on ordinary days, and only a guess: the decision is taken from the full counts.
        if context.settings.roll_rule == "calendar":
            wanted = calendar_front_month(root, date)
            if wanted in outrights.values():
                return wanted
        return outrights[max(sorted(outrights), key=tally.activity)]

    def _warn(self, where: Partition, front_month: FrontMonth, facts: Mapping[str, Any]) -> None:
        for told in faults_of_delivery(where, facts, by_records=True):
            log.warning("%s: %s", where, told)
        if front_month.differs_from_calendar:
            log.warning(
                "%s: front month by %s; the roll calendar says %s",
                where,
                front_month.basis,
                front_month.calendar_symbol,
            )
