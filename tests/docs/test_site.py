"""The site in a browser: nothing serious that axe finds, nothing too wide, in both themes.

It wants the group ``docs``: ``uv run --group docs pytest -n 0 -m long tests/docs/test_site.py``.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from tests.browsing import serious
from tests.docs_pages import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = ("index", "getting-started", "concepts", "how-to", "operations", "api", "features")

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if importlib.util.find_spec("mkdocs") is None:
        pytest.skip("no mkdocs: run with --group docs")
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        check=True,
        timeout=250,
    )
    return folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_serious(
    site: Path, browser: Browser, name: str, scheme: Literal["light", "dark"]
) -> None:
    for width in (390, 1440):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
        )
        tab = context.new_page()
        tab.goto((site / f"{name}.html").as_uri())
        tab.wait_for_function("document.querySelector('.md-search').ariaLabel")
        assert tab.locator("body").get_attribute("data-md-color-scheme") == (
            "default" if scheme == "light" else "slate"
        )
        assert serious(tab) == [], width
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        context.close()
