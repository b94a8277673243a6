"""The registry of datasets: a key gives path and contract, and here is which keys there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Final

from ..errors import UsageError
from ..features.level.levels import level_names
from .contract import Contract, load_contract

SOURCE: Final = "databento"
"""Who delivered what lies in the raw and the Bronze layer."""

RAW_SCHEMAS: Final[dict[str, tuple[str, ...]]] = {
    "future.market_by_price_10": ("mbp-10",),
    "future.definition": ("definition",),
    "future_option.trades": ("trades",),
    "future_option.nbbo": ("mbp-1", "tbbo", "bbo-1s", "bbo-1m"),
    "future_option.statistics": ("statistics",),
    "future_option.definition": ("definition",),
}
"""The vendor's schemas of which each raw table takes one."""

EVENT_TABLES: Final[dict[str, tuple[str, ...]]] = {
    "future": ("market_by_price_10",),
    "future_option": ("trades", "nbbo", "statistics", "definition"),
}
"""Tables of records: in Bronze as delivered, clean in Silver, three hours of them in Gold."""

LEFT_OUT: Final[dict[str, tuple[str, ...]]] = {"future_option": ("trades", "statistics")}
"""Tables of records that a user may do without: what is made of the others goes on."""


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


def dataset_of_key(key: str) -> Dataset:
    """Return the dataset that a key means, whether or not it is registered.

    Examples
    --------
    >>> dataset_of_key("silver.future.level").path
    'silver/product_type=future/symbol={symbol}/table=level'
    >>> dataset_of_key("silver.future.level").contract_path
    'silver/future/level.avsc'
    """
    layer, product_type, table = key.split(".")
    source = f"source={SOURCE}/" if layer in ("raw", "bronze") else ""
    path = f"{layer}/{source}product_type={product_type}/symbol={{symbol}}/table={table}"
    if layer == "raw":
        return Dataset(key, path, None, RAW_SCHEMAS.get(f"{product_type}.{table}", ()))
    return Dataset(key, path, f"{layer}/{product_type}/{table}.avsc", ())


def raw_of_optional(table: Dataset) -> Dataset | None:
    """Return the raw table that a table of records copies, where a user may do without it.

    Examples
    --------
    >>> raw_of_optional(dataset_of_key("silver.future_option.trades_clean")).key
    'raw.future_option.trades'
    >>> raw_of_optional(dataset_of_key("silver.future_option.nbbo_clean"))
    """
    name = table.table.removesuffix("_clean").removesuffix("_first3h")
    if name not in LEFT_OUT.get(table.product_type, ()):
        return None
    return dataset_of_key(f"raw.{table.product_type}.{name}")


def registry() -> dict[str, Dataset]:
    """Return every dataset by its key; those of the levels follow from the levels declared."""
    return dict(_registry(level_names()))


def dataset(key: str) -> Dataset:
    """Return one dataset; raises `UsageError` with those that may be meant where there is none."""
    known = _registry(level_names())
    if isinstance(key, str) and key in known:
        return known[key]
    near = [one for one in known if one.endswith(f".{key}")]
    near = near or get_close_matches(str(key), known, n=2, cutoff=0.8)
    near = near or [one for one in known if str(key) and str(key) in one][:8]
    if near:
        raise UsageError(f"no dataset {key}; did you mean {' or '.join(near)}?")
    raise UsageError(f"no dataset {key}; known are {', '.join(known)}")


@lru_cache(maxsize=8)
def _registry(names: tuple[str, ...]) -> dict[str, Dataset]:
    return {key: dataset_of_key(key) for key in _keys(names)}


def _keys(names: tuple[str, ...]) -> Iterator[str]:
    yield "raw.future.market_by_price_10"
    yield "raw.future.definition"
    yield from _event_tables("future")
    yield "silver.future.trades"
    yield "silver.future.best_quote"
    yield "silver.future.market_by_price_10_1s"
    yield "silver.future.displayed_size_1s"
    yield "silver.future.ohlcv_2m"
    yield "silver.future.level"
    yield "silver.future.level_1s"
    yield "silver.future.level_touch"
    yield from _feature_table("future", "market")
    for name in names:
        yield from _feature_table("future", f"level_{name}")
    yield "gold.future.level_outcome"
    yield "gold.future.feature_vector"
    yield "gold.future.feature_vector_without_options"
    for table in EVENT_TABLES["future_option"]:
        yield f"raw.future_option.{table}"
    yield from _event_tables("future_option")
    yield from _feature_table("future_option", "market")


def _event_tables(product_type: str) -> Iterator[str]:
    for layer, end in (("bronze", ""), ("silver", "_clean"), ("gold", "_first3h")):
        for table in EVENT_TABLES[product_type]:
            yield f"{layer}.{product_type}.{table}{end}"


def _feature_table(product_type: str, table: str) -> Iterator[str]:
    yield f"silver.{product_type}.{table}"
    yield f"gold.{product_type}.{table}_first3h"
