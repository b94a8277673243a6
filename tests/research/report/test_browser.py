"""The page in a browser: cold, without network, by pointer, by keyboard, by ear, on a phone."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from src.data_eng.research import report as report_module
from src.data_eng.research.report.day import ReportDay
from src.data_eng.research.report.index import index_page, summary
from src.data_eng.research.report.page import Neighbours, report_page
from src.data_eng.research.web.document import asset
from tests.browsing import opened, serious
from tests.research.report.days import NS, with_silence, without_touches

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MAX_BYTES = 2_000_000
CHARTS = ("day-chart", "book-chart", "track-chart")
INK = """id => {
  const canvas = document.querySelector(`#${id} canvas`), {width, height} = canvas;
  // Of a copy: a browser complains of a canvas that is read and was not made to be.
  const copy = new OffscreenCanvas(width, height).getContext("2d", {willReadFrequently: true});
  copy.drawImage(canvas, 0, 0);
  const data = copy.getImageData(0, 0, width, height).data;
  let drawn = 0;
  for (let i = 3; i < data.length; i += 4) drawn += data[i] > 0;
  return drawn / (width * height);
}"""


def drawn(tab: Page, name: str, columns: str = "width") -> float:
    """Return the share of a chart's pixels that something is drawn on, of its first columns."""
    tab.wait_for_timeout(50)
    share: float = tab.evaluate(INK.replace("0, 0, width", f"0, 0, {columns}"), name)
    return share


IMPATIENT = """
  const ask = () => {
    const chart = document.getElementById("day-chart");
    const box = chart?.getBoundingClientRect();
    if (box?.width) chart.dispatchEvent(new PointerEvent("pointermove",
      {clientX: box.left + box.width / 2, clientY: box.top + 100, bubbles: true}));
    const tip = chart?.querySelector(".tip");
    if (tip && !tip.hidden && tip.textContent) window.answered = performance.now();
    else requestAnimationFrame(ask);
  };
  requestAnimationFrame(ask);
"""
"""Points at the chart from the first frame on, until it answers."""


def test_the_first_view_is_small_and_answers_within_a_second(browser: Browser, page: Path) -> None:
    assert page.stat().st_size < MAX_BYTES
    answers = []
    for _ in range(3):  # what else the machine does can only lengthen it
        context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
        tab = context.new_page()
        tab.add_init_script(IMPATIENT)
        tab.goto(page.as_uri())
        tab.wait_for_function("window.answered")
        answers.append(tab.evaluate("window.answered"))
        context.close()
    assert min(answers) < 1000


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1024, "dark"), (390, "dark")])
def test_charts_are_drawn_and_nothing_is_wider_than_the_screen(
    browser: Browser, page: Path, width: int, scheme: Any
) -> None:
    with opened(browser, page, width, color_scheme=scheme) as tab:
        for name in CHARTS:
            assert drawn(tab, name) > 0.02, name
        markers = [box for one in tab.locator("[data-marker]").all() if (box := one.bounding_box())]
        apart = [
            max(abs(a["x"] - b["x"]), abs(a["y"] - b["y"])) for a, b in combinations(markers, 2)
        ]
        assert len(markers) > 3
        assert min(apart) >= 18  # none hides the number of another
        if width != 1024:
            assert serious(tab) == []


def test_a_marker_shows_its_touch_and_has_the_number_of_its_row(
    browser: Browser, page: Path
) -> None:
    with opened(browser, page) as tab:
        rows = tab.locator("tbody button[data-touch]")
        numbers = rows.all_inner_texts()
        markers = tab.locator("[data-marker]:visible")
        assert sorted(markers.all_inner_texts(), key=int) == numbers
        last = numbers[-1]
        tab.click(f"[data-marker='{last}']")
        row = tab.locator(f"tr[data-touch='{last}']")
        assert row.get_attribute("aria-current") == "true"
        assert tab.inner_text("#chosen").startswith(f"Touch {last}: ")
        cells = row.locator("td").all_inner_texts()
        verdict = tab.inner_text("#verdict")
        assert f"touched at {cells[1]}" in verdict
        assert verdict.startswith(f"From {cells[4].split()[1]}")
        assert cells[5] in tab.inner_text("#panel")
        label = tab.get_attribute(f"[data-marker='{last}']", "aria-label")
        assert label == row.locator("button").get_attribute("aria-label")
        assert tab.url.endswith(f"#touch-{last}")
        tab.click(f".card [data-touch='{numbers[0]}']")
        assert tab.inner_text("#chosen").startswith(f"Touch {numbers[0]}: ")


def test_rows_are_buttons_for_the_keyboard(browser: Browser, page: Path) -> None:
    with opened(browser, page) as tab:
        rows = tab.locator("tbody button[data-touch]")
        rows.first.focus()
        tab.keyboard.press("ArrowDown")
        tab.keyboard.press("Enter")
        assert rows.nth(1).get_attribute("aria-pressed") == "true"
        assert tab.inner_text("#chosen").startswith("Touch 2: ")
        tab.focus("#day-chart")
        tab.keyboard.press("ArrowRight")
        assert tab.inner_text("#chosen").startswith("Touch 3: ")
        tab.keyboard.press("ArrowLeft")
        assert tab.inner_text("#chosen").startswith("Touch 2: ")
        tab.click("#next-touch")
        assert tab.inner_text("#chosen").startswith("Touch 3: ")


def test_the_charts_share_the_pointers_time(browser: Browser, page: Path) -> None:
    with opened(browser, page) as tab:
        tab.locator("#book-chart").scroll_into_view_if_needed()
        tab.hover("#book-chart", position={"x": 300, "y": 150})
        tab.wait_for_selector("#book-chart .tip:visible")
        clock = tab.inner_text("#book-chart .tip").splitlines()[0]
        assert tab.inner_text("#readout").startswith(clock)
        crossed = tab.evaluate(INK.replace("canvas`", ".cross`"), "track-chart")
        assert crossed > 0
        tab.click("[data-zoom='900']")
        assert tab.get_attribute("[data-zoom='900']", "aria-pressed") == "true"


def test_levels_can_be_hidden_with_their_touches(browser: Browser, page: Path) -> None:
    with opened(browser, page) as tab:
        count = tab.locator("[data-marker]:visible").count()
        for button in tab.locator("#legend button").all():
            button.click()
        tab.wait_for_timeout(100)
        assert tab.locator("[data-marker]:visible").count() == 0
        tab.locator("#legend button").first.click()
        tab.wait_for_timeout(100)
        assert tab.locator("[data-marker]:visible").count() < count


def test_an_axis_has_the_decimals_of_its_steps(browser: Browser) -> None:
    # A page keeps its functions from others, so the source.
    source = asset(Path(report_module.__file__).parent / "assets" / "data.js")
    begin = source.index("function dollarsByStep")
    code = source[begin : source.index("\n}\n", begin) + 2]
    steps = [(111.5, 0.1), (111.125, 0.125), (111.171875, 0.015625), (5640, 5)]
    tab = browser.new_page()
    told = tab.evaluate(
        f"steps => {{ const day = {{decimals: 6}}; {code};"
        "return steps.map(([price, step]) => dollarsByStep(price, step)); }",
        steps,
    )
    assert told == ["111.50", "111.125", "111.171875", "5,640.00"]
    tab.close()


def test_the_theme_is_the_systems_or_the_chosen_one(browser: Browser, page: Path) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    with opened(browser, page, color_scheme="dark") as tab:
        assert tab.evaluate(paper) == "rgb(17, 22, 28)"
        tab.click("#theme")
        assert tab.inner_text("#theme") == "Theme: dark"
        tab.click("#theme")
        assert tab.inner_text("#theme") == "Theme: light"
        assert tab.evaluate(paper) == "rgb(255, 255, 255)"
        tab.reload()
        tab.wait_for_selector("html[data-ready]")
        assert tab.inner_text("#theme") == "Theme: light"


def test_a_day_without_touches_and_a_partial_one_are_shown(
    browser: Browser, day: ReportDay, tmp_path: Path
) -> None:
    bare = with_silence(without_touches(day), day.window_ns[0] + 600 * NS, 1800)
    path = tmp_path / "bare.html"
    beside = Neighbours(("before.html", "2025-06-04"), ("after.html", "2025-06-06"), "index.html")
    path.write_text(report_page(bare, neighbours=beside), encoding="utf-8")
    with opened(browser, path) as tab:
        links = [one.bounding_box() for one in tab.locator("nav a").all()]
        gaps = [b["x"] - a["x"] - a["width"] for a, b in pairwise(links) if a and b]
        assert min(gaps) >= 8
        assert len(gaps) == 2
        assert "09:40:00 to 10:10:00 no records" in tab.inner_text("main")
        assert tab.locator("[data-marker]").count() == 0
        assert drawn(tab, "day-chart") > 0.02
        box = tab.locator("#day-chart").bounding_box()
        assert box is not None
        tab.hover("#day-chart", position={"x": 0.38 * box["width"], "y": 100})
        tab.wait_for_selector("#day-chart .tip:visible")
        assert serious(tab) == []
        tab.click("[data-zoom='60']")  # within the silence
        assert drawn(tab, "book-chart") > 0.1
        for name in ("book-chart", "track-chart"):
            # The silence goes on to the left of what is shown, not over the axis.
            assert drawn(tab, name, "4") == 0


def test_the_index_is_sound_on_a_phone(browser: Browser, day: ReportDay, tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    path.write_text(index_page("ES", [summary(day, "x.html")], [], {}), encoding="utf-8")
    with opened(browser, path, 390, color_scheme="dark") as tab:
        assert serious(tab) == []
        # What became of the first levels is seen without scrolling.
        box = tab.locator("tbody td:visible").nth(1).bounding_box()
        assert box is not None
        assert box["x"] + box["width"] < 300
