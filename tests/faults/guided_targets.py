"""What guided fuzzing is of: each target's check and first inputs, those of the blind campaigns."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

from src.data_eng.vendor.delivery import CONDITION_NAME, MANIFEST_NAME, SYMBOLOGY_NAME
from tests.dbn_files import skippable_frame, zstd_frames

from .campaigns import (
    fuzz_command_lines,
    fuzz_config,
    fuzz_contracts,
    fuzz_dbn,
    fuzz_footers,
    fuzz_manifests,
    fuzz_side_files,
    fuzz_zstd,
)
from .mutators import mutated_text, mutated_tree

_SCHEMAS: Final = {
    "dbn": "mbp-10",
    "dbn_trades": "trades",
    "dbn_statistics": "statistics",
    "dbn_definition": "definition",
}
_SIDE_FILES: Final = {
    "vendor_manifest": MANIFEST_NAME,
    "condition": CONDITION_NAME,
    "symbology": SYMBOLOGY_NAME,
}


def _line(data: bytes, _folder: Path, *, is_run: bool) -> bool:
    # A word is what stands on a line of the input.
    words = data.decode(errors="surrogateescape").split("\n") if data else []
    try:
        return fuzz_command_lines.is_right(words, is_run=is_run)
    except SystemExit as ended:  # after --help
        return not ended.code


CHECKS: Final[dict[str, Callable[[bytes, Path], bool]]] = {
    **{name: partial(fuzz_dbn.is_right, schema=one) for name, one in _SCHEMAS.items()},
    "zstd": fuzz_zstd.is_right,
    "footer": fuzz_footers.is_right,
    "manifest": fuzz_manifests.is_right,
    "contract": fuzz_contracts.is_right,
    "config": fuzz_config.is_right,
    **{name: partial(fuzz_side_files.is_right, name=one) for name, one in _SIDE_FILES.items()},
    "run_line": partial(_line, is_run=True),
    "look_line": partial(_line, is_run=False),
}
"""Of each target whether an input is read rightly; errors of the package are raised."""

_JSON: Final = ("manifest", "contract", *_SIDE_FILES)
_MUTATORS: Final[dict[str, Callable[[bytes, Random], bytes]]] = {
    "footer": fuzz_footers.mutated,
    **dict.fromkeys(_JSON, mutated_tree),
}


def changed(target: str, data: bytes, rng: Random) -> bytes:
    """Return an input changed by what its format is made of."""
    return _MUTATORS.get(target, mutated_text)(data, rng)


def samples(target: str) -> list[bytes]:
    """Return the inputs that the fuzzing of a target begins with."""
    if target in _SCHEMAS:
        schema = _SCHEMAS[target]
        return [one.header + one.body for one in fuzz_dbn.samples() if one.schema == schema]
    if target in _SIDE_FILES:
        return [json.dumps(fuzz_side_files.SAMPLES[_SIDE_FILES[target]]).encode()]
    if target in ("run_line", "look_line"):
        good = fuzz_command_lines.GOOD
        looked = [word for part in good if part[0] in ("--symbol", "--dt") for word in part]
        whole = [word for part in good for word in part] if target == "run_line" else looked
        lines = [whole, *map(list, good), list(fuzz_command_lines.FLAGS)]
        return ["\n".join(line).encode() for line in lines]
    found = {
        "zstd": [
            b"".join(zstd_frames([b"a" * 90, b"b"], checksum=True)),
            skippable_frame() + b"".join(zstd_frames([b"abc"])),
        ],
        "footer": fuzz_footers.samples()[1:],
        "manifest": [fuzz_manifests.SAMPLE.to_bytes()],
        "contract": [json.dumps(tree).encode() for tree in fuzz_contracts.samples()],
        "config": [fuzz_config.SAMPLE],
    }
    return found[target]
