from __future__ import annotations

import json
from pathlib import Path

import pytest

from src.data_eng.catalogue.datasets import Dataset
from src.data_eng.catalogue.finding import Severity
from src.data_eng.catalogue.properties import property_findings
from tests.research.checks.pools import dataset_of


def saying(folder: Path, key: str, name: str, **said: str) -> Dataset:
    """A table of one feature that says something of itself."""
    found = dataset_of(folder, key, [name])
    assert found.contract_path is not None
    file = Path(found.contract_path)
    schema = json.loads(file.read_text())
    schema["fields"][-1] |= said
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
