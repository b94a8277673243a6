"""Backfills under kills, in a short form; and that a lake which is not as it should be is told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .backfills import judged
from .backfills.places import FolderPlace, sha256

pytestmark = pytest.mark.faults

ROOT = Path(__file__).parents[2]
TABLES = "market_by_price_10,market_by_price_10_clean,market_by_price_10_first3h"
SHORT = ["--days", "1", "--tables", TABLES, "--minutes", "0.05", "--gap", "1"]
LONGER = ["--days", "2", "--minutes", "0.5", "--gap", "6"]


def kill_backfills(*flags: str) -> str:
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.backfills", *flags],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_backfill_under_kills_ends_with_the_same_bytes() -> None:
    out = kill_backfills(*SHORT)
    assert "1 days, 9 files, local, folder" in out
    assert ", 0 broken," in out
    assert "1 of 0" in out


@pytest.mark.long
@pytest.mark.parametrize("lake", ["folder", "s3"])
@pytest.mark.parametrize("executor", ["local", "dask", "cluster"])
def test_longer_backfills(executor: str, lake: str) -> None:
    out = kill_backfills("--executor", executor, "--lake", lake, *LONGER)
    assert "BROKEN" not in out


def test_what_is_wrong_with_a_lake_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = FolderPlace(tmp_path / "lake", tmp_path)
    for name in ("gold/other", "gold/left", "gold/.tmp-1/part", ".dask-1"):
        path = place.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    stale = {"dataset": "gold.x", "dt": "2025-06-05", "state": "stale", "reason": "old"}
    said = {
        "clean": (0, "", ""),
        "verify": (1, "", "damaged: gold/other"),
        "status": (0, json.dumps({"partitions": [stale]}), ""),
    }
    monkeypatch.setattr(judged, "_command", lambda _place, *words: said[words[0]])
    whole = {"gold/other": sha256(b"as it was"), "gold/missing": sha256(b"")}
    assert list(judged.broken(place, whole)) == [
        "gold/.tmp-1/part: left",
        "gold/left: left",
        "gold/missing: missing",
        "gold/other: other bytes",
        ".dask-1: left",
        "gold/.tmp-1: left",
        "verify: 1: damaged: gold/other",
        "status: 1 partitions, and 2 files",
        "status: gold.x 2025-06-05: stale: old",
    ]
