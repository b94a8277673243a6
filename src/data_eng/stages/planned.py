"""What is to be done on a date, found by manifests alone: no input is opened for it.

What is complete and current (`staleness.Currency`) stays; what is stale stays too, and is told,
unless stale partitions are to be rebuilt. Nothing new is made from what is stale or was removed.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..catalogue.datasets import dataset
from ..errors import CorruptPartitionError, PartitionNotFoundError
from ..lake.paths import Partition
from ..lake.summary import Summary
from .declaration import Declaration
from .outcome import ALREADY, Outcome, Standing, Status
from .reads import Read, ReadEarlier
from .staleness import Currency
from .target import Context, Target
from .write import outcome_of

log = logging.getLogger(__name__)


class PlannedStage(Declaration):
    """A stage as a plan sees it: which of its tables stay as they are, and why."""

    def _idle(self, symbol: str, date: dt.date) -> tuple[Outcome, ...] | None:
        reason = self.closure(date) or self.exclusion(symbol)
        return None if reason is None else self._all(symbol, date, Status.SKIPPED, reason)

    def _settled(self, context: Context, symbol: str, date: dt.date) -> tuple[Outcome, ...] | None:
        # The outcomes where nothing is to be built, found without opening an input.
        contract = self._built_before(context, symbol, date) if self.is_raw else symbol
        if contract is None:
            return None
        standing = self._standing(context, Target(contract, date))
        if len(standing) == len(self.writes):
            return tuple(standing[one.key] for one in self.writes)
        return self._blocked(context, contract, date, standing)

    def _planned(self, context: Context, symbol: str, date: dt.date) -> tuple[Outcome, ...] | None:
        # What follows an input of the date that would be written, which cannot be opened yet.
        if not any(one.is_planned for _, one in self._settled_inputs(context, date, Read)):
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
            own = self._settled_inputs(context, date, Read)
            after = next((f", would follow {k}" for (k, _), one in own if one.is_planned), "")
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
        for (key, day), one in self._settled_inputs(context, date):
            if one.is_planned:
                where = key if day == date else f"{key} of {day}"
                there = "stale" if one.content_sha256 is not None else "not there"
                return f"its input {where} is {there}"
        return None

    def _settled_inputs(
        self, context: Context, date: dt.date, kind: Any = Read | ReadEarlier
    ) -> Iterator[tuple[tuple[str, dt.date], Standing]]:
        # How the inputs stand that this run has settled, by dataset and date.
        if not context.currency.has_settled:
            return
        settled = context.currency.settled
        for read in self.reads:
            for day in read.dates(date) if isinstance(read, kind) else ():
                standing = settled(read.key, day)
                if standing is not None:
                    yield (read.key, day), standing

    def _all(self, symbol: str, date: dt.date, status: Status, reason: str) -> tuple[Outcome, ...]:
        return tuple(Outcome(one.key, symbol, date, status, reason) for one in self.writes)

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

    def _standing(self, context: Context, target: Target) -> dict[str, Outcome]:
        # The outcome of every table that stays as it is. Each is opened, forced or not: what a
        # newer release wrote is refused.
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
        rebuilt = any(one.is_new for _, one in self._settled_inputs(context, target.date))
        return f"{ALREADY}{': input rebuilt, same content' if rebuilt else ''}"

    def _existing(self, context: Context, partition: Partition) -> Summary | None:
        try:
            return context.currency.view.summary(partition)
        except PartitionNotFoundError:
            return None
        except CorruptPartitionError as error:
            damaged = context.currency.view.damaged
            if partition not in damaged:  # it is looked at by a plan, and by each task
                damaged.add(partition)
                log.warning("%s; rebuilding it", error)
            return None
