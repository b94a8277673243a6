"""Fuzz one reader guided by coverage: ``python -m tests.faults.guided TARGET FOLDER OPTIONS...``.

Needs atheris, which is no dependency: options are libFuzzer's. A finding is printed with the input.
"""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

atheris: Any = importlib.import_module("atheris")

with atheris.instrument_imports(include=["src.data_eng"]):
    from src.data_eng.catalogue.contract import load_contract
    from src.data_eng.cli.run_settings import read_config
    from src.data_eng.errors import DataEngError
    from src.data_eng.lake.manifest import parse_manifest
    from src.data_eng.parquet.footer import read_footer
    from src.data_eng.vendor.dbn.reader import DbnReader
    from src.data_eng.vendor.delivery import SYMBOLOGY_NAME, read_delivery


def _dbn(file: Path, _data: bytes) -> None:
    with DbnReader(file, "mbp-10", block_records=3) as reader:
        for _block in reader.blocks():
            pass


def _symbology(file: Path, _data: bytes) -> None:
    file.replace(file.with_name(SYMBOLOGY_NAME))
    read_delivery(file.parent).symbology()


TARGETS: dict[str, Callable[[Path, bytes], object]] = {
    "manifest": lambda _file, data: parse_manifest(data, "input"),
    "footer": lambda _file, data: read_footer(io.BytesIO(data)),
    "dbn": _dbn,
    "symbology": _symbology,
    "contract": lambda file, _data: load_contract(file.name, file.parent),
    "config": lambda file, _data: read_config(file),
}


def main(target: str, folder: Path, options: list[str]) -> None:
    reads, file = TARGETS[target], folder / "input"

    def one(data: bytes) -> None:
        file.write_bytes(data)
        try:
            reads(file, data)
        except DataEngError:
            return

    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
