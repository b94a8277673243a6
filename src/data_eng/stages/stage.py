"""The stage: load → check → transform → write, one date at a time.

A stage declares what it `reads` and what it `writes`; registry, order, staleness and lineage follow
from that. `Stage.run` does, for every stage alike:

1. `closure`, `exclusion`: a date on which, or a symbol for which there is nothing to do is skipped,
   with the reason.
2. What is complete and current stays; what is stale stays too, and is told, unless stale partitions
   are to be rebuilt. No input is opened for that (`planned`); what stays is synced, and what a
   killed run left beside it removed (`settle`).
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
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from ..errors import NoRawDataError, NoRawFilesError, PartitionNotFoundError
from ..exchange.calendar import closure_reason
from ..lake.claim import hold
from ..lake.paths import Partition
from ..lake.publish import repair
from ..lake.settle import settle
from ..settings import Settings
from .inputs import Inputs
from .left_out import why_left_out
from .outcome import Outcome, Status
from .planned import PlannedStage
from .reads import Read
from .target import Context, Made, RetargetError, Target, Writers
from .write import write

log = logging.getLogger(__name__)


class Stage(PlannedStage):
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
        found = self.stays(context, symbol, date)
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

    def stays(
        self, context: Context, symbol: str, date: dt.date, *, dry_run: bool = False
    ) -> tuple[Outcome, ...] | None:
        """Return the outcomes where nothing is to be built, None elsewhere; opens no input.

        What is complete is on the disk then, and alone (`settle`), unless this is a dry run.

        Raises
        ------
        DataEngError
            What stands cannot be read, or be settled.
        """
        found = self._idle(symbol, date) or self._settled(context, symbol, date)
        if not dry_run:
            lake_root, shared = context.settings.lake_root, context.settings.shared_lake
            for table, one in zip(self.writes, found or (), strict=False):
                if one.status in (Status.COMPLETE, Status.STALE):
                    where = Partition(table, one.symbol, date)
                    settle(lake_root, where, context.currency.view.settled, shared=shared)
        return found

    def preview(self, context: Context, symbol: str, date: dt.date) -> tuple[Outcome, ...]:
        """Return what `run` would do, without writing: the status, and why."""
        found = self.stays(context, symbol, date, dry_run=True)
        found = found or self._planned(context, symbol, date)
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

    def _why_nothing(
        self, context: Context, symbol: str, date: dt.date, error: Exception
    ) -> str | None:
        # Why there is nothing to do where an input is not there, None where that is a failure.
        closed = closure_reason(date)
        if closed is not None:
            return f"{closed}; no data"
        if context.settings.allow_missing:
            own = self._settled_inputs(context, date, Read)
            if isinstance(error, NoRawDataError) or any(
                one.content_sha256 is None and not one.is_planned for _, one in own
            ):
                return str(error)
        if isinstance(error, NoRawDataError) and not isinstance(error, NoRawFilesError):
            return None
        return why_left_out(context.settings.lake_root, self.writes[0], symbol, date)

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
