from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from src.data_eng.catalogue.datasets import Dataset
from src.data_eng.catalogue.finding import Severity
from src.data_eng.catalogue.properties import property_findings
from tests.research.checks.pools import dataset_of

MARKET = "silver.future.market"
Said = str | float


def saying(folder: Path, key: str, name: str, **said: Said) -> Dataset:
    """A table of one feature that says something of itself."""
    return table_of(folder, key, {name: said})


def table_of(folder: Path, key: str, features: Mapping[str, Mapping[str, Said]]) -> Dataset:
    """A table of features that say something of themselves."""
    found = dataset_of(folder, key, list(features))
    assert found.contract_path is not None
    file = Path(found.contract_path)
    schema = json.loads(file.read_text())
    for field in schema["fields"]:
        field.update(features.get(field["name"], {}))
    file.write_text(json.dumps(schema))
    return found


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("quoted_spread_ticks", {"unit": "ticks"}),
        ("slope_ticks_per_bar", {"unit": "ticks/bar"}),
        ("realized_volatility_bps_300s", {"unit": "bps per window", "window": "300 s"}),
        ("share_within_2_ticks_rth", {"unit": "dimensionless"}),
        ("zero_gamma_distance_pct", {"unit": "%"}),
        ("touch_seconds", {"unit": "s", "window": "since 09:30"}),
        ("volume_60s", {"window": "60 s, 20 sessions"}),
        ("spread_5s_ticks_60s", {"unit": "ticks", "window": "60 s that end 5 s before ts"}),
        ("volume_60s", {}),
    ],
)
def test_what_agrees_is_no_finding(tmp_path: Path, name: str, said: dict[str, str]) -> None:
    assert property_findings([saying(tmp_path, "silver.future.market", name, **said)]) == []


@pytest.mark.parametrize(
    ("name", "said", "text"),
    [
        ("quoted_spread_ticks", {"unit": "points"}, "names ticks, but its unit is 'points'"),
        ("return_bps_60s", {"unit": "%", "window": "60 s"}, "names bps, but its unit is '%'"),
        ("distance_pct", {"unit": "bps"}, "names pct"),
        ("volume_60s", {"window": "300 s"}, "names 60 s, but its window is '300 s'"),
        ("volume_60s", {"window": "160 s"}, "names 60 s, but its window is '160 s'"),
    ],
)
def test_a_name_that_says_another_thing_fails(
    tmp_path: Path, name: str, said: dict[str, str], text: str
) -> None:
    (found,) = property_findings([saying(tmp_path, "silver.future.market", name, **said)])
    assert (found.severity, found.columns) == (Severity.FAIL, (name,))
    assert text in found.text


@pytest.mark.parametrize(
    ("said", "is_other"),
    [
        ({"unit": "ticks", "mirror": "odd"}, False),
        ({"unit": "ticks", "mirror": "even"}, True),
        ({"unit": "ticks/bar", "mirror": "odd"}, True),
        ({"unit": "ticks", "mirror": "odd", "window": "as of ts"}, True),
    ],
)
def test_a_feature_is_the_same_measure_for_every_level(
    tmp_path: Path, said: dict[str, str], is_other: bool
) -> None:
    high, low = (
        saying(tmp_path, f"silver.future.level_{level}", f"{level}_distance_ticks", **words)
        for level, words in (("pm_high", {"unit": "ticks", "mirror": "odd"}), ("pm_low", said))
    )
    found = property_findings([high, low])
    assert [one.columns for one in found] == [("pm_low_distance_ticks",)] * is_other


@pytest.mark.parametrize(
    "said",
    [
        {"mirror": "odd"},
        {"mirror": "odd", "minimum": -1, "maximum": 1},
        {"mirror": "even", "minimum": 0, "maximum": 5},
        {"mirror": "one_minus", "minimum": 0, "maximum": 1},
        {"mirror": "one_minus", "minimum": -1e-6, "maximum": 1 + 1e-6},
        {"mirror": "reciprocal"},
        {"mirror": "reciprocal", "minimum": 0},
        {"mirror": "reciprocal", "minimum": 0.25, "maximum": 4},
    ],
)
def test_a_range_that_the_mirror_image_keeps_is_no_finding(
    tmp_path: Path, said: dict[str, Said]
) -> None:
    assert property_findings([saying(tmp_path, MARKET, "ratio", **said)]) == []


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"mirror": "odd", "minimum": 0}, r"mirror odd: the mirrored range is \[None, 0\]"),
        ({"mirror": "odd", "minimum": 0, "maximum": 1}, r"range is \[-1, 0\], its own \[0, 1\]"),
        ({"mirror": "one_minus", "minimum": -1, "maximum": 1}, r"range is \[0, 2\]"),
        ({"mirror": "one_minus", "minimum": 0}, r"range is \[None, 1\]"),
        ({"mirror": "reciprocal", "minimum": -1}, "its minimum is -1, not >= 0"),
        ({"mirror": "reciprocal", "maximum": 1}, "its minimum is None, not >= 0"),
        ({"mirror": "reciprocal", "minimum": 0, "maximum": 1}, r"range is \[1.0, None\]"),
    ],
)
def test_a_range_that_the_mirror_image_leaves_fails(
    tmp_path: Path, said: dict[str, Said], text: str
) -> None:
    (found,) = property_findings([saying(tmp_path, MARKET, "ratio", **said)])
    assert (found.severity, found.columns) == (Severity.FAIL, ("ratio",))
    assert re.search(text, found.text)


@pytest.mark.parametrize(
    ("kind", "other", "faults"),
    [
        ("swap", {"unit": "%", "minimum": 0}, 0),
        ("swap", {"unit": "%", "maximum": 0}, 2),
        ("minus_swap", {"unit": "%", "maximum": 0}, 0),
        ("minus_swap", {"unit": "%", "minimum": 0}, 2),
        ("swap", {"unit": "bps", "minimum": 0}, 2),
    ],
)
def test_columns_that_change_places_have_one_unit_and_one_range(
    tmp_path: Path, kind: str, other: dict[str, Said], faults: int
) -> None:
    features: dict[str, dict[str, Said]] = {
        "call": {"mirror": f"{kind}:put", "unit": "%", "minimum": 0},
        "put": {"mirror": f"{kind}:call", **other},
    }
    found = property_findings([table_of(tmp_path, MARKET, features)])
    assert [one.columns for one in found] == [("call",), ("put",)][:faults]
