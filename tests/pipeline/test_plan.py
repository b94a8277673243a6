"""The graph: which stages a request means, and what runs after what."""

from __future__ import annotations

import datetime as dt
import graphlib
from pathlib import Path

import pytest

from src.data_eng.errors import UsageError
from src.data_eng.exchange.calendar import sessions_before
from src.data_eng.pipeline.plan import (
    ALL,
    LAYERS,
    PRODUCT_TYPES,
    Graph,
    Request,
    build_graph,
    node_key,
    selected_stages,
)
from src.data_eng.settings import Settings
from src.data_eng.stages.reads import Follow, Read, ReadEarlier, ReadRaw
from src.data_eng.stages.registry import producer, registered_stages
from tests.fake_stages import key, stage

FRIDAY = dt.date(2025, 6, 6)
MONDAY, TUESDAY, WEDNESDAY = (dt.date(2025, 6, day) for day in (9, 10, 11))
SETTINGS = Settings(lake_root=Path("/nowhere"))


def request(product_type: str, layer: str, *dates: dt.date, symbol: str = "ES") -> Request:
    return Request(product_type, layer, symbol, dates, SETTINGS)


def tables(product_type: str, layer: str) -> list[str]:
    graph = build_graph(request(product_type, layer, MONDAY))
    return [table.key for one in graph.stages for table in one.writes]


def test_edges_of_the_same_date_and_of_earlier_sessions() -> None:
    first = stage("first")
    second = stage("second", read=["first"])
    third = stage("third", read=["second", "first"], also=[ReadEarlier(key("second"), 2)])
    graph = Graph((first, second, third), (FRIDAY, MONDAY, TUESDAY, WEDNESDAY))
    one, two, three = (node_key(each) for each in graph.stages)
    assert graph.waits_for((one, TUESDAY)) == ()
    assert graph.waits_for((two, TUESDAY)) == ((one, TUESDAY),)
    # Of this date, and of the two sessions before it, over the weekend.
    assert set(graph.waits_for((three, TUESDAY))) == {
        (two, TUESDAY),
        (one, TUESDAY),
        (two, MONDAY),
        (two, FRIDAY),
    }
    assert set(graph.waits_for((three, MONDAY))) == {(two, MONDAY), (one, MONDAY), (two, FRIDAY)}


def test_an_input_that_nothing_of_the_run_writes_is_no_edge() -> None:
    later = stage("b", read=["a"], follow=["x"], also=[ReadEarlier(key("a"), 3)])
    alone = Graph((later,), (MONDAY, TUESDAY))
    assert {alone.waits_for(node) for node in alone.nodes} == {()}


def test_a_stage_waits_for_the_pass_that_writes_its_second_table() -> None:
    both, reader = stage("one", "two"), stage("reader", read=["two"])
    graph = Graph((reader, both), (MONDAY,))
    assert graph.writer_of[key("one")] == graph.writer_of[key("two")] == key("one")
    assert graph.waits_for((key("reader"), MONDAY)) == ((key("one"), MONDAY),)


def test_height_is_the_longest_chain_that_waits() -> None:
    graph = Graph(
        (
            stage("raw"),
            stage("long", read=["raw"]),
            stage("longer", read=["long"]),
            stage("end", read=["longer", "raw"]),
            stage("side", read=["raw"]),
            stage("after", follow=["side"]),
        ),
        (MONDAY,),
    )
    heights = {name.rsplit(".", 1)[1]: height for name, height in graph.height.items()}
    assert heights == {"raw": 4, "long": 3, "longer": 2, "end": 1, "side": 2, "after": 1}


def test_nodes_come_in_order_of_date_whatever_is_asked() -> None:
    graph = build_graph(request("future", "silver", TUESDAY, FRIDAY, TUESDAY, MONDAY))
    assert graph.dates == (FRIDAY, MONDAY, TUESDAY)
    assert [date for _, date in graph.nodes] == sorted(date for _, date in graph.nodes)
    assert len(set(graph.nodes)) == len(graph.nodes) == 3 * len(graph.stages)


@pytest.mark.parametrize("product_type", PRODUCT_TYPES)
@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_of_a_product_type(product_type: str, layer: str) -> None:
    found = tables(product_type, layer)
    assert found
    assert {one.split(".")[0] for one in found} == {layer}
    assert {one.split(".")[1] for one in found} == {product_type}


@pytest.mark.parametrize("product_type", [*PRODUCT_TYPES, ALL])
def test_all_layers_are_the_layers_one_after_the_other(product_type: str) -> None:
    assert tables(product_type, ALL) == [
        one for layer in LAYERS for one in tables(product_type, layer)
    ]


def test_what_needs_both_product_types_runs_with_both_alone() -> None:
    both = set(tables(ALL, ALL))
    assert both - {*tables("future", ALL), *tables("future_option", ALL)} == {
        "gold.future.feature_vector"
    }
    assert "gold.future.feature_vector_without_options" in tables("future", ALL)


def test_a_stage_that_only_looks_at_the_other_product_type_runs_without_it() -> None:
    option = next(
        one for one in registered_stages() if any(isinstance(r, Follow) for r in one.reads)
    )
    assert option in selected_stages(("future_option",), ("bronze",))
    graph = build_graph(request(ALL, ALL, MONDAY))
    followed = [one.key for one in option.reads if isinstance(one, Follow)]
    assert {(graph.writer_of[one], MONDAY) for one in followed} <= set(
        graph.waits_for((node_key(option), MONDAY))
    )


@pytest.mark.parametrize(
    ("symbol", "layer"),
    [("ESM5", "bronze"), ("ESM5", "all"), ("es", "silver"), ("", "gold"), ("../ES", "silver")],
)
def test_a_symbol_that_does_not_go_with_the_layer_is_refused(symbol: str, layer: str) -> None:
    with pytest.raises(UsageError, match="--symbol"):
        request("future", layer, MONDAY, symbol=symbol)


def test_no_circle_over_the_registered_stages() -> None:
    month = sorted(sessions_before(dt.date(2025, 7, 1), 22))
    graph = build_graph(request(ALL, ALL, *month))
    waits_for = {node: graph.waits_for(node) for node in graph.nodes}
    order = list(graphlib.TopologicalSorter(waits_for).static_order())
    assert len(order) == len(graph.nodes) == 22 * len(registered_stages())
    # Nor within a date, where stages are registered in an order in which they could run.
    place = {node_key(one): n for n, one in enumerate(graph.stages)}
    for (later, date), before in waits_for.items():
        for sooner, day in before:
            assert day < date or place[sooner] < place[later], (sooner, later)


def test_every_declared_read_is_written_by_a_stage_or_raw() -> None:
    written = [table.key for one in registered_stages() for table in one.writes]
    assert len(set(written)) == len(written), "two stages write one table"
    for one in registered_stages():
        assert one.writes
        for read in one.reads:
            if isinstance(read, ReadRaw):
                assert read.key.startswith("raw.")
            else:
                assert read.key in written, f"{one.name} reads {read.key}"
                assert producer(read.key) in registered_stages()


def test_no_table_reads_the_same_date_of_a_later_layer() -> None:
    for one in registered_stages():
        for read in one.reads:
            if isinstance(read, Read | ReadEarlier):
                layers = [
                    LAYERS.index(each) for each in (read.key.split(".")[0], one.writes[0].layer)
                ]
                assert layers[0] <= layers[1], f"{one.name} reads {read.key}"
    assert all(len({table.layer for table in one.writes}) == 1 for one in registered_stages())
