"""The lake and the page that the tests of the report share, made once a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.data_eng.research.report.__main__ import main
from src.data_eng.research.report.day import ReportDay, load_day
from tests.research.research_lake import research_lake
from tests.stages.silver.market_lake import DATE


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return research_lake(tmp_path_factory)


@pytest.fixture(scope="session")
def day(lake: Path) -> ReportDay:
    return load_day(lake, "ESM5", DATE)


@pytest.fixture(scope="session")
def page(lake: Path) -> Path:
    path = lake / "page.html"
    arguments = ["--symbol", "ESM5", "--dt", str(DATE), "--lake-root", str(lake)]
    assert main([*arguments, "--output", str(path)]) == 0
    return path
