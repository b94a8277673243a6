"""From what a user asks for to a graph of tasks: stages over dates, joined by what they read.

1. `selected_stages` picks the registered stages that product types and layers mean.
2. `build_graph` makes a node of each stage and date, and an edge of each declared read: of the same
   date, and of the earlier sessions that are in the run too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ..errors import UsageError
from ..exchange.asked_symbol import check_symbol
from ..exchange.symbols import is_root, root_of
from ..settings import Settings
from ..stages.reads import Follow, Read, ReadEarlier
from ..stages.registry import registered_stages
from ..stages.stage import Stage
from ..suggestion import did_you_mean

LAYERS: Final = ("bronze", "silver", "gold")
PRODUCT_TYPES: Final = ("future", "future_option")
ALL: Final = "all"

Node = tuple[str, dt.date]
"""The first dataset that a stage writes, and a date."""


@dataclass(frozen=True)
class Request:
    """What a user asks for.

    Attributes
    ----------
    product_type, layer : str
        One of `PRODUCT_TYPES` and of `LAYERS`, or `ALL`.
    symbol : str
        Product root, or contract where no Bronze stage runs.
    dates : tuple of datetime.date
        In order.
    settings : Settings
    dry_run : bool
        Tell what would be done, and do nothing.
    tables : tuple of str
        Of the layers' tables only these: names (``level``), or keys (``silver.future.level``); all
        without.

    Raises
    ------
    UsageError
        A symbol that does not go with the layer.
    """

    product_type: str
    layer: str
    symbol: str
    dates: tuple[dt.date, ...]
    settings: Settings
    dry_run: bool = False
    tables: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_symbol(self.symbol)
        if self.layer in ("bronze", ALL) and not is_root(self.symbol):
            raise UsageError(
                f"--symbol {self.symbol}: a contract; --layer {self.layer} takes the product root, "
                f"{root_of(self.symbol)}: which contract it means on a date is what Bronze decides"
            )

    @property
    def product_types(self) -> tuple[str, ...]:
        """Whose stages run."""
        return PRODUCT_TYPES if self.product_type == ALL else (self.product_type,)

    @property
    def layers(self) -> tuple[str, ...]:
        """Which layers' stages run."""
        return LAYERS if self.layer == ALL else (self.layer,)


def selected_stages(product_types: Sequence[str], layers: Sequence[str]) -> tuple[Stage, ...]:
    """Return the stages of some layers whose tables are all of some product types."""
    return tuple(
        stage
        for stage in registered_stages()
        if stage.writes[0].layer in layers and _product_types(stage) <= set(product_types)
    )


def _product_types(stage: Stage) -> set[str]:
    read = [one.key for one in stage.reads if not isinstance(one, Follow)]
    return {key.split(".")[1] for key in (*read, *(one.key for one in stage.writes))}


@dataclass(frozen=True)
class Graph:
    """Stages over dates.

    Attributes
    ----------
    stages : tuple of Stage
    dates : tuple of datetime.date
        In order.
    """

    stages: tuple[Stage, ...]
    dates: tuple[dt.date, ...]

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every stage of every date, in order of date."""
        return tuple((node_key(one), date) for date in self.dates for one in self.stages)

    @cached_property
    def _dates(self) -> frozenset[dt.date]:
        return frozenset(self.dates)

    @cached_property
    def stage_of(self) -> dict[str, Stage]:
        """Stage by the first dataset that it writes."""
        return {node_key(one): one for one in self.stages}

    @cached_property
    def writer_of(self) -> dict[str, str]:
        """Key of the stage that writes a dataset."""
        return {table.key: node_key(one) for one in self.stages for table in one.writes}

    @cached_property
    def height(self) -> dict[str, int]:
        """How long the longest chain is that waits for a stage, within a date."""
        after: dict[str, list[str]] = {key: [] for key in self.stage_of}
        for stage in self.stages:
            for key in self._same_date(stage):
                after[key].append(node_key(stage))
        heights: dict[str, int] = {}

        def height(key: str) -> int:
            if key not in heights:
                heights[key] = 1 + max((height(one) for one in after[key]), default=0)
            return heights[key]

        return {key: height(key) for key in after}

    @cached_property
    def in_order(self) -> tuple[str, ...]:
        """Stages of a date, each after what it waits for; what others wait for longest first."""
        return tuple(sorted(self.height, key=lambda key: (-self.height[key], key)))

    def waits_for(self, node: Node) -> tuple[Node, ...]:
        """Return what a node runs after."""
        key, date = node
        stage = self.stage_of[key]
        found = [(key, date) for key in self._same_date(stage)]
        for read in stage.reads:
            writer = self.writer_of.get(read.key)
            if isinstance(read, ReadEarlier) and writer is not None:
                days = self._dates.intersection(read.dates(date))
                found += [(writer, day) for day in sorted(days)]
        return tuple(dict.fromkeys(found))

    def _same_date(self, stage: Stage) -> list[str]:
        read = [one.key for one in stage.reads if isinstance(one, Read | Follow)]
        return [self.writer_of[key] for key in read if key in self.writer_of]


def named_stages(stages: Sequence[Stage], tables: Sequence[str]) -> tuple[Stage, ...]:
    """Return those of some stages that write one of the tables named.

    Raises
    ------
    UsageError
        No stage, or none of these, writes a table; says which name is near or which layer has it.
    """
    for name in tables:
        if not any(_is_named(one, name) for one in stages):
            raise UsageError(f"--table {name or repr(name)}: {_where_instead(name)}")
    return tuple(one for one in stages if any(_is_named(one, name) for name in tables))


def _is_named(stage: Stage, name: str) -> bool:
    return any(name in (one.table, one.key) for one in stage.writes)


def _where_instead(name: str) -> str:
    written = [one for stage in registered_stages() for one in stage.writes]
    elsewhere = [one for one in written if name in (one.table, one.key)]
    if elsewhere:
        keys = " and ".join(one.key for one in elsewhere)
        flags = f"; give --product-type {elsewhere[0].product_type} --layer {elsewhere[0].layer}"
        told = flags if keys == name else f"; it is {keys}"
        return f"not among what --product-type and --layer ask for{told}"
    names = sorted({name for one in written for name in (one.table, one.key)})
    hint = did_you_mean(name, names) or "docs/concepts.md lists the tables"
    return f"no stage writes such a table; {hint}"


def node_key(stage: Stage) -> str:
    """Return by what a stage is named in a graph: the first dataset that it writes."""
    return stage.writes[0].key


def build_graph(request: Request) -> Graph:
    """Return the graph of a request; raises `UsageError` where a table is not known."""
    stages = selected_stages(request.product_types, request.layers)
    if request.tables:
        stages = named_stages(stages, request.tables)
    return Graph(stages, tuple(sorted(set(request.dates))))
