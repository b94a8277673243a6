"""The stage: load → check → transform → write, one date at a time.

A stage declares what it `reads` and what it `writes`; registry, order, staleness and lineage follow
from that. `Stage.run` does, for every stage alike:

1. `closure`, `exclusion`: a date on which, or a symbol for which there is nothing to do is skipped,
   with the reason.
2. What is complete and current (`staleness.Currency`) stays; what is stale stays too, and is told,
   unless stale partitions are to be rebuilt. No input is opened for that; what stays is synced, and
   what a killed run left beside it removed (`settle`).
3. `Inputs` opens what is read; `choose_target` says which contract is written.
4. Under the lock of each partition: `repair` what a killed run left, look again, and `transform`:
   rows go to the `Writers`, which check them against the contract.
5. The inputs are confirmed to be what was read, the manifests are made, and each partition is
   published, in the order of `writes`.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from abc import abstractmethod
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any

from ..catalogue.datasets import dataset
from ..errors import (
    CorruptPartitionError,
    NoRawDataError,
    NoRawFilesError,
    PartitionNotFoundError,
)
from ..exchange.calendar import closure_reason
from ..lake.claim import hold
from ..lake.paths import Partition
from ..lake.publish import repair
from ..lake.settle import settle
from ..lake.summary import Summary
from ..settings import Settings
from .declaration import Declaration
from .inputs import Inputs
from .left_out import why_left_out
from .outcome import Outcome, Standing, Status
from .reads import Read, ReadEarlier
from .staleness import Currency
from .target import Context, Made, RetargetError, Target, Writers
from .write import outcome_of, write

log = logging.getLogger(__name__)


class Stage(Declaration):
    """One pass from its inputs to the partitions that it publishes; it has no state.

    Subclasses are a `Declaration` and implement `transform`. What needs compiled code is imported
    there, so that a plan starts without it.
    """

    def open_raw(self, settings: Settings, inputs: Inputs) -> None:
        """Find the raw files of a stage that reads them; sets ``inputs.raw``."""

    def choose_target(self, context: Context, inputs: Inputs) -> Target:
        """Return what is to be written; by default the contract that was asked for."""
        return Target(inputs.symbol, inputs.date)

    @abstractmethod
    def transform(self, context: Context, inputs: Inputs, target: Target, writers: Writers) -> Made:
        """Write the rows."""

    def run(self, context: Context, symbol: str, date: dt.date) -> tuple[Outcome, ...]:
        """Bring the partitions of one date up to date.

        Raises
        ------
        DataEngError
            They could not be built; what was published before is intact.
        """
        started = time.monotonic()
        found = self._idle(symbol, date) or self._settled(context, symbol, date)
        lake_root, shared = context.settings.lake_root, context.settings.shared_lake
        for table, one in zip(self.writes, found or (), strict=False):
            if one.status in (Status.COMPLETE, Status.STALE):
                where = Partition(table, one.symbol, date)
                settle(lake_root, where, context.currency.view.settled, shared=shared)
        if found is None:
            try:
                with self._inputs(context, symbol, date) as inputs:
                    found = self._build(context, inputs)
            except (NoRawDataError, PartitionNotFoundError) as error:
                reason = self._why_nothing(context, symbol, date, error)
                if reason is None:
                    raise
                log.debug("%s", error)
                found = self._all(symbol, date, Status.SKIPPED, reason)
        spent = (time.monotonic() - started) / len(found)
        return tuple(replace(one, seconds=spent) for one in found)

    def preview(self, context: Context, symbol: str, date: dt.date) -> tuple[Outcome, ...]:
        """Return what `run` would do, without writing: the status, and why."""
        found = (
            self._idle(symbol, date)
            or self._settled(context, symbol, date)
            or self._planned(context, symbol, date)
        )
        if found is not None:
            return found
        try:
            with self._inputs(context, symbol, date) as inputs:
                target = self.choose_target(context, inputs)
        except (NoRawDataError, PartitionNotFoundError) as error:
            reason = self._why_nothing(context, symbol, date, error)
            if reason is not None:
                return self._all(symbol, date, Status.SKIPPED, reason)
            return self._all(symbol, date, Status.FAILED, str(error))
        standing = self._standing(context, target)
        return tuple(
            standing.get(one.key) or self._plan(context, Partition(one, target.symbol, date))
            for one in self.writes
        )

    def _planned(self, context: Context, symbol: str, date: dt.date) -> tuple[Outcome, ...] | None:
        # What follows an input of the date that would be written, which cannot be opened yet.
        if not any(one.is_planned for one in self._settled_inputs(context, date, Read).values()):
            return None
        standing = self._standing(context, Target(symbol, date))
        return tuple(
            standing.get(one.key) or self._plan(context, Partition(one, symbol, date))
            for one in self.writes
        )

    def _plan(self, context: Context, partition: Partition) -> Outcome:
        existing = self._existing(context, partition)
        key, date = partition.dataset.key, partition.date
        if existing is None:
            own = self._settled_inputs(context, date, Read).items()
            after = next((f", would follow {k}" for k, one in own if one.is_planned), "")
            return Outcome(key, partition.symbol, date, Status.PLANNED, f"missing{after}")
        stale = context.currency.why_stale(self, existing)
        if context.settings.force:
            reason = "forced" if stale is None else f"forced; stale: {stale}"
        elif stale is not None:
            reason = f"stale: {stale}"
        else:
            reason = f"may be rebuilt: {self._planned_input(context, date)}"
        return replace(outcome_of(existing, Status.PLANNED, reason), rows=None, bytes=0)

    def _planned_input(self, context: Context, date: dt.date) -> str | None:
        # Which input would be written, were this no dry run.
        for where, one in self._settled_inputs(context, date).items():
            if one.is_planned:
                there = "stale" if one.content_sha256 is not None else "not there"
                return f"its input {where} is {there}"
        return None

    def _settled_inputs(
        self, context: Context, date: dt.date, kind: Any = Read | ReadEarlier
    ) -> dict[str, Standing]:
        # How the inputs stand that this run has settled.
        found = {}
        for read in self.reads:
            for day in read.dates(date) if isinstance(read, kind) else ():
                standing = context.currency.settled(read.key, day)
                if standing is not None:
                    found[read.key if day == date else f"{read.key} of {day}"] = standing
        return found

    def _idle(self, symbol: str, date: dt.date) -> tuple[Outcome, ...] | None:
        reason = self.closure(date) or self.exclusion(symbol)
        return None if reason is None else self._all(symbol, date, Status.SKIPPED, reason)

    def _why_nothing(
        self, context: Context, symbol: str, date: dt.date, error: Exception
    ) -> str | None:
        # Why there is nothing to do where an input is not there, None where that is a failure.
        closed = closure_reason(date)
        if closed is not None:
            return f"{closed}; no data"
        if context.settings.allow_missing:
            own = self._settled_inputs(context, date, Read).values()
            if isinstance(error, NoRawDataError) or any(
                one.content_sha256 is None and not one.is_planned for one in own
            ):
                return str(error)
        if isinstance(error, NoRawDataError) and not isinstance(error, NoRawFilesError):
            return None
        return why_left_out(context.settings.lake_root, self.writes[0], symbol, date)

    def _all(self, symbol: str, date: dt.date, status: Status, reason: str) -> tuple[Outcome, ...]:
        return tuple(Outcome(one.key, symbol, date, status, reason) for one in self.writes)

    def _settled(self, context: Context, symbol: str, date: dt.date) -> tuple[Outcome, ...] | None:
        # The outcomes where nothing is to be built, found without opening an input.
        contract = self._built_before(context, symbol, date) if self.is_raw else symbol
        if contract is None:
            return None
        standing = self._standing(context, Target(contract, date))
        if len(standing) == len(self.writes):
            return tuple(standing[one.key] for one in self.writes)
        return self._blocked(context, contract, date, standing)

    def _blocked(
        self, context: Context, symbol: str, date: dt.date, standing: Mapping[str, Outcome]
    ) -> tuple[Outcome, ...] | None:
        # Nothing new is made from what is stale, nor without what was removed on purpose.
        reason = self._why_blocked(context.currency, symbol, date)
        if reason is None:
            return None
        return tuple(
            standing.get(one.key) or Outcome(one.key, symbol, date, Status.BLOCKED, reason)
            for one in self.writes
        )

    def _why_blocked(self, currency: Currency, symbol: str, date: dt.date) -> str | None:
        for read in self.reads:
            if isinstance(read, Read):
                found = currency.standing(read.key, symbol, date)
                if found.stale is not None:
                    remedy = "run --layer all --refresh-stale"
                    return f"its input {read.key} is stale ({found.stale}); {remedy}"
                if found.is_removed:
                    where = Partition(dataset(read.key), symbol, date)
                    return f"its input {read.key} was removed by clean; {where.how_to_rebuild}"
            elif isinstance(read, ReadEarlier):
                for day in read.dates(date):
                    found = currency.earlier(read.key, symbol, day)
                    if found.is_removed:
                        # Without it the history would be another one, and no one would know.
                        where = Partition(dataset(read.key), found.symbol, day)
                        return (
                            f"its input {read.key} of {day} was removed by clean; "
                            f"{where.how_to_rebuild}"
                        )
        return None

    def _built_before(self, context: Context, root: str, date: dt.date) -> str | None:
        # The contract of an earlier run with the same parameters, where there is one.
        declared = self.parameters(context.settings, root)
        view = context.currency.view
        for symbol in view.listing.contracts(self.writes[0], root, date):
            partition = Partition(self.writes[0], symbol, date)
            found = self._existing(context, partition) or view.tombstone(partition)
            if found is not None and all(
                found.parameters.get(key) == value for key, value in declared.items()
            ):
                return symbol
        return None

    def _inputs(self, context: Context, symbol: str, date: dt.date) -> Inputs:
        settings = context.settings
        inputs = Inputs(settings.lake_root, self.reads, symbol, date, settings.roll_rule)
        try:
            self.open_raw(settings, inputs)
        except BaseException:
            inputs.close()
            raise
        return inputs

    def _build(self, context: Context, inputs: Inputs) -> tuple[Outcome, ...]:
        target = self.choose_target(context, inputs)
        while True:
            try:
                return self._build_target(context, inputs, target)
            except RetargetError as other:
                target = other.target

    def _build_target(
        self, context: Context, inputs: Inputs, target: Target
    ) -> tuple[Outcome, ...]:
        settings = context.settings
        partitions = [Partition(one, target.symbol, target.date) for one in self.writes]
        with ExitStack() as locks:
            for one in partitions:
                timeout, shared = settings.lock_timeout_s, settings.shared_lake
                locks.enter_context(hold(settings.lake_root, one, timeout, shared=shared))
                repair(settings.lake_root, one)
            standing = self._standing(context, target)
            missing = [one for one in partitions if one.dataset.key not in standing]
            if missing:
                transform = partial(self.transform, context, inputs, target)
                standing |= write(self, transform, context.settings, inputs, missing)
        return tuple(standing[one.key] for one in self.writes)

    def _standing(self, context: Context, target: Target) -> dict[str, Outcome]:
        # The outcome of every table that stays as it is. Each is opened, forced or not: what a newer
        # release wrote is refused.
        found, refresh = {}, context.settings.refresh_stale
        for one in self.writes:
            partition = Partition(one, target.symbol, target.date)
            existing = self._existing(context, partition)
            if context.settings.force:
                continue
            if existing is None:
                was = context.currency.view.tombstone(partition)
                if was is not None:
                    how = f"by clean; {partition.how_to_rebuild}"
                    found[one.key] = replace(outcome_of(was, Status.REMOVED, how), rows=None)
                continue
            stale = context.currency.why_stale(self, existing)
            planned = self._planned_input(context, target.date)
            if stale is None and not (refresh and planned):
                found[one.key] = outcome_of(existing, Status.COMPLETE, self._why(context, target))
            elif stale is not None and not refresh:
                found[one.key] = outcome_of(existing, Status.STALE, stale)
        return found

    def _why(self, context: Context, target: Target) -> str:
        planned = self._planned_input(context, target.date)
        if planned is not None:
            return f"may become stale: {planned}"
        inputs = self._settled_inputs(context, target.date)
        rebuilt = any(one.is_new for one in inputs.values())
        return f"already complete{': input rebuilt, same content' if rebuilt else ''}"

    def _existing(self, context: Context, partition: Partition) -> Summary | None:
        try:
            return context.currency.view.summary(partition)
        except PartitionNotFoundError:
            return None
        except CorruptPartitionError as error:
            log.warning("%s; rebuilding it", error)
            return None
