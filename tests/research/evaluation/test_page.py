"""The page of the evaluation: the figures of the text, drawn where they belong."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.data_eng.research.evaluation.charts import Axis, Interval, calibration_svg, symmetric
from src.data_eng.research.evaluation.found import Evaluation
from src.data_eng.research.evaluation.labels import PRIMARY
from src.data_eng.research.evaluation.page import evaluation_page
from src.data_eng.research.evaluation.sums import ALL
from src.data_eng.research.evaluation.touches import DISPLACED, DRAWN
from tests.browsing import opened, serious
from tests.research.evaluation.made_up import made_up_evaluation

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAN = float("nan")


@pytest.fixture(scope="module")
def found() -> Evaluation:
    return made_up_evaluation()


def test_each_level_stands_beside_its_placebos_with_what_would_be_found(found: Evaluation) -> None:
    text = evaluation_page(found, "ES", "2025-04-14:2025-05-16")
    assert "<b>30 sessions, 720 touches with a label.</b>" in text
    for name in (DRAWN, DISPLACED):
        rates, power = found.rates[name], found.labels[name].detectable(joint=False)
        start = text.index(f"<h2>{name.capitalize()} placebos</h2>")
        part = text[start : text.index("</section>", start)]
        for n in range(6):
            low, high = rates.interval[n, ALL, 0]
            assert f"{rates.rate[n, ALL, 0]:.3f} [{low:.3f}, {high:.3f}]</td>" in part
            assert f'<td class="number">{rates.placebo[n, ALL, 0]:.3f}</td>' in part
            low, high = rates.difference_interval[n, ALL]
            assert f"{rates.difference[n, ALL]:+.3f} [{low:+.3f}, {high:+.3f}]</td>" in part
            assert f'<td class="number">{power[n, PRIMARY]:.3f}</td>' in part
    assert "Bounces beyond chance, beside its placebos, all levels looked at together: " in text
    told = [
        f" more often, {rates.difference[n, ALL]:+.3f} [{low:+.3f}, {high:+.3f}]"
        for rates in found.rates.values()
        for n, (low, high) in enumerate(rates.joint_difference_interval)
        if low > 0
    ]
    assert told
    assert all(one in text[: text.index("</ul>")] for one in told)
    assert "better</td>" in text
    assert "0.31 foretold, 0.37 happened" in text


def test_texts_are_escaped(found: Evaluation) -> None:
    text = evaluation_page(found, "<b>", "<i>")
    assert "<excursion>" not in text
    assert "&lt;excursion&gt;" in text
    assert "<b></h1>" not in text
    assert "<i>" not in text.replace('<i class="swatch">', "")


def test_few_sessions_give_no_conclusion(found: Evaluation) -> None:
    few = replace(
        found,
        sessions=3,
        uniform=("pm_high",),
        scores=[],
        leaks=[],
        why_not="7 touches; <100> are needed",
    )
    text = evaluation_page(few, "ES", None)
    assert text.count("No conclusion: 20 sessions are needed, there are 3.") == 2
    assert "No conclusion: 7 touches; &lt;100&gt; are needed." in text
    assert "Not checked." in text
    assert "<p>Too few sessions to draw distances from: uniform on 0 to 3 average" in text
    assert "all dates" in text
    day = dt.date(2025, 4, 14)
    of_days = evaluation_page(replace(few, span=(day, day.replace(day=16))), "ES", None)
    assert "<h1>ES <small>2025-04-14 to 2025-04-16</small></h1>" in of_days


def test_a_value_stands_where_the_axis_says() -> None:
    axis = Axis(0.0, 1.0)
    assert axis.x(0.5) == 110
    assert axis.x(-3) == axis.x(0) < axis.x(1) == axis.x(7)
    drawn = Interval(0.25, (0.2, 0.3), "<w>", beside=0.75).svg(axis)
    assert f'cx="{axis.x(0.25):.1f}"' in drawn
    assert f'class="line" x1="{axis.x(0.2):.1f}" x2="{axis.x(0.3):.1f}"' in drawn
    assert f'd="M{axis.x(0.75):.1f} ' in drawn
    assert 'aria-label="&lt;w&gt;"' in drawn
    assert "band" not in drawn


def test_what_is_not_known_is_not_drawn() -> None:
    drawn = Interval(NAN, (NAN, NAN), "none").svg(Axis(-1.0, 1.0))
    assert not re.search("circle|path|nan", drawn)
    assert symmetric([NAN, -0.23, 0.11]) == Axis(-0.3, 0.3)
    assert symmetric([NAN]) == Axis(-0.1, 0.1)


def test_a_perfect_forecast_lies_on_the_diagonal() -> None:
    p = np.array([0.0, 0.5, 1.0])
    drawn = calibration_svg(p, p, "perfect")
    dots = re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', drawn)
    x, y = np.array(dots, float).T
    assert np.allclose(x - x[0], y[0] - y, atol=0.11)


def test_every_axis_reaches_what_is_drawn_on_it() -> None:
    # One session has no intervals, and rates far apart.
    text = evaluation_page(made_up_evaluation(sessions=1, bounce=0.9), "ES", None)
    tables = [table for table in text.split("<table>")[1:] if ">+0.00</text>" in table]
    assert len(tables) == 3
    for table in tables:
        axis = max(float(words) for words in re.findall(r">([+][\d.]+)</text>", table))
        shown = re.findall(r">([+-][\d.]+) \[-, -\]</td>", table)
        assert max(abs(float(words)) for words in shown) > 0.1
        assert max(abs(float(words)) for words in shown) <= axis


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_the_page_is_sound_in_a_browser(
    found: Evaluation, browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    path = tmp_path / "evaluation.html"
    path.write_text(evaluation_page(found, "ES", None), encoding="utf-8")
    assert path.stat().st_size < 200_000
    with opened(browser, path, width, color_scheme=scheme) as tab:
        assert tab.locator("svg .dot").count() > 30
        assert serious(tab) == []
