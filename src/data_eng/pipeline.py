"""From what a user asks for to chains of stages, and from a chain to its outcomes.

1. `build_chains` turns product type, layer, symbol and dates into one `Chain` a date: the stages
   of that date in order. Chains do not depend on each other.
2. `run_chain` runs one: each stage on the output of the one before, on the contract that Bronze
   decided. A failed stage ends its chain, not the others.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from .datasets import Dataset, dataset
from .errors import DataEngError, PartitionNotFoundError, UsageError
from .front_month import is_contract, is_root, outright_of_root
from .lake.paths import Partition, symbols_with_partition
from .lake.reader import PublishedPartition
from .settings import Settings
from .stage import Context, Outcome, Stage, Status

log = logging.getLogger(__name__)

LAYERS: Final = ("bronze", "silver", "gold")
PRODUCT_TYPES: Final = ("future", "future_option")
ALL: Final = "all"

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Chain:
    """The stages of one date, in order.

    Attributes
    ----------
    product_type : str
    layers : tuple of str
        Which layers' stages run.
    symbol : str
        Product root, or contract where no Bronze stage runs.
    date : datetime.date
    settings : Settings
    dry_run : bool
        Tell what would be done, and do nothing.
    """

    product_type: str
    layers: tuple[str, ...]
    symbol: str
    date: dt.date
    settings: Settings
    dry_run: bool = False


@cache
def stages(product_type: str, layer: str) -> tuple[Stage, ...]:
    """Return the stages of one layer, in the order in which they run."""
    # Imported here: the compiled kernels of Bronze cost a second that Silver and Gold do not need.
    if (product_type, layer) == ("future", "bronze"):
        from .stages.bronze.market_by_price_10 import BronzeMarketByPrice10  # noqa: PLC0415

        return (BronzeMarketByPrice10(),)
    if layer == "silver":
        from .stages.silver.clean import SilverClean  # noqa: PLC0415

        return tuple(
            SilverClean(table, dataset(f"silver.{product_type}.{table.table}_clean"))
            for table in bronze_tables(product_type)
        )
    if layer == "gold":
        from .stages.gold.first3h import GoldFirst3h  # noqa: PLC0415

        return tuple(
            GoldFirst3h(
                dataset(f"silver.{product_type}.{table.table}_clean"),
                dataset(f"gold.{product_type}.{table.table}_first3h"),
            )
            for table in bronze_tables(product_type)
        )
    return ()


def bronze_tables(product_type: str) -> tuple[Dataset, ...]:
    """Return the Bronze tables of a product type; the first one names the front month."""
    tables = {"future": ("market_by_price_10",)}.get(product_type, ())
    return tuple(dataset(f"bronze.{product_type}.{table}") for table in tables)


def build_chains(
    product_type: str,
    layer: str,
    symbol: str,
    dates: Sequence[dt.date],
    settings: Settings,
    *,
    dry_run: bool = False,
) -> list[Chain]:
    """Return the chains that a request means, by date.

    Raises
    ------
    UsageError
        An unknown layer or product type, or a symbol that does not go with the layer.
    """
    product_types = PRODUCT_TYPES if product_type == ALL else (product_type,)
    layers = LAYERS if layer == ALL else (layer,)
    usable = [kind for kind in product_types if bronze_tables(kind)]
    if not usable:
        raise UsageError(f"--product-type {product_type}: no stages for it yet; use future")
    if not (is_root(symbol) or is_contract(symbol)):
        raise UsageError(
            f"--symbol {symbol!r}: neither a product root such as ES nor a contract such as ESU5"
        )
    if "bronze" in layers and not is_root(symbol):
        raise UsageError(
            f"--symbol {symbol}: a contract; --layer {layer} takes the product root, "
            "which contract it means on a date is what Bronze decides"
        )
    return [
        Chain(kind, layers, symbol, date, settings, dry_run)
        for date in sorted(set(dates))
        for kind in usable
    ]


def run_chain(chain: Chain, progress: Progress = lambda _stage, _share: None) -> list[Outcome]:
    """Run the stages of a chain; return an outcome for each, failed ones included."""
    return list(_outcomes(chain, progress))


def _outcomes(chain: Chain, progress: Progress) -> Iterator[Outcome]:
    symbol, blocked = chain.symbol, ""
    for layer in chain.layers:
        for stage in stages(chain.product_type, layer):
            key = stage.output.key
            if blocked:
                yield Outcome(key, symbol, chain.date, Status.SKIPPED, blocked)
                continue

            def report(share: float, key: str = key) -> None:
                progress(key, share)

            context = Context(chain.settings, report)
            try:
                if layer != "bronze" and is_root(symbol) and stage.closure(chain.date) is None:
                    symbol = resolve_contract(chain, symbol)
                act = stage.preview if chain.dry_run else stage.run
                outcome = act(context, symbol, chain.date)
            except DataEngError as error:
                log.debug("%s failed", key, exc_info=True)
                outcome = Outcome(key, symbol, chain.date, Status.FAILED, str(error))
            yield outcome
            symbol = outcome.symbol
            blocked = _blocked_by(outcome, chain)


def _blocked_by(outcome: Outcome, chain: Chain) -> str:
    if outcome.status is Status.FAILED:
        return f"upstream {outcome.dataset} failed"
    if outcome.status is Status.SKIPPED and outcome.rows is None:
        return outcome.reason
    if chain.dry_run and outcome.status is Status.WRITTEN:
        return f"would follow {outcome.dataset}"
    return ""


def resolve_contract(chain: Chain, root: str) -> str:
    """Return the contract that Bronze wrote for a root on the chain's date.

    Raises
    ------
    PartitionNotFoundError
        Bronze has no complete partition of the root for the date.
    UsageError
        It has several, by different roll rules or from different deliveries.
    """
    lake_root, bronze = chain.settings.lake_root, bronze_tables(chain.product_type)[0]
    found = [
        symbol
        for symbol in symbols_with_partition(lake_root, bronze, chain.date)
        if outright_of_root(symbol, root)
        and _rule_of(lake_root, Partition(bronze, symbol, chain.date)) == chain.settings.roll_rule
    ]
    if len(found) > 1:
        raise UsageError(
            f"{root} on {chain.date}: Bronze holds {' and '.join(found)}; name the contract"
        )
    if not found:
        raise PartitionNotFoundError(
            f"{bronze.key} {root} {chain.date}: no complete Bronze partition by roll rule "
            f"{chain.settings.roll_rule} in {lake_root}; run --layer bronze --symbol {root} first"
        )
    return found[0]


def _rule_of(lake_root: Path, partition: Partition) -> str | None:
    try:
        with PublishedPartition(lake_root, partition) as published:
            rule: str | None = published.manifest.parameters.get("roll_rule")
            return rule
    except PartitionNotFoundError:
        return None
