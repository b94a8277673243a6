"""The day's DBN file: written as the vendor does, published by a rename."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from .day import SampleFuture, delivered_day, market_by_price_10_chunks, metadata
from .dbn_writer import DbnWriter
from .delivery import record_delivery, sync_folder

_TABLE: Final = "market_by_price_10"


def file_name(sample: SampleFuture) -> str:
    """Return the name that the vendor gives the file."""
    return f"glbx-mdp3-{sample.date:%Y%m%d}.mbp-10.dbn.zst"


def delivery_folder(raw_root: Path, sample: SampleFuture) -> Path:
    """Return the folder of the raw layer that holds the root's MBP-10 files."""
    partition = f"source=databento/product_type=future/symbol={sample.root}/table={_TABLE}"
    return raw_root / partition


def write_future_day(raw_root: Path, sample: SampleFuture) -> Path:
    """Write the day's file and the vendor's side files beside it.

    A date that is already there is left alone, whatever sample it was made from.

    Parameters
    ----------
    raw_root : Path
        The raw layer, ``{lake}/raw``.
    sample : SampleFuture

    Returns
    -------
    Path
        The file, DBN version 3 in two zstd frames: metadata, records.
    """
    folder = delivery_folder(raw_root, sample)
    target = folder / file_name(sample)
    folder.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        temporary = folder / f".{target.name}.{os.getpid()}.tmp"
        try:
            _write(temporary, sample)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(folder)
    record_delivery(folder, target, delivered_day(sample))
    return target


def _write(path: Path, sample: SampleFuture) -> None:
    with DbnWriter(path, metadata(sample).encode()) as file:
        for chunk in market_by_price_10_chunks(sample):
            file.write(chunk)
