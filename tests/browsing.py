"""A browser, where there is one, and a page opened from its file, as a user opens it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def launched() -> Iterator[Browser]:
    """Yield a browser; where there is none, the tests that want it are skipped."""
    if CHROMIUM is None:
        pytest.skip("no browser: chromium is not installed")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a second, for a few tests

    with sync_playwright() as started:
        found = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@contextmanager
def opened(browser: Browser, page: Path, width: int = 1440, **more: Any) -> Iterator[Page]:
    """Open a page; nothing else may be asked for, nothing may go wrong, nothing be too wide."""
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **more)
    tab = context.new_page()
    faults: list[str] = []
    requests: list[str] = []
    tab.on("console", lambda m: faults.append(m.text) if m.type in ("error", "warning") else None)
    tab.on("pageerror", lambda e: faults.append(str(e)))
    tab.on("request", lambda r: requests.append(r.url))
    tab.goto(page.as_uri())
    if tab.locator(".chart").count():
        tab.wait_for_selector("html[data-ready]")
    yield tab
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert not faults, faults
    assert set(requests) == {page.as_uri()}
    context.close()


def serious(tab: Page) -> list[str]:
    """Return what axe finds serious."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - as above

    found = Axe().run(tab).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
