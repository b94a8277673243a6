"""The partitions of one run of a stage: rows, files, manifests, and their publication."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import ExitStack

import pyarrow as pa

from ..lake.manifest import FileEntry, Input, Manifest, manifest_sha256
from ..lake.part import PartWriter
from ..lake.paths import PART, Partition
from ..lake.publish import PartitionBuild, PartitionFile
from ..lake.summary import Summary, summary_of
from ..settings import Settings
from ..vendor.delivered_date import delivered_date
from ..version import __version__
from .declaration import Declaration
from .inputs import Inputs
from .outcome import Outcome, Status
from .target import Made, RetargetError, Writers


def write(
    stage: Declaration,
    transform: Callable[[Writers], Made],
    settings: Settings,
    inputs: Inputs,
    missing: Sequence[Partition],
) -> dict[str, Outcome]:
    """Transform into the missing partitions and publish them in order; returns their outcomes.

    Raises
    ------
    CorruptPartitionError
        A table that was read is damaged.
    DataEngError
        As the transform does, or the lake cannot be written.
    """
    root = settings.lake_root
    with ExitStack() as opened:
        builds = {
            one.dataset.key: opened.enter_context(
                PartitionBuild(root, one, shared=settings.shared_lake)
            )
            for one in missing
        }
        files = {key: build.create(PART) for key, build in builds.items()}
        writers = {
            one.dataset.key: opened.enter_context(
                PartWriter(files[one.dataset.key], one.dataset.contract(), str(one))
            )
            for one in missing
        }
        try:
            made = transform(Writers(writers))
            for writer in writers.values():
                writer.close()
        except RetargetError:
            raise
        except Exception:
            # An input that is damaged may have led to anything: then that is the error to tell.
            inputs.verify(whole=True)
            raise
        entries = inputs.entries()
        found = {}
        for one in missing:
            key = one.dataset.key
            entry = _file_entry(files[key], writers[key])
            manifest = _manifest(stage, settings, inputs, one, made, entry, entries)
            data = manifest.to_bytes()
            builds[key].commit(data)
            told = delivered_date(manifest).words() if one.dataset.layer == "bronze" else ""
            summary = summary_of(manifest, manifest_sha256(data))
            found[key] = outcome_of(summary, Status.WRITTEN, told)
    return found


def outcome_of(summary: Summary, status: Status, reason: str) -> Outcome:
    """Return what is told of a partition that is or was there; what it does without, always."""
    reason = "; ".join(part for part in (reason, summary.left_out) if part)
    return Outcome(
        summary.dataset,
        summary.symbol,
        dt.date.fromisoformat(summary.dt),
        status,
        reason,
        summary.rows,
        content_sha256=summary.content_sha256,
        bytes=summary.bytes,
    )


def _manifest(
    stage: Declaration,
    settings: Settings,
    inputs: Inputs,
    partition: Partition,
    made: Made,
    file: FileEntry,
    entries: tuple[Input, ...],
) -> Manifest:
    contract = partition.dataset.contract()
    declared = stage.parameters(settings, inputs.symbol)
    return Manifest(
        dataset=partition.dataset.key,
        symbol=partition.symbol,
        dt=partition.date.isoformat(),
        stage=stage.name,
        stage_version=stage.version,
        contract_path=contract.path,
        contract_sha256=contract.sha256,
        parameters={**declared, **made.parameters},
        facts=dict(made.facts),
        rows=file.rows,
        files=(file,),
        inputs=entries,
        libraries={"data_eng": __version__, "pyarrow": pa.__version__},
    )


def _file_entry(file: PartitionFile, writer: PartWriter) -> FileEntry:
    return FileEntry(PART, file.bytes, writer.rows, file.sha256, writer.footer_sha256)
