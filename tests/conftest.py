"""Fixtures that every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# Compiling a kernel in its first call is no slow test; the same commit runs the same examples.
settings.register_profile("data_eng", deadline=None, derandomize=True)
settings.load_profile("data_eng")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real vendor files, read in place; tests that need it are skipped without it."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no real data files: {SHARED_DATA} does not exist")
    return SHARED_DATA
