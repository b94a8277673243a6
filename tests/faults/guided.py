"""Fuzz one reader guided by coverage: ``python -m tests.faults.guided TARGET FOLDER OPTIONS...``.

Needs atheris (``uv sync --group fuzz``); options are libFuzzer's. What is looked for is what the
blind campaigns look for, by their own checks. A finding is printed with the input.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from random import Random
from typing import Any

atheris: Any = importlib.import_module("atheris")

with atheris.instrument_imports(include=["src.data_eng"]):
    from src.data_eng.errors import DataEngError
    from tests.faults.guided_targets import CHECKS, changed


def main(target: str, folder: Path, options: list[str]) -> None:
    is_right = CHECKS[target]

    def one(data: bytes) -> None:
        try:
            held = is_right(data, folder)
        except DataEngError as error:
            held = bool(str(error).strip())
        if not held:
            raise AssertionError(f"{target}: another reader finds something else in {data!r}")

    def mutate(data: bytes, size: int, seed: int) -> bytes:
        by = Random(seed)
        # Half of the changes keep what the format is, the others are libFuzzer's own.
        made = changed(target, data, by) if by.random() < 0.5 else atheris.Mutate(data, len(data))
        return bytes(made[:size])

    atheris.Setup([sys.argv[0], *options], one, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
