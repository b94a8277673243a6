"""Frames of a compressed file twice, swapped or lost, without the vendor's manifest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.cli_runs import RAW, Runner
from tests.dbn_files import (
    DATE,
    ESM5,
    day_mappings,
    encode_header,
    join,
    mbp10_records,
    zstd_frames,
)

FRAMES = 6
MINUTE_NS = 60 * 10**9


def write_frames(lake: Path, order: Callable[[list[bytes]], list[bytes]]) -> Path:
    """Write a date of which each frame holds an hour, a record a minute, in an order."""
    records = mbp10_records(FRAMES * 60)
    minutes = np.arange(len(records)) * MINUTE_NS
    for name in ("ts_recv", "ts_event"):
        records[name] += minutes.astype(records[name].dtype)
    header = encode_header(mappings=day_mappings({ESM5: "ESM5"}))
    pieces = [join(part) for part in np.split(records, FRAMES)]
    path = lake / RAW / "glbx-mdp3-20250605.mbp-10.dbn.zst"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"".join(zstd_frames([header, *order(pieces)])))
    return path


@pytest.mark.parametrize(
    ("order", "record"),
    [
        (lambda p: [*p[:2], p[1], *p[2:]], 120),
        (lambda p: [p[0], p[2], p[1], *p[3:]], 120),
        (lambda p: [*p, p[-1]], 360),
        (lambda p: [p[0], *p], 60),
        (lambda p: p[::-1], 60),
    ],
    ids=["one twice", "two swapped", "the last twice", "the first twice", "backwards"],
)
def test_frames_out_of_order(
    run: Runner, tmp_path: Path, order: Callable[[list[bytes]], list[bytes]], record: int
) -> None:
    path = write_frames(tmp_path, order)
    done = run(layer="all")
    assert done.code == 1
    (line,) = done.errors
    assert line.startswith(f"error: bronze.future.market_by_price_10 ES {DATE}: {path}: ")
    assert f"record {record} of ESM5" in line
    assert "put together in the wrong order, download it again" in line
    assert done.partitions() == []


def test_a_frame_that_is_lost_is_a_silence(run: Runner, tmp_path: Path) -> None:
    """It cannot be told from a market at rest; the manifest keeps it, with its length."""
    write_frames(tmp_path, lambda p: [*p[:2], *p[3:]])
    assert run().code == 0
    longest = run().manifest()["facts"]["silences"]["longest"]
    assert longest[0]["seconds"] > 3600
