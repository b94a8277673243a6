"""Configuration files with anything in them: a usage error, or settings that the file says."""

from __future__ import annotations

import tomllib
from pathlib import Path
from random import Random
from typing import Any, Final

from src.data_eng.cli.run_settings import read_config
from src.data_eng.settings import Settings

from ..campaign import Budget, Counts, Kind, Seeds
from ..mutators import mutated_text

NAME: Final = "fuzz_config"
KIND: Final[Kind] = "inputs"
BOUNDED: Final = 4_000
SHARE: Final = 3.0

SAMPLE: Final = b"""\
# settings of a lake
lake_root = "lake"
roll_rule = "volume"
workers = 2
max_expansion = 200
lock_timeout_s = 900.0
opening_range_minutes = 30
pre_market_start = "04:00"
"""
_VALUES: Final = (
    b"true", b"-1", b"0", b"nan", b"inf", b"-inf", b"1e400", b"9" * 40, b"0x7fffffffffffffff",
    b'""', b'"\\u0000"', b"[]", b"{}", b"1979-05-27", b"07:32:00", b'"24:00"', b'"4:00"',
    b"'09:29'",
    b"[" * 2_000, b"{a=" * 500, b'"""', b"1_000", b"+5", b'"\\ud800"', b"3.0", b"15",
)  # fmt: skip


def _mutated(one: Random) -> bytes:
    if one.random() < 0.5:
        return mutated_text(SAMPLE, one)
    lines = SAMPLE.splitlines()
    for _ in range(one.choice((1, 1, 2))):
        at = one.randrange(1, len(lines))
        key = lines[at].split(b"=")[0]
        lines[at] = key + b"= " + one.choice(_VALUES)
    return b"\n".join(lines)


def _says(values: dict[str, Any], made: Settings, data: bytes) -> bool:
    said = tomllib.loads(data.decode())
    return values.keys() <= said.keys() and all(
        getattr(made, key) == (Path(value) if key == "lake_root" else value)
        for key, value in said.items()
    )


def is_right(data: bytes, folder: Path) -> bool:
    """Read a file and make settings of it; tell whether they are what TOML says."""
    file = folder / "config.toml"
    file.write_bytes(data)
    values = read_config(file)
    known = {**values, "lake_root": Path(values.get("lake_root", "lake"))}
    return _says(values, Settings(**known), data)


def run(rng: Seeds, budget: Budget) -> Counts:
    """Read mutated files and make settings of them."""
    counts = Counts(NAME, KIND)
    for number in budget.numbers():
        data = _mutated(rng.of(number))
        with counts.case(number):
            if is_right(data, budget.folder):
                counts.survived_new += 1
            else:
                counts.find("wrong_values", number, "settings are not what the file says")
    return counts
