"""The stage: load → check → transform → write, one partition at a time.

`Stage.run` does, for every stage alike:

1. `Stage.closure`, `Stage.exclusion`: a date on which, or a symbol for which there is nothing to
   do is skipped, with the reason.
2. `Stage.load` finds the inputs and the partition to write; what is missing is an error here,
   before anything is touched.
3. Under the partition's lock: `repair` what a killed run left, then skip a complete partition,
   unless it is stale (its recorded inputs, contract, stage or parameters are not the current
   ones) and stale partitions are to be rebuilt.
4. `Stage.transform` streams rows to a `PartWriter`, which checks them against the contract.
5. The inputs are confirmed to be what was read, the manifest is made, `PartitionBuild` publishes.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, ClassVar

import pyarrow as pa

from .. import __version__
from ..catalogue.contract import Contract
from ..catalogue.datasets import Dataset
from ..errors import CorruptPartitionError, NoRawDataError, PartitionNotFoundError
from ..exchange.calendar import closure_reason
from ..lake.lock import lake_lock
from ..lake.manifest import FileEntry, Manifest, PartitionInput, RawInput
from ..lake.part import PartWriter
from ..lake.paths import PART, Partition
from ..lake.publish import PartitionBuild, repair
from ..lake.reader import PublishedPartition
from ..settings import Settings
from .shared_results import SharedResults

log = logging.getLogger(__name__)


class Status(StrEnum):
    """What became of a partition in a run."""

    WRITTEN = "written"
    SKIPPED = "skipped"
    STALE = "stale"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """What a run did with one partition.

    Attributes
    ----------
    dataset : str
        Dataset key.
    symbol : str
        Symbol of the partition; the root where no contract was decided.
    date : datetime.date
        The partition's date.
    status : Status
    reason : str
        Why it was skipped, is stale or failed; empty where it was written.
    rows : int or None
        Rows of the partition, where there is one.
    seconds : float
        Wall time spent.
    """

    dataset: str
    symbol: str
    date: dt.date
    status: Status
    reason: str = ""
    rows: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Context:
    """What a stage is run with.

    Attributes
    ----------
    settings : Settings
    progress : callable
        Where the stage reports its progress, from 0 to 1.
    shared : SharedResults
        Of the stages that run after each other on one date.
    """

    settings: Settings
    progress: Callable[[float], None] = field(default=lambda _: None)
    shared: SharedResults = field(default_factory=SharedResults)


class Loaded(ABC):
    """The inputs of one run of a stage, open, and the partition it is to write."""

    partition: Partition

    @abstractmethod
    def current_inputs(self, recorded: Manifest) -> tuple[PartitionInput | RawInput, ...]:
        """Return the inputs as they are now, to compare with what a manifest recorded."""

    @abstractmethod
    def read_inputs(self) -> tuple[PartitionInput | RawInput, ...]:
        """Return the inputs as they were read by the transform, verified."""

    def close(self) -> None:  # noqa: B027 - nothing to close by default
        """Release the inputs."""


class RetargetError(Exception):
    """The rows turned out to belong to another partition than `Loaded.partition`."""

    def __init__(self, loaded: Loaded) -> None:
        super().__init__(loaded)
        self.loaded = loaded


class Stage(ABC):
    """One table's way from its inputs to a published partition.

    Subclasses declare `name`, `version` (raised when the same input gives other rows) and
    `output`, and implement `load` and `transform`. `reads` are the keys of the datasets whose
    partitions it needs; `follows` those that it looks at where they are there, so that it must
    not run after they failed. `reads_other_dates` says that it looks at partitions of earlier dates
    where they are there: it then runs after the other stages of all dates, in order of date, so
    that its output does not depend on how many dates are built side by side.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    output: Dataset
    reads: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    reads_other_dates: bool = False

    def closure(self, date: dt.date) -> str | None:
        """Return why there is nothing to do on a date, else None."""
        return None

    def exclusion(self, symbol: str) -> str | None:
        """Return why there is nothing to do for a symbol, else None."""
        return None

    def parameters(self, context: Context, symbol: str) -> Mapping[str, Any]:
        """Return what the output depends on besides inputs, contract and version."""
        return {}

    @abstractmethod
    def load(self, context: Context, symbol: str, date: dt.date) -> Loaded:
        """Find and open the inputs; raise where one is missing or broken."""

    @abstractmethod
    def transform(
        self, context: Context, loaded: Any, writer: PartWriter
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Write the rows; return parameters decided on the way, and facts for the manifest."""

    def run(self, context: Context, symbol: str, date: dt.date) -> Outcome:
        """Bring one partition up to date.

        Raises
        ------
        DataEngError
            The partition could not be built; what was published before is intact.
        """
        started = time.monotonic()
        reason = self.closure(date) or self.exclusion(symbol)
        if reason is not None:
            return Outcome(self.output.key, symbol, date, Status.SKIPPED, reason)
        try:
            outcome = self._load_and_run(context, symbol, date)
        except (NoRawDataError, PartitionNotFoundError) as error:
            closed = closure_reason(date)
            if closed is None:
                raise
            log.debug("%s", error)
            return Outcome(self.output.key, symbol, date, Status.SKIPPED, f"{closed}; no data")
        return replace(outcome, seconds=time.monotonic() - started)

    def preview(self, context: Context, symbol: str, date: dt.date) -> Outcome:
        """Return what `run` would do, without writing: the status, and why."""
        reason = self.closure(date) or self.exclusion(symbol)
        if reason is not None:
            return Outcome(self.output.key, symbol, date, Status.SKIPPED, reason)
        try:
            loaded = self.load(context, symbol, date)
        except (NoRawDataError, PartitionNotFoundError) as error:
            closed = closure_reason(date)
            if closed is not None:
                return Outcome(self.output.key, symbol, date, Status.SKIPPED, f"{closed}; no data")
            return Outcome(self.output.key, symbol, date, Status.FAILED, str(error))
        try:
            found = self._standing(context, loaded, self.output.contract(), symbol)
        finally:
            loaded.close()
        return found or self._outcome(loaded.partition, Status.WRITTEN, "", None)

    def _load_and_run(self, context: Context, symbol: str, date: dt.date) -> Outcome:
        contract = self.output.contract()
        loaded = self.load(context, symbol, date)
        try:
            while True:
                try:
                    return self._run_loaded(context, loaded, contract, symbol)
                except RetargetError as other:
                    loaded = other.loaded
        finally:
            loaded.close()

    def _run_loaded(
        self, context: Context, loaded: Loaded, contract: Contract, symbol: str
    ) -> Outcome:
        settings, partition = context.settings, loaded.partition
        with lake_lock(settings.lake_root, partition.lock_name, settings.lock_timeout_s):
            repair(settings.lake_root, partition)
            standing = self._standing(context, loaded, contract, symbol)
            if standing is not None:
                return standing
            manifest = self._build(context, loaded, contract, symbol)
        return self._outcome(partition, Status.WRITTEN, "", manifest.rows)

    def _standing(
        self, context: Context, loaded: Loaded, contract: Contract, symbol: str
    ) -> Outcome | None:
        # The outcome where the partition stays as it is, None where it is to be built.
        existing = self._existing(context, loaded.partition)
        if existing is None:
            return None
        stale = self.staleness(existing, loaded, contract, self.parameters(context, symbol))
        if stale is None:
            return self._outcome(
                loaded.partition, Status.SKIPPED, "already complete", existing.rows
            )
        if not context.settings.refresh_stale:
            return self._outcome(loaded.partition, Status.STALE, stale, existing.rows)
        return None

    def _outcome(
        self, partition: Partition, status: Status, reason: str, rows: int | None
    ) -> Outcome:
        key = partition.dataset.key
        return Outcome(key, partition.symbol, partition.date, status, reason, rows)

    def staleness(
        self, recorded: Manifest, loaded: Loaded, contract: Contract, declared: Mapping[str, Any]
    ) -> str | None:
        """Return what makes a complete partition stale, else None."""
        if (recorded.stage, recorded.stage_version) != (self.name, self.version):
            return f"written by {recorded.stage} version {recorded.stage_version}"
        if recorded.contract_sha256 != contract.sha256:
            return "its contract changed"
        for key, value in declared.items():
            if recorded.parameters.get(key) != value:
                return f"parameter {key} was {recorded.parameters.get(key)!r}, is {value!r}"
        if recorded.inputs != loaded.current_inputs(recorded):
            return "its inputs changed"
        return None

    def _existing(self, context: Context, partition: Partition) -> Manifest | None:
        try:
            with PublishedPartition(context.settings.lake_root, partition) as published:
                return published.manifest
        except PartitionNotFoundError:
            return None
        except CorruptPartitionError as error:
            log.warning("%s; rebuilding it", error)
            return None

    def _build(self, context: Context, loaded: Loaded, contract: Contract, symbol: str) -> Manifest:
        partition = loaded.partition
        with PartitionBuild(context.settings.lake_root, partition) as build:
            file = build.create(PART)
            with PartWriter(file, contract, str(partition)) as writer:
                decided, facts = self.transform(context, loaded, writer)
                writer.close()
            manifest = Manifest(
                dataset=partition.dataset.key,
                symbol=partition.symbol,
                dt=partition.date.isoformat(),
                stage=self.name,
                stage_version=self.version,
                contract_path=contract.path,
                contract_sha256=contract.sha256,
                parameters={**self.parameters(context, symbol), **decided},
                facts=dict(facts),
                rows=writer.rows,
                files=(FileEntry(PART, file.bytes, writer.rows, file.sha256),),
                inputs=loaded.read_inputs(),
                libraries={"data_eng": __version__, "pyarrow": pa.__version__},
            )
            build.commit(manifest.to_bytes())
        return manifest
