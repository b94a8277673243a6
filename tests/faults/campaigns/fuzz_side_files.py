"""Side files of a delivery with anything in them: an error that names them, or what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from src.data_eng.vendor.delivery import (
    CONDITION_NAME,
    MANIFEST_NAME,
    SYMBOLOGY_NAME,
    Delivery,
    read_delivery,
)

from ..campaign import Budget, Counts, Kind, Seeds
from ..mutators import mutated_json, mutated_text

NAME: Final = "fuzz_side_files"
KIND: Final[Kind] = "inputs"
BOUNDED: Final = 6_000
SHARE: Final = 8.0

FILE: Final = "glbx-mdp3-20250605.mbp-10.dbn.zst"
SAMPLES: Final[dict[str, Any]] = {
    MANIFEST_NAME: {
        "job_id": "GLBX-20250606-ABC",
        "files": [
            {"filename": FILE, "size": 1234, "hash": "sha256:" + "ab" * 32, "urls": {}},
            {"filename": "symbology.json", "size": 99, "hash": "cd" * 32},
        ],
    },
    CONDITION_NAME: [
        {"date": "2025-06-04", "condition": "degraded", "last_modified_date": "2025-06-05"},
        {"date": "2025-06-05", "condition": "available"},
    ],
    SYMBOLOGY_NAME: {
        "result": {
            "ES.FUT": [{"d0": "2025-06-01", "d1": "2025-06-06", "s": "5002"}],
            "ESM5": [
                {"d0": "2025-06-01", "d1": "2025-06-03", "s": "5002"},
                {"d0": "2025-06-03", "d1": "2025-06-06", "s": ""},
            ],
        },
        "symbols": ["ES.FUT"],
        "stype_in": "parent",
    },
}


def _says(name: str, said: Any, read: Delivery) -> bool:
    # The answers beside a look at the JSON itself.
    if name == MANIFEST_NAME:
        entries = said["files"] if isinstance(said, dict) else said
        found = {one["filename"]: (one["size"], one["hash"][-64:].lower()) for one in entries}
        return dict(read.files) == found
    if name == CONDITION_NAME:
        texts = {one["date"]: one["condition"] for one in said}
        return {str(day): text for day, text in read.conditions.items()} == texts
    intervals = read.symbology()
    assert intervals is not None
    seen = {
        symbol: [(str(one.d0), str(one.d1), one.s) for one in found]
        for symbol, found in intervals.items()
    }
    return seen == {
        symbol: [(one["d0"], one["d1"], one["s"]) for one in found if one["s"]]
        for symbol, found in said["result"].items()
    }


def _read(name: str, folder: Path) -> Delivery:
    read = read_delivery(folder)
    if name == SYMBOLOGY_NAME:
        read.symbology()
    return read


def is_right(data: bytes, folder: Path, name: str) -> bool:
    """Read a folder with this side file alone; tell whether it says what the JSON says."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    read = _read(name, folder)
    return _says(name, json.loads(data), read)


def run(rng: Seeds, budget: Budget) -> Counts:
    """Read folders with one mutated side file."""
    counts = Counts(NAME, KIND)
    for number in budget.numbers():
        one = rng.of(number)
        name = one.choice(list(SAMPLES))
        if one.random() < 0.7:
            data = mutated_json(SAMPLES[name], one)
        else:
            data = mutated_text(json.dumps(SAMPLES[name]).encode(), one)
        with counts.case(number):
            if is_right(data, budget.folder / name, name):
                counts.survived_new += 1
            else:
                counts.find("wrong_values", number, f"{name}: other answers than the file's")
    return counts
