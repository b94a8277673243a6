"""One published partition as the input of a stage."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Final

from ..catalogue.datasets import Dataset
from ..errors import ContractError
from ..stages.stage import Loaded
from .manifest import Manifest, PartitionInput
from .paths import Partition
from .reader import PublishedPartition

LEVEL_PARAMETERS: Final = "level_parameters"
"""Fact: what the price levels were made with, kept in all that is made from them."""

INHERITED: Final = ("condition", "source_schema", LEVEL_PARAMETERS)


class LoadedPartition(Loaded):
    """An input partition, open, whose bytes are hashed beside the transform.

    Parameters
    ----------
    lake_root : Path
        The lake.
    source : Partition
        The input.
    partition : Partition
        What is to be written.

    Raises
    ------
    PartitionNotFoundError, CorruptPartitionError
        The input is not there, not complete, or does not match its own manifest.
    ContractError
        It was written under another version of its contract.
    """

    def __init__(self, lake_root: Path, source: Partition, partition: Partition) -> None:
        self.partition = partition
        self.source = PublishedPartition(lake_root, source)
        self._file: BinaryIO | None = None
        self._verified: Future[None] = Future()
        contract = source.dataset.contract()
        if self.source.manifest.contract_sha256 != contract.sha256:
            self.close()
            raise ContractError(
                f"{source}: was written under another version of contract {contract.path}; "
                f"rebuild it with --layer {source.dataset.layer} --refresh-stale"
            )

    def open_part(self) -> BinaryIO:
        """Open the input's data file, and start hashing it in a thread."""
        self._file = self.source.open_part()
        threading.Thread(target=self._verify, name="verify", daemon=True).start()
        return self._file

    def current_inputs(self, recorded: Manifest) -> tuple[PartitionInput, ...]:
        """Return the input by the SHA-256 of its manifest."""
        manifest = self.source.manifest
        return (
            PartitionInput(
                manifest.dataset, manifest.symbol, manifest.dt, self.source.manifest_sha256
            ),
        )

    def read_inputs(self) -> tuple[PartitionInput, ...]:
        """Return the input once its bytes are known to be those of its manifest."""
        self._verified.result()
        return self.current_inputs(self.source.manifest)

    def close(self) -> None:
        """Close the input."""
        if self._file is not None:
            self._file.close()
        self.source.close()

    def _verify(self) -> None:
        try:
            self.source.verify()
        except BaseException as error:  # noqa: BLE001 - raised by read_inputs
            self._verified.set_exception(error)
        else:
            self._verified.set_result(None)


def inherited_facts(manifest: Manifest) -> dict[str, Any]:
    """Return the facts of an input that hold for what is made from it too."""
    return {key: manifest.facts[key] for key in INHERITED if key in manifest.facts}


def load_partition(
    lake_root: Path, source: Dataset, output: Dataset, symbol: str, date: dt.date
) -> LoadedPartition:
    """Open the partition of ``source`` that the one of ``output`` is made from."""
    return LoadedPartition(
        lake_root, Partition(source, symbol, date), Partition(output, symbol, date)
    )


class LoadedPartitions(Loaded):
    """Several complete partitions, and the one made from them.

    Attributes
    ----------
    partition : Partition
        To be written.
    partitions : tuple of LoadedPartition
        To be read, in the order in which they were asked for.
    """

    def __init__(self, lake_root: Path, sources: Sequence[Partition], partition: Partition) -> None:
        self.partition = partition
        self._made_from: tuple[PartitionInput, ...] | None = None
        with ExitStack() as opened:
            found = []
            for source in sources:
                found.append(LoadedPartition(lake_root, source, partition))
                opened.callback(found[-1].close)
            opened.pop_all()
        self.partitions = tuple(found)

    def current_inputs(self, recorded: Manifest) -> tuple[PartitionInput, ...]:
        """Return every input by the SHA-256 of its manifest."""
        return tuple(entry for one in self.partitions for entry in one.current_inputs(recorded))

    def take_as_read(self, inputs: tuple[PartitionInput, ...]) -> None:
        """Say that a result made from these inputs, verified, was used instead of the files.

        Raises
        ------
        ValueError
            They are not the partitions that are loaded.
        """
        if inputs != self.manifest_inputs():
            raise ValueError(f"{self.partition}: the result was made from other inputs")
        self._made_from = inputs

    def manifest_inputs(self) -> tuple[PartitionInput, ...]:
        """Return the inputs as their manifests name them, not yet verified."""
        return tuple(
            entry for one in self.partitions for entry in one.current_inputs(one.source.manifest)
        )

    def read_inputs(self) -> tuple[PartitionInput, ...]:
        """Return every input once its bytes are known to be those of its manifest."""
        if self._made_from is not None:
            return self._made_from
        return tuple(entry for one in self.partitions for entry in one.read_inputs())

    def close(self) -> None:
        """Close the inputs."""
        for one in self.partitions:
            one.close()


def load_partitions(
    lake_root: Path, sources: Sequence[Dataset], output: Dataset, symbol: str, date: dt.date
) -> LoadedPartitions:
    """Open the partitions of ``sources`` that the one of ``output`` is made from."""
    return LoadedPartitions(
        lake_root,
        [Partition(source, symbol, date) for source in sources],
        Partition(output, symbol, date),
    )
