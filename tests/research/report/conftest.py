"""The lake and the page that the tests of the report share, made once a process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from src.data_eng.research.report.__main__ import main
from src.data_eng.research.report.day import ReportDay, load_day
from tests.research.research_lake import build_research_lake
from tests.stages.silver.market_lake import DATE

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("report")
    build_research_lake(root)
    return root


@pytest.fixture(scope="session")
def day(lake: Path) -> ReportDay:
    return load_day(lake, "ESM5", DATE)


@pytest.fixture(scope="session")
def page(lake: Path) -> Path:
    path = lake / "page.html"
    arguments = ["--symbol", "ESM5", "--dt", str(DATE), "--lake-root", str(lake)]
    assert main([*arguments, "--output", str(path)]) == 0
    return path


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no browser: chromium is not installed")
    with sync_playwright() as started:
        found = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()
