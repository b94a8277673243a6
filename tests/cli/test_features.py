"""``features``: found by words and filters, and what leaves nothing is told."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from src.data_eng.catalogue.datasets import registry
from src.data_eng.catalogue.feature_tables import feature_datasets, feature_table
from src.data_eng.cli.features import main
from src.data_eng.errors import UsageError
from src.data_eng.features.level.levels import level_names

Out = pytest.CaptureFixture[str]


def found(capsys: Out, *words: str) -> list[dict[str, Any]]:
    assert main([*words, "--output", "json"]) == 0
    body: dict[str, Any] = json.loads(capsys.readouterr().out)
    return list(body["features"])


def lines(capsys: Out, *words: str) -> list[str]:
    assert main(list(words)) == 0
    return capsys.readouterr().out.splitlines()


def names(features: list[dict[str, Any]]) -> set[str]:
    return {one["name"] for one in features}


def test_every_word_has_to_be_there_in_whatever_case(capsys: Out) -> None:
    assert names(found(capsys, "Traded", "VOLUME", "sum", "v.", "--family", "market")) >= {
        "volume_10s",
        "volume_60s",
        "volume_300s",
    }
    assert names(found(capsys, "osler", "touch")) <= names(found(capsys, "osler"))


def test_filters_are_those_of_the_catalogue_page(capsys: Out) -> None:
    assert {one["family"] for one in found(capsys, "--family", "options")} == {"options"}
    assert {one["window"] for one in found(capsys, "--window", "60s")} == {"60 s"}
    assert {one["unit"] for one in found(capsys, "--unit", "Ticks")} == {"ticks"}
    assert all("Osler" in one["source"] for one in found(capsys, "--source", "osler"))


def test_a_level_has_its_own_names_and_words(capsys: Out) -> None:
    own = found(capsys, "--level", "pm_low")
    assert all(one["name"].startswith("pm_low_") for one in own)
    distance = next(one for one in own if one["name"] == "pm_low_distance_ticks")
    assert distance["definition"].startswith("Distance of the mid from the Pre-Market Low")
    assert distance["datasets"] == [
        "silver.future.level_pm_low",
        "gold.future.level_pm_low_first3h",
    ]


def test_what_the_levels_share_is_told_once(capsys: Out) -> None:
    (one,) = [
        one
        for one in found(capsys, "pm_high_distance_ticks")
        if one["name"] == "{level}_distance_ticks"
    ]
    assert one["columns"] == [f"{level}_distance_ticks" for level in level_names()]


def test_every_feature_of_every_table_is_found(capsys: Out) -> None:
    everything = found(capsys)
    tables = [feature_table(one) for one in feature_datasets(registry().values())]
    wanted = [name for one in tables if one.layer == "silver" for name in one.columns]
    assert sorted(name for one in everything for name in one["columns"]) == sorted(wanted)
    assert sorted({one["family"] for one in everything}) == ["level", "market", "options"]


def test_a_line_is_name_unit_and_definition(capsys: Out) -> None:
    first, *_, last = lines(capsys, "volume", "--unit", "contracts", "--family", "market")
    assert first.split("  ")[0] == "volume_10s"
    assert first.split()[1:] == ["contracts", "Traded", "volume:", "sum", "v."]
    assert last.endswith(" features NAME tells all of one")
    assert "market, " in lines(capsys)[-1]


def test_a_definition_is_cut_where_the_terminal_ends(
    capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    told = lines(capsys, "--level", "or_low", "touch", "count")
    assert max(map(len, told[:-1])) == 80
    assert told[0].endswith("…")


def test_where_names_leave_no_room_the_definition_stands_below(
    capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    told = lines(capsys, "imbalance", "--level", "pm_high")
    names_, words = told[0:-1:2], told[1:-1:2]
    assert all(one.startswith("pm_high_") and "  " not in one for one in names_)
    assert all(one.startswith("    ") and len(one) <= 60 for one in words)


@pytest.mark.parametrize("name", ["{level}_distance_ticks", "sma_90_distance_ticks"])
def test_a_whole_name_tells_all_of_one(capsys: Out, name: str) -> None:
    first, *more = lines(capsys, name)
    assert first == "{level}_distance_ticks"
    told = dict(line.strip().split("  ", 1) for line in more)
    assert told["unit"].strip() == "ticks"
    assert told["null rule"].strip().startswith("Null before L is known")
    assert told["tables"].strip() == (
        "silver.future.level_{level}, gold.future.level_{level}_first3h"
    )
    assert "source" not in told  # it is ours


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["imbalanse"], r"none of \d+ features has 'imbalanse' .*; did you mean imbalance"),
        (["zzzz"], r"none of \d+ features has 'zzzz' .*; give other words, or fewer flags"),
        (["osler", "vpin"], r"no feature has all of the words \(\d with 'osler', \d with 'vpin'\)"),
        (["--unit", "tickss"], r"--unit tickss: none of \d+ features has it; did you mean ticks"),
        (["--window", "7 d"], r"--window 7 d: none of \d+ features has it; it is one of .*60 s"),
        (["--source", "Oslar"], "--source Oslar: .* did you mean Osler"),
        (["--source", "zzzz"], "--source zzzz: .* give a part of an author's name"),
        (["--level", "pm_hi"], "--level: 'pm_hi' is none of .*; did you mean pm_high?"),
        (["--level", "pm_high", "--family", "market"], "--level pm_high is of the family level"),
    ],
)
def test_what_leaves_nothing_is_told_with_what_is_near(words: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        main(words)
