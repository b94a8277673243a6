"""One published partition as the input of a stage."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

from ..errors import ContractError, CorruptPartitionError
from .manifest import Manifest, PartitionInput
from .paths import Partition
from .reader import PublishedPartition
from .table import Table

LEVEL_PARAMETERS: Final = "level_parameters"
"""Fact: what the price levels were made with, kept in all that is made from them."""

FIRST_RECORD_FACT: Final = "first_ts_recv_ns"
LAST_RECORD_FACT: Final = "last_ts_recv_ns"
"""Facts: receipt of a table's first and last record, ns since epoch UTC; null without one.

The last is the latest: ``ts_recv`` may fall. Silver tables that are made of records keep those of
the day's records, the one-second tables the first before their end.
"""

COVERED_FACT: Final = "covered_ns"
"""Fact: what of the UTC day the headers of the raw files cover.

A list of half-open ranges ``[start, end]``, ns since epoch UTC, ascending and apart; null where a
header states none.
"""

UNKNOWN_SECONDS_FACT: Final = "unknown_seconds"
"""Fact: seconds between pre-market start and grid's end that begin with an unknown book."""

SILENCES_FACT: Final = "silences_ns"
"""Fact of quotes: ``[last, next]`` about each minute or more without a record of any instrument.

ns since epoch UTC; ``next`` is null after the last record.
"""

PARENTS_FACT: Final = "parents"
"""Fact: what the files of a table of options were asked for, sorted."""

LEFT_OUT_FACT: Final = "left_out"
"""Fact: why a table was made without others, by their datasets; absent where it has them all."""

INHERITED: Final = ("condition", "source_schema", LEVEL_PARAMETERS, LEFT_OUT_FACT)
OF_RECORDS: Final = (SILENCES_FACT, PARENTS_FACT)
"""Facts that a table of records has of the table that it was copied from."""


class InputTable:
    """A published partition, open for a stage.

    Parameters
    ----------
    lake_root : Path
    partition : Partition
    by_pages : bool
        Trust the page checksums of what is read, where a little of a large file is; by default
        the whole file is hashed beside the transform.

    Raises
    ------
    PartitionNotFoundError, CorruptPartitionError, NewerLakeError
        It is not there, not complete, or does not match its own manifest.
    ContractError
        It was written under another version of its contract.
    """

    def __init__(self, lake_root: Path, partition: Partition, *, by_pages: bool = False) -> None:
        self.partition = partition
        self._published = PublishedPartition(lake_root, partition)
        self._by_pages = by_pages
        self._table: Table | None = None
        self._verified: Future[None] | None = None
        contract = partition.dataset.contract()
        if self.manifest.contract_sha256 != contract.sha256:
            self.close()
            raise ContractError(
                f"{partition}: was written under another version of contract {contract.path}; "
                f"rebuild it with --layer {partition.dataset.layer} --refresh-stale"
            )

    @property
    def manifest(self) -> Manifest:
        """What the partition holds."""
        return self._published.manifest

    @property
    def entry(self) -> PartitionInput:
        """The partition as a manifest records its inputs."""
        manifest = self.manifest
        return PartitionInput(
            manifest.dataset,
            manifest.symbol,
            manifest.dt,
            manifest.content_sha256,
            self._published.manifest_sha256,
        )

    @property
    def table(self) -> Table:
        """Its rows; the first time that they are asked for their hashing begins in a thread."""
        if self._table is None:
            self._start_verifying()
            self._table = Table(self._published)
        return self._table

    def verify(self, *, whole: bool = False) -> None:
        """Return once its bytes are known to be those of its manifest.

        Parameters
        ----------
        whole : bool
            Also where page checksums are trusted.

        Raises
        ------
        CorruptPartitionError
            They are not.
        """
        if whole and self._by_pages:
            self._published.verify()
            return
        if self._verified is None:
            self._start_verifying()
        if self._verified is not None:
            self._verified.result()

    def close(self) -> None:
        """Close the partition."""
        if self._verified is not None:
            # The thread reads through the folder's descriptor, which must not be another's by then.
            self._verified.exception()
        if self._table is not None:
            self._table.close()
        self._published.close()

    def _start_verifying(self) -> None:
        if self._by_pages:
            return
        verified: Future[None] = Future()

        def run() -> None:
            try:
                self._published.verify()
            except BaseException as error:  # noqa: BLE001 - raised by verify
                verified.set_exception(error)
            else:
                verified.set_result(None)

        threading.Thread(target=run, name="verify", daemon=True).start()
        self._verified = verified  # where no thread can start, nothing is waited for


def what_is_left_out(manifest: Manifest) -> str:
    """Return in words what a table was made without; empty where it has it all.

    Raises
    ------
    CorruptPartitionError
        The manifest says what no stage does.
    """
    names = manifest.facts.get(LEFT_OUT_FACT, {})
    if not isinstance(names, dict):
        raise CorruptPartitionError(
            f"{manifest.dataset} {manifest.symbol} {manifest.dt}: the manifest is malformed "
            f"({LEFT_OUT_FACT} is {names!r:.40}); delete the partition and run again"
        )
    without = " and ".join(names)
    return f"made without {without}: the columns that need it are null" if without else ""


def last_record_ns(manifest: Manifest) -> int:
    """Return the receipt of a table's last record, ns since epoch UTC; 0 without one."""
    return int(manifest.facts[LAST_RECORD_FACT] or 0)


def inherited_facts(manifest: Manifest) -> dict[str, Any]:
    """Return the facts of an input that hold for what is made from it too."""
    return {key: manifest.facts[key] for key in INHERITED if key in manifest.facts}


def record_facts(manifest: Manifest) -> dict[str, Any]:
    """Return the inherited facts of a table of records, with what its records cover."""
    names = (COVERED_FACT, FIRST_RECORD_FACT, LAST_RECORD_FACT)
    return {**inherited_facts(manifest), **{name: manifest.facts[name] for name in names}}


def copied_facts(manifest: Manifest) -> dict[str, Any]:
    """Return the facts of an input that hold for a copy of its records."""
    of_records: dict[str, Any] = {
        key: manifest.facts[key] for key in OF_RECORDS if key in manifest.facts
    }
    return {**record_facts(manifest), **of_records}
