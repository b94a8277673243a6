"""Whether a partition is current: made as today's stage would make it, from what is there today.

A partition is *current* if its stage, stage version, contract and declared parameters are today's
and every input is itself current, with the content hash that was recorded. Otherwise it is stale,
and the reason names the chain down to the cause. One that was removed on purpose counts as
current. What a run has settled already is not looked up again (`known`); raw files count as
unchanged while path, size, time and inode are those at which they were last hashed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..catalogue.datasets import dataset
from ..errors import (
    ContractError,
    CorruptPartitionError,
    NoRawDataError,
    PartitionNotFoundError,
    PartitionRemovedError,
)
from ..exchange.symbols import root_of
from ..lake.front import contract_of_date
from ..lake.made_of import made_of
from ..lake.manifest import Manifest, RawInput
from ..lake.paths import Partition
from ..lake.summary import Summary
from ..lake.view import LakeView
from ..settings import Settings
from ..vendor.raw_listing import RawListing
from .declaration import Declaration
from .outcome import Standing
from .reads import Read, ReadEarlier, ReadRaw


class Outside:
    """What was looked up in a lake outside of a run, kept as long as the run.

    Attributes
    ----------
    view : LakeView
    raw : RawListing
    standings : dict
        How partitions stand, by dataset, contract and date.
    earlier : dict
        The same for a session of whatever contract, by any contract of the root.
    current : dict
        What is complete and current, by dataset and contract, and there by date (`series`).
    declared : dict
        Why partitions that were made alike are stale by what the stage declares, None where they
        are not, by settings and by how they were made: a lake of years has some dozens.
    """

    def __init__(self, lake_root: Path) -> None:
        self.view = LakeView(lake_root, indexed=True)
        self.raw = RawListing(lake_root, indexed=True)
        self.standings: dict[tuple[str, str, dt.date], Standing] = {}
        self.earlier: dict[tuple[str, str, dt.date], Standing] = {}
        self.current: dict[tuple[str, str], Mapping[dt.date, Summary]] = {}
        self.declared: dict[Settings, dict[tuple[Any, ...], str | None]] = {}
        self._contracts: dict[str, str] = {}

    def contract_sha256(self, key: str) -> str:
        """Return the SHA-256 of a dataset's table contract; its file is read once."""
        if key not in self._contracts:
            self._contracts[key] = dataset(key).contract().sha256
        return self._contracts[key]


Known = Mapping[tuple[str, dt.date], Standing]
"""What the run has settled, by dataset and date."""


class Currency:
    """Tells which partitions are current; remembers what it found.

    Parameters
    ----------
    settings : Settings
    known : mapping
        What this run has settled.
    producer : callable
        Returns the stage that writes a dataset.
    outside : Outside, optional
        What was found of partitions that the run does not settle; filled.
    """

    def __init__(
        self,
        settings: Settings,
        known: Known,
        producer: Callable[[str], Declaration],
        outside: Outside | None = None,
    ) -> None:
        self._settings = settings
        self._producer = producer
        self._found = known
        self._outside = Outside(settings.lake_root) if outside is None else outside
        self._declared = self._outside.declared.setdefault(settings, {})

    @property
    def view(self) -> LakeView:
        """The lake, looked at once a run."""
        return self._outside.view

    @property
    def producer(self) -> Callable[[str], Declaration]:
        """Returns the stage that writes a dataset."""
        return self._producer

    def standing(self, key: str, symbol: str, date: dt.date) -> Standing:
        """Return how a partition stands: absent, current, or stale and why."""
        settled = self._found.get((key, date))
        if settled is not None:
            return settled
        found, where = self._outside.standings, (key, symbol, date)
        if where not in found:
            current = self._outside.current.get((key, symbol), {}).get(date)
            if current is not None:
                return Standing(symbol, current.content_sha256)
            found[where] = self._look_up(Partition(dataset(key), symbol, date))
        return found[where]

    def note(self, partition: Partition, standing: Standing) -> None:
        """Note how a partition stands that was looked at."""
        where = partition.dataset.key, partition.symbol, partition.date
        self._outside.standings[where] = standing

    def note_current(self, key: str, symbol: str, found: Mapping[dt.date, Summary]) -> None:
        """Note the partitions of a symbol of a table that are complete and current, by date."""
        self._outside.current[key, symbol] = found

    @property
    def has_settled(self) -> bool:
        """Whether there is a partition that this run has settled."""
        return bool(self._found)

    def settled(self, key: str, date: dt.date) -> Standing | None:
        """Return how a partition stands that this run has settled, else None."""
        return self._found.get((key, date))

    def earlier(self, key: str, symbol: str, date: dt.date) -> Standing:
        """Return how the partition of an earlier session stands, of whatever contract it is."""
        settled = self._found.get((key, date))
        if settled is not None:
            return settled
        earlier, where = self._outside.earlier, (key, symbol, date)
        if where not in earlier:
            rule = self._settings.roll_rule
            contract = contract_of_date(self.view, dataset(key), symbol, date, rule)
            absent = Standing(root_of(symbol), None)
            earlier[where] = absent if contract is None else self.standing(key, contract, date)
        return earlier[where]

    def why_stale(self, stage: Declaration, recorded: Manifest | Summary) -> str | None:
        """Return why a complete partition is stale, else None."""
        if isinstance(recorded, Manifest):
            reason = self._why_made_otherwise(stage, recorded)
        else:
            reason = self.why_made_otherwise(stage, recorded)
        return reason or self._why_inputs_differ(stage, recorded)

    def why_made_otherwise(self, stage: Declaration, recorded: Summary) -> str | None:
        """Return why a partition is stale by what its stage declares, whatever its inputs are."""
        made = (recorded.stage, recorded.stage_version, recorded.contract_sha256)
        alike = (stage, recorded.dataset, recorded.symbol, *made, recorded.parameters_text)
        if alike not in self._declared:
            self._declared[alike] = self._why_made_otherwise(stage, recorded)
        return self._declared[alike]

    def _why_made_otherwise(self, stage: Declaration, recorded: Manifest | Summary) -> str | None:
        if (recorded.stage, recorded.stage_version) != (stage.name, stage.version):
            return f"written by {recorded.stage} version {recorded.stage_version}"
        if recorded.contract_sha256 != self._outside.contract_sha256(recorded.dataset):
            return "its contract changed"
        asked = root_of(recorded.symbol) if stage.is_raw else recorded.symbol
        parameters = recorded.parameters
        for name, value in stage.parameters(self._settings, asked).items():
            if parameters.get(name) != value:
                return f"parameter {name} was {parameters.get(name)!r}, is {value!r}"
        return None

    def _why_inputs_differ(self, stage: Declaration, recorded: Manifest | Summary) -> str | None:
        symbol, date = recorded.symbol, dt.date.fromisoformat(recorded.dt)
        wanted: dict[tuple[str, str], Standing] = {}
        is_raw = False
        for read in stage.reads:
            if isinstance(read, Read):
                wanted[(read.key, recorded.dt)] = self.standing(read.key, symbol, date)
            elif isinstance(read, ReadEarlier):
                for day, name in read.named_dates(date):
                    wanted[(read.key, name)] = self.earlier(read.key, symbol, day)
            elif isinstance(read, ReadRaw):
                is_raw = True
        if is_raw and not self.is_raw_unchanged(stage, recorded):
            return "its inputs changed: the raw files are others"
        now = {where: one.content_sha256 for where, one in wanted.items()}
        if recorded.made_of == made_of(now) and all([one.stale is None for one in wanted.values()]):
            return None
        return _why_others(recorded, wanted)

    def is_raw_unchanged(self, stage: Declaration, recorded: Manifest | Summary) -> bool:
        """Tell whether the raw files of a partition are what they were; raises `DataEngError`."""
        date = dt.date.fromisoformat(recorded.dt)
        was = tuple(one for one in recorded.inputs if isinstance(one, RawInput))
        try:
            root, raw = root_of(recorded.symbol), self._outside.raw
            now = stage.raw_now(self._settings, root, date, raw)
        except NoRawDataError:
            # Raw files may be archived once they are in the lake; nothing contradicts it then.
            return True
        return was == now

    def _look_up(self, partition: Partition) -> Standing:
        stage = self._producer(partition.dataset.key)
        try:
            found = self.view.summary(partition)
        except PartitionRemovedError:
            return self._look_up_removed(partition)
        except PartitionNotFoundError:
            return Standing(partition.symbol, None)
        except (CorruptPartitionError, ContractError) as error:
            return Standing(partition.symbol, None, f"{error}")
        return Standing(partition.symbol, found.content_sha256, self.why_stale(stage, found))

    def _look_up_removed(self, partition: Partition) -> Standing:
        # What was removed was current, and stays so: its raw files may be gone too.
        try:
            found = self.view.tombstone(partition)
        except CorruptPartitionError as error:
            return Standing(partition.symbol, None, f"{error}")
        if found is None:  # it was published again meanwhile
            return self._look_up(partition)
        return Standing(partition.symbol, found.content_sha256, is_removed=True)


def _why_others(
    recorded: Manifest | Summary, wanted: Mapping[tuple[str, str], Standing]
) -> str | None:
    # Which input it is, in words.
    was = recorded.contents
    if was.keys() != wanted.keys():
        return "its inputs changed: the stage reads others today"
    for (key, name), now in wanted.items():
        reason = _why_differs(was[(key, name)], now)
        if reason is not None:
            where = key if name == recorded.dt else f"{key} of {name}"
            return f"its input {where} {reason}"
    return None


def _why_differs(was: str | None, now: Standing) -> str | None:
    if now.is_planned:
        return None  # what it will be, a run will tell
    if now.stale is not None:
        return f"is stale: {now.stale}"
    if was is None:
        return None if now.content_sha256 is None else "was absent and is there"
    if now.content_sha256 is None:
        return "is not there any more"
    return None if was == now.content_sha256 else "has another content"
