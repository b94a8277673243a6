"""The filter of the feature catalogue, in a browser over the tables of the page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.docs_pages import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CELL = re.compile(r"(?<!\\)\| ?((?:[^|\\]|\\.)*?) ?(?=\|)")


def as_html(markdown: str) -> str:
    """Return headings and tables of the page as the site has them; the rest is not needed."""
    parts, rows = [], list[str]()
    for line in [*markdown.splitlines(), ""]:
        if line.startswith("|"):
            rows.append(line)
            continue
        if rows:
            head, _, *body = ([cell(text) for text in CELL.findall(row)] for row in rows)
            parts.append(f"<table><thead>{tr('th', head)}</thead><tbody>")
            parts += [tr("td", row) for row in body]
            parts.append("</tbody></table>")
            rows = []
        if match := re.fullmatch(r"(#+) (.*)", line):
            depth = len(match[1])
            parts.append(f"<h{depth}>{html.escape(match[2])}</h{depth}>")
    return f"<article>{''.join(parts)}</article>"


def cell(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", re.sub(r"`([^`]*)`", r"<code>\1</code>", text))


def tr(tag: str, cells: list[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{text}</{tag}>" for text in cells) + "</tr>"


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Any]:
    found = browser.new_page()
    errors: list[str] = []
    found.on("pageerror", lambda error: errors.append(str(error)))
    found.set_content(as_html((ROOT / "docs" / "features.md").read_text()))
    found.add_style_tag(path=str(ROOT / "docs" / "assets" / "site.css"))
    found.add_script_tag(path=str(ROOT / "docs" / "assets" / "features.js"))
    yield found
    assert errors == []
    found.close()


@pytest.fixture(autouse=True)
def _cleared(page: Any) -> None:
    page.get_by_role("button", name="clear").click()
    page.evaluate("new Promise((done) => setTimeout(done))")  # as long as the page takes to clear


def shown(page: Any) -> list[str]:
    """Return the names of the features that can be seen."""
    for _ in range(100):  # what is counted follows what is shown, a moment later
        names = page.locator('td[data-of="feature"]:visible').all_text_contents()
        if page.get_by_role("status").text_content().startswith(f"{len(names)} of "):
            break
        page.wait_for_timeout(50)
    else:
        raise AssertionError("the number told is not that of the features shown")
    return list(names)


def test_without_a_choice_all_are_there(page: Any) -> None:
    text = (ROOT / "docs" / "features.md").read_text()
    rows = re.findall(r"^\| `([\w{}]+)` \| double", text, re.MULTILINE)
    assert shown(page) == rows
    assert len(rows) > 100


def test_words_are_looked_for_in_every_text(page: Any) -> None:
    page.get_by_label("Search", exact=True).fill("huang STOLL spread")
    names = shown(page)
    assert "quoted_spread_ticks" in names
    assert len(names) < 10
    page.get_by_label("Search", exact=True).fill("nothing has this")
    assert shown(page) == []


def test_a_feature_of_a_level_is_found_by_its_full_name(page: Any) -> None:
    page.get_by_label("Search", exact=True).fill("pm_high_distance_ticks")
    assert shown(page) == ["{level}_distance_ticks"]


def test_a_level_shows_its_own_names_and_leaves_out_what_it_has_not(page: Any) -> None:
    page.get_by_label("Level", exact=True).select_option("sma_90")
    names = shown(page)
    assert "sma_90_distance_ticks" in names
    assert "sma_90_pre_market_touch_count" not in names
    assert all(name.startswith("sma_90_") for name in names)
    page.get_by_label("Level", exact=True).select_option("pm_high")
    assert "pm_high_pre_market_touch_count" in shown(page)
    page.get_by_label("Level", exact=True).select_option("")
    assert "{level}_distance_ticks" in shown(page)


@pytest.mark.parametrize(
    ("label", "value", "name"),
    [
        ("Family", "MARKET, options", "atm_implied_volatility_30_days"),
        ("Unit", "ticks", "quoted_spread_ticks"),
        ("Window", "60 s", "time_weighted_quoted_spread_ticks_60s"),
        ("Source", "Huang & Stoll 1996", "quoted_spread_ticks"),
    ],
)
def test_a_choice_leaves_those_that_have_it(page: Any, label: str, value: str, name: str) -> None:
    everything = len(shown(page))
    page.get_by_label(label, exact=True).select_option(value)
    names = shown(page)
    assert name in names
    assert 0 < len(names) < everything


def test_it_is_worked_by_keyboard_alone(page: Any) -> None:
    page.get_by_label("Search", exact=True).focus()
    page.keyboard.type("vpin")
    assert len(shown(page)) >= 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SELECT"
    page.keyboard.press("Enter")  # sends no form
    assert page.url == "about:blank"
