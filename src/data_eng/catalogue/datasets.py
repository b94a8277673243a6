"""The registry of datasets: key, path in the lake, contract or vendor schemas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from ..errors import UsageError
from .contract import Contract, load_contract

REGISTRY: Final = Path(__file__).parent / "datasets.yaml"


@dataclass(frozen=True)
class Dataset:
    """A table of the lake.

    Attributes
    ----------
    key : str
        ``{layer}.{product_type}.{table}``.
    path : str
        Folder below the lake root, with ``{symbol}`` open.
    contract_path : str or None
        Contract below ``contracts/``; None for raw datasets.
    schemas : tuple of str
        Vendor schemas that a raw dataset accepts.
    """

    key: str
    path: str
    contract_path: str | None
    schemas: tuple[str, ...]

    @property
    def layer(self) -> str:
        """First part of the key."""
        return self.key.split(".")[0]

    @property
    def product_type(self) -> str:
        """Second part of the key."""
        return self.key.split(".")[1]

    @property
    def table(self) -> str:
        """Last part of the key."""
        return self.key.split(".")[2]

    def folder(self, symbol: str) -> Path:
        """Return the folder of one symbol, relative to the lake root."""
        return Path(self.path.format(symbol=symbol))

    def contract(self) -> Contract:
        """Load the contract; raises `ContractError` where it is not valid."""
        if self.contract_path is None:
            raise UsageError(f"{self.key} is raw: it has no contract")
        return load_contract(self.contract_path)


@cache
def registry() -> dict[str, Dataset]:
    """Return every dataset by its key, as declared in ``datasets.yaml``."""
    declared: dict[str, dict[str, Any]] = yaml.safe_load(REGISTRY.read_text())
    return {
        key: Dataset(key, d["path"], d.get("contract"), tuple(d.get("schemas", ())))
        for key, d in declared.items()
    }


def dataset(key: str) -> Dataset:
    """Return one dataset; raises `UsageError` with the known keys where there is none."""
    try:
        return registry()[key]
    except KeyError:
        raise UsageError(f"no dataset {key}; known are {', '.join(registry())}") from None
