"""From what a user asks for to chains of stages, and from a chain to its outcomes.

1. `build_chains` turns product type, layer, symbol and dates into one `Chain` a date: the stages
   of that date in order. Chains do not depend on each other.
2. `run_chain` runs one: each stage on the contract that Bronze decided. Stages that read what a
   failed stage should have written are skipped, the others go on.
3. `second_pass` gives the chains of the stages that look at other dates, and of what reads them.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from ..catalogue.datasets import Dataset, dataset
from ..catalogue.vectors import VECTOR, VECTOR_WITHOUT_OPTIONS, vector_parts
from ..errors import DataEngError, PartitionNotFoundError, UsageError
from ..exchange.front_month import is_contract, is_root
from ..features.level.levels import level_names
from ..lake.published_contract import published_contracts
from ..settings import Settings
from ..stages.gold.first3h import GoldFirst3h
from ..stages.shared_results import SharedResults
from ..stages.silver.clean import SilverClean
from ..stages.stage import Context, Outcome, Stage, Status

log = logging.getLogger(__name__)

LAYERS: Final = ("bronze", "silver", "gold")
PRODUCT_TYPES: Final = ("future", "future_option")
ALL: Final = "all"

_TABLES: Final = {
    "future": ("market_by_price_10",),
    "future_option": ("definition", "trades", "nbbo", "statistics"),
}

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Chain:
    """The stages of one date, in order.

    Attributes
    ----------
    product_types : tuple of str
        Whose stages run; futures before the options on them, which follow their front month.
    layers : tuple of str
        Which layers' stages run.
    symbol : str
        Product root, or contract where no Bronze stage runs.
    date : datetime.date
    settings : Settings
    dry_run : bool
        Tell what would be done, and do nothing.
    is_second_pass : bool
        The stages that look at other dates, instead of all others.
    before : tuple of Outcome
        What the first pass came to.
    """

    product_types: tuple[str, ...]
    layers: tuple[str, ...]
    symbol: str
    date: dt.date
    settings: Settings
    dry_run: bool = False
    is_second_pass: bool = False
    before: tuple[Outcome, ...] = ()


@cache
def stages(product_type: str, layer: str) -> tuple[Stage, ...]:
    """Return the stages of one layer, in the order in which they run."""
    # Imported here: what is compiled costs a second that the other stages do not need.
    if (product_type, layer) == ("future", "bronze"):
        from ..stages.bronze.market_by_price_10 import BronzeMarketByPrice10  # noqa: PLC0415

        return (BronzeMarketByPrice10(),)
    if (product_type, layer) == ("future_option", "bronze"):
        from ..stages.bronze.option_definition import BronzeOptionDefinition  # noqa: PLC0415
        from ..stages.bronze.option_nbbo import BronzeOptionNbbo  # noqa: PLC0415
        from ..stages.bronze.option_statistics import BronzeOptionStatistics  # noqa: PLC0415
        from ..stages.bronze.option_trades import BronzeOptionTrades  # noqa: PLC0415

        return (
            BronzeOptionDefinition(),
            BronzeOptionTrades(),
            BronzeOptionNbbo(),
            BronzeOptionStatistics(),
        )
    if layer == "silver":
        return _silver_stages(product_type)
    if layer == "gold":
        return _gold_stages(product_type)
    return ()


def clean_stages(product_type: str) -> tuple[SilverClean, ...]:
    """Return the stages that give each Bronze table its clean Silver table."""
    return tuple(
        SilverClean(table, dataset(f"silver.{product_type}.{table.table}_clean"))
        for table in bronze_tables(product_type)
    )


def _silver_stages(product_type: str) -> tuple[Stage, ...]:
    clean = clean_stages(product_type)
    if product_type == "future_option":
        from ..stages.silver.option_market import SilverOptionMarket  # noqa: PLC0415

        tables = {stage.source.table: stage.output for stage in clean}
        return (*clean, SilverOptionMarket(tables, dataset("silver.future_option.market")))
    from ..stages.silver.future_market import SilverFutureMarket  # noqa: PLC0415
    from ..stages.silver.level import SilverLevel  # noqa: PLC0415
    from ..stages.silver.level_features import SilverLevelFeatures  # noqa: PLC0415
    from ..stages.silver.ohlcv_2m import SilverOhlcv2m  # noqa: PLC0415

    records, bars = clean[0].output, dataset("silver.future.ohlcv_2m")
    level, market = dataset("silver.future.level"), dataset("silver.future.market")
    return (
        *clean,
        SilverOhlcv2m(records, bars),
        SilverLevel(records, bars, level),
        *(
            SilverLevelFeatures(records, bars, level, dataset(f"silver.future.level_{name}"))
            for name in level_names()
        ),
        SilverFutureMarket(records, bars, bronze_tables(product_type)[0], market),
    )


def _gold_stages(product_type: str) -> tuple[Stage, ...]:
    # Bars and levels are inputs of features; no one reads three hours of them.
    sources = [stage.output for stage in clean_stages(product_type)]
    sources.append(dataset(f"silver.{product_type}.market"))
    if product_type == "future":
        sources += [dataset(f"silver.future.level_{name}") for name in level_names()]
    windows = tuple(
        GoldFirst3h(
            source,
            dataset(f"gold.{product_type}.{source.table.removesuffix('_clean')}_first3h"),
        )
        for source in sources
    )
    if product_type != "future":
        return windows
    return (*windows, _outcome_stage(), _vector_stage(VECTOR_WITHOUT_OPTIONS))


def joint_stages(product_types: Sequence[str], layers: Sequence[str]) -> tuple[Stage, ...]:
    """Return the stages that need tables of all product types, after those of each."""
    if set(product_types) != set(PRODUCT_TYPES) or "gold" not in layers:
        return ()
    return (_vector_stage(VECTOR),)


def _vector_stage(key: str) -> Stage:
    from ..stages.gold.feature_vector import GoldFeatureVector  # noqa: PLC0415

    return GoldFeatureVector([dataset(part) for part in vector_parts()[key]], dataset(key))


def _outcome_stage() -> Stage:
    from ..stages.gold.level_outcome import GoldLevelOutcome  # noqa: PLC0415

    records, bars, levels = (
        dataset(f"silver.future.{table}")
        for table in ("market_by_price_10_clean", "ohlcv_2m", "level")
    )
    return GoldLevelOutcome(records, bars, levels, dataset("gold.future.level_outcome"))


def bronze_tables(product_type: str) -> tuple[Dataset, ...]:
    """Return the Bronze tables of a product type; the first one names the front month."""
    return tuple(dataset(f"bronze.{product_type}.{table}") for table in _TABLES[product_type])


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
        Chain(product_types, layers, symbol, date, settings, dry_run) for date in sorted(set(dates))
    ]


def chain_stages(chain: Chain) -> tuple[Stage, ...]:
    """Return the stages of a chain in the order in which they run."""
    ordered = [
        stage
        for product_type in chain.product_types
        for layer in chain.layers
        for stage in stages(product_type, layer)
    ]
    found: list[Stage] = []
    second: set[str] = set()
    for stage in (*ordered, *joint_stages(chain.product_types, chain.layers)):
        if stage.reads_other_dates or second.intersection(stage.reads):
            second.add(stage.output.key)
        if (stage.output.key in second) == chain.is_second_pass:
            found.append(stage)
    return tuple(found)


def second_pass(chains: Sequence[Chain], outcomes: Sequence[Outcome]) -> list[Chain]:
    """Return the chains, in order of date, that run once those of all dates have.

    Parameters
    ----------
    chains : sequence of Chain
        The first pass.
    outcomes : sequence of Outcome
        What it came to.
    """
    later = [
        replace(
            chain,
            is_second_pass=True,
            before=tuple(outcome for outcome in outcomes if outcome.date == chain.date),
        )
        for chain in sorted(chains, key=lambda chain: chain.date)
    ]
    return [chain for chain in later if chain_stages(chain)]


def run_chain(chain: Chain, progress: Progress = lambda _stage, _share: None) -> list[Outcome]:
    """Run the stages of a chain; return an outcome for each, failed ones included."""
    done = {outcome.dataset: outcome for outcome in chain.before}
    ran = []
    shared = SharedResults()
    for stage in chain_stages(chain):
        done[stage.output.key] = _run_stage(stage, chain, done, progress, shared)
        ran.append(done[stage.output.key])
    return ran


def _run_stage(
    stage: Stage,
    chain: Chain,
    done: Mapping[str, Outcome],
    progress: Progress,
    shared: SharedResults,
) -> Outcome:
    key, symbol = stage.output.key, chain.symbol
    blocked = _blocked(stage, chain, done)
    if blocked:
        return Outcome(key, symbol, chain.date, Status.SKIPPED, blocked)
    context = Context(chain.settings, lambda share: progress(key, share), shared)
    try:
        if stage.output.layer != "bronze" and stage.closure(chain.date) is None:
            symbol = _contract(stage, chain, done)
        act = stage.preview if chain.dry_run else stage.run
        return act(context, symbol, chain.date)
    except DataEngError as error:
        log.debug("%s failed", key, exc_info=True)
        return Outcome(key, symbol, chain.date, Status.FAILED, str(error))


def _blocked(stage: Stage, chain: Chain, done: Mapping[str, Outcome]) -> str:
    # Why a stage cannot run after what the stages before it came to; else empty.
    for key in (*stage.reads, *stage.follows):
        if key in done and done[key].status is Status.FAILED:
            return f"upstream {key} failed"
    for key in stage.reads:
        if key not in done:
            continue
        outcome = done[key]
        if outcome.status is Status.SKIPPED and outcome.rows is None:
            return outcome.reason
        if chain.dry_run and outcome.status is Status.WRITTEN:
            return f"would follow {key}"
    return ""


def _contract(stage: Stage, chain: Chain, done: Mapping[str, Outcome]) -> str:
    # That of the input made in this chain, the one named, or the one that Bronze holds.
    for key in stage.reads:
        if key in done:
            return done[key].symbol
    if not is_root(chain.symbol):
        return chain.symbol
    return resolve_contract(chain, stage.output.product_type, chain.symbol)


def resolve_contract(chain: Chain, product_type: str, root: str) -> str:
    """Return the contract that Bronze wrote for a root on the chain's date.

    Raises
    ------
    PartitionNotFoundError
        Bronze has no complete partition of the root for the date.
    UsageError
        It has several, by different roll rules or from different deliveries.
    """
    lake_root, rule = chain.settings.lake_root, chain.settings.roll_rule
    bronze = bronze_tables(product_type)[0]
    found = published_contracts(lake_root, bronze, root, chain.date, rule)
    if len(found) > 1:
        raise UsageError(
            f"{root} on {chain.date}: Bronze holds {' and '.join(found)}; name the contract"
        )
    if not found:
        raise PartitionNotFoundError(
            f"{bronze.key} {root} {chain.date}: no complete Bronze partition by roll rule "
            f"{rule} in {lake_root}; run --layer bronze --symbol {root} first"
        )
    return found[0]
