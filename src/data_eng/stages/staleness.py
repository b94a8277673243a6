"""Whether a partition is current: made as today's stage would make it, from what is there today.

A partition is *current* if its stage, stage version, contract and declared parameters are today's
and every input is itself current, with the content hash that was recorded. Otherwise it is stale,
and the reason names the chain down to the cause. What a run has settled already is not looked up
again (`known`); raw files count as unchanged while path, size, time and inode are those at which
they were last hashed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from ..catalogue.datasets import dataset
from ..errors import ContractError, CorruptPartitionError, NoRawDataError, PartitionNotFoundError
from ..exchange.symbols import root_of
from ..lake.front import contract_of_date
from ..lake.manifest import Manifest, PartitionInput, RawInput
from ..lake.paths import Partition
from ..lake.reader import PublishedPartition
from ..settings import Settings
from .declaration import Declaration
from .outcome import Standing
from .reads import Read, ReadEarlier, ReadRaw

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
    outside : dict, optional
        What was found of partitions that the run does not settle; filled.
    """

    def __init__(
        self,
        settings: Settings,
        known: Known,
        producer: Callable[[str], Declaration],
        outside: dict[tuple[str, str, dt.date], Standing] | None = None,
    ) -> None:
        self._settings = settings
        self._producer = producer
        self._found: dict[tuple[str, dt.date], Standing] = dict(known)
        self._outside = {} if outside is None else outside

    def standing(self, key: str, symbol: str, date: dt.date) -> Standing:
        """Return how a partition stands: absent, current, or stale and why."""
        settled = self._found.get((key, date))
        if settled is not None:
            return settled
        where = (key, symbol, date)
        if where not in self._outside:
            self._outside[where] = self._look_up(Partition(dataset(key), symbol, date))
        return self._outside[where]

    def settled(self, key: str, date: dt.date) -> Standing | None:
        """Return how a partition stands that this run has settled, else None."""
        return self._found.get((key, date))

    def earlier(self, key: str, symbol: str, date: dt.date) -> Standing:
        """Return how the partition of an earlier session stands, of whatever contract it is."""
        settled = self._found.get((key, date))
        if settled is not None:
            return settled
        rule = self._settings.roll_rule
        contract = contract_of_date(self._settings.lake_root, dataset(key), symbol, date, rule)
        if contract is None:
            return Standing(root_of(symbol), None)
        return self.standing(key, contract, date)

    def why_stale(self, stage: Declaration, recorded: Manifest) -> str | None:
        """Return why a complete partition is stale, else None."""
        symbol, date = recorded.symbol, dt.date.fromisoformat(recorded.dt)
        if (recorded.stage, recorded.stage_version) != (stage.name, stage.version):
            return f"written by {recorded.stage} version {recorded.stage_version}"
        if recorded.contract_sha256 != dataset(recorded.dataset).contract().sha256:
            return "its contract changed"
        asked = root_of(symbol) if stage.is_raw else symbol
        for name, value in stage.parameters(self._settings, asked).items():
            if recorded.parameters.get(name) != value:
                return f"parameter {name} was {recorded.parameters.get(name)!r}, is {value!r}"
        return self._why_inputs_differ(stage, recorded, symbol, date)

    def _why_inputs_differ(
        self, stage: Declaration, recorded: Manifest, symbol: str, date: dt.date
    ) -> str | None:
        was = {
            (one.dataset, one.dt): one.content_sha256 if isinstance(one, PartitionInput) else None
            for one in recorded.inputs
            if not isinstance(one, RawInput)
        }
        wanted: list[tuple[str, dt.date, Standing]] = []
        for read in stage.reads:
            if isinstance(read, Read):
                wanted.append((read.key, date, self.standing(read.key, symbol, date)))
            elif isinstance(read, ReadEarlier):
                for day in read.dates(date):
                    wanted.append((read.key, day, self.earlier(read.key, symbol, day)))
            elif isinstance(read, ReadRaw) and not self._is_raw_unchanged(stage, recorded):
                return "its inputs changed: the raw files are others"
        if was.keys() != {(key, day.isoformat()) for key, day, _ in wanted}:
            return "its inputs changed: the stage reads others today"
        for key, day, now in wanted:
            reason = _why_differs(was[(key, day.isoformat())], now)
            if reason is not None:
                where = key if day == date else f"{key} of {day}"
                return f"its input {where} {reason}"
        return None

    def _is_raw_unchanged(self, stage: Declaration, recorded: Manifest) -> bool:
        date = dt.date.fromisoformat(recorded.dt)
        was = tuple(one for one in recorded.inputs if isinstance(one, RawInput))
        try:
            now = stage.raw_now(self._settings, root_of(recorded.symbol), date)
        except NoRawDataError:
            # Raw files may be archived once they are in the lake; nothing contradicts it then.
            return True
        return was == now

    def _look_up(self, partition: Partition) -> Standing:
        stage = self._producer(partition.dataset.key)
        try:
            with PublishedPartition(self._settings.lake_root, partition) as published:
                manifest = published.manifest
        except PartitionNotFoundError:
            return Standing(partition.symbol, None)
        except (CorruptPartitionError, ContractError) as error:
            return Standing(partition.symbol, None, f"{error}")
        stale = self.why_stale(stage, manifest)
        return Standing(partition.symbol, manifest.content_sha256, stale)


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
