"""Manifests with anything in them: the manifest's own error, or a manifest that says the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from src.data_eng.lake.manifest import (
    AbsentInput,
    FileEntry,
    Manifest,
    PartitionInput,
    RawInput,
    parse_manifest,
)

from ..campaign import Budget, Counts, Kind, Seeds
from ..mutators import mutated_json, mutated_text

NAME: Final = "fuzz_manifests"
KIND: Final[Kind] = "inputs"
BOUNDED: Final = 6_000
SHARE: Final = 8.0

SAMPLE: Final = Manifest(
    dataset="silver.future.trades",
    symbol="ESM5",
    dt="2025-06-05",
    stage="silver_trades",
    stage_version=3,
    contract_path="silver/future/trades.avsc",
    contract_sha256="0" * 64,
    parameters={"roll_rule": "volume", "candidates": {"ESM5": 12, "ESU5": 3}},
    facts={"first_ts_recv_ns": 1, "covered_ns": [[0, 10**18]], "condition": None},
    rows=2,
    files=(FileEntry("part-00000.parquet", 100, 2, "1" * 64, "2" * 64),),
    inputs=(
        PartitionInput("silver.future.ohlcv_2m", "ESM5", "2025-06-05", "3" * 64, "4" * 64),
        AbsentInput("silver.future.market", "ES", "2025-06-04"),
        RawInput("raw/a.dbn.zst", 10, "5" * 64),
    ),
    libraries={"pyarrow": "26.0.1"},
)


def _same(made: Manifest, data: bytes) -> bool:
    # By JSON alone: what was read and written again says what the text said.
    said, written = json.loads(data), json.loads(made.to_bytes())
    return json.dumps(said, sort_keys=True) == json.dumps(written, sort_keys=True)


def is_right(data: bytes, _folder: Path) -> bool:
    """Parse a manifest; tell whether it says the same when it is written again."""
    made = parse_manifest(data, "partition")
    _ = made.content_sha256
    return _same(made, data)


def run(rng: Seeds, budget: Budget) -> Counts:
    """Parse mutated manifests, and write again those that are read."""
    counts = Counts(NAME, KIND)
    text = SAMPLE.to_bytes()
    tree = json.loads(text)
    for number in budget.numbers():
        one = rng.of(number)
        data = mutated_text(text, one) if number % 2 else mutated_json(tree, one)
        with counts.case(number):
            if is_right(data, budget.folder):
                counts.survived_new += 1
            else:
                counts.find("wrong_values", number, "it does not say what was written")
    return counts
