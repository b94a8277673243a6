"""The browser that looks at pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browsing import launched


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    yield from launched()
