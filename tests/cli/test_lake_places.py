"""Where a lake lies is nothing of what it holds: keys and bytes are the same anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli_runs import RAW, Runner
from tests.dbn_files import mbp10_records, write_mbp10


def contents(lake: Path) -> dict[str, bytes]:
    layers = [lake / layer for layer in ("bronze", "silver", "gold")]
    files = [path for layer in layers for path in layer.rglob("*") if path.is_file()]
    return {str(path.relative_to(lake)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    from src.data_eng.cli.run import main  # noqa: PLC0415

    lake = tmp_path_factory.mktemp("lake")
    write_mbp10(lake / RAW / "f.dbn.zst", mbp10_records(300))
    flags = ["--product-type", "future", "--layer", "all", "--symbol", "ES"]
    assert main([*flags, "--dt", "2025-06-05", "--lake-root", str(lake)]) == 0
    return contents(lake)


@pytest.mark.parametrize(
    "place",
    [
        "dt=2024-01-02/symbol=XX/env=prod/lake",
        "dt=2025-06-05/symbol=ESU5/table=market/lake",
        "with space/[red]/[!a]*?/lake",
        "\u00e9t\u00e9/%20/{symbol}/lake",
    ],
)
def test_below_folders_that_look_like_keys_or_patterns(
    run: Runner, tmp_path: Path, plain: dict[str, bytes], place: str
) -> None:
    lake = tmp_path / place
    write_mbp10(lake / RAW / "f.dbn.zst", mbp10_records(300))
    # The symbol of Silver is found by what the lake holds.
    for layer in ("bronze", "silver", "gold"):
        done = run(layer=layer, lake_root=str(lake))
        assert (done.code, done.errors) == (0, [])
    assert contents(lake) == plain
    again = run(layer="all", lake_root=str(lake))
    assert (again.code, again.errors) == (0, [])
    assert contents(lake) == plain
