"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import one_thread  # noqa: F401 - before NumPy
from tests.browsing import launched
from tests.s3_hosts import Hosts, make_hosts
from tests.s3_server import S3Server, serve
from tests.skips import Skips

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Compiling a kernel in its first call is no slow test; the same commit runs the same examples.
settings.register_profile("data_eng", deadline=None, derandomize=True)
settings.load_profile("data_eng")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that take minutes where ``-m`` does not name them."""
    if "long" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def pytest_configure(config: pytest.Config) -> None:
    """Let the process that reports tell what was skipped, and judge the reasons."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Skips())


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real vendor files, read in place; tests that need it are skipped without it."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no real data files: {SHARED_DATA} does not exist")
    return SHARED_DATA


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """An S3 server on loopback."""
    yield from serve()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser that looks at pages: a process can have one at a time."""
    yield from launched()


@pytest.fixture
def hosts(s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hosts:
    """Hosts that share a lake in an empty bucket of it."""
    return make_hosts(s3_server, tmp_path, monkeypatch)
