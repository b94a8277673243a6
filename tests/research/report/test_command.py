"""The report as a command: what it writes, and how it says what it cannot show."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from src.data_eng.errors import UsageError
from src.data_eng.lake.paths import PART, Partition
from src.data_eng.research.report.__main__ import main
from tests.stages.silver.level_lake import LEVEL
from tests.stages.silver.market_lake import DATE


def test_another_touch_and_other_features_on_request(lake: Path, tmp_path: Path) -> None:
    base = ["--symbol", "ESM5", "--dt", str(DATE), "--lake-root", str(lake)]
    out = ["--output", str(tmp_path / "p.html")]
    assert main([*base, *out, "--touch", "2", "--features", "sma_90_slope_ticks_per_bar"]) == 0
    text = (tmp_path / "p.html").read_text()
    assert '"chosen":2' in text
    assert '"tracks":[{"name":"sma_90_slope_ticks_per_bar","unit":"ticks/bar"}]' in text


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--touch", "9999"], "--touch 9999"),
        (["--features", "nothing"], "--features nothing"),
        (["--features", "sma_90_slope_tick_per_bar"], "did you mean sma_90_slope_ticks_per_bar"),
        (["--features", "ts"], "--features ts"),
        (["--features", ","], "no feature is named"),
        (["--dt", "2025-06-04"], "no complete partition"),
        (["--dates", "2025-06-05", "--touch", "1"], "--touch belongs to one date"),
        (["--dates", "2025-06-05:2025-06-01", "--output", "pages"], "reversed"),
        (["--dates", "2025-06-05", "--output", "x.html"], "x.html: --dates writes a page a date"),
        (["--dt", "today"], "not a date"),
        (
            ["--symbol", "ES,NQ"],
            "neither a product root such as ES nor a contract such as ESU5; give one",
        ),
        (["--symbol", "NQ"], "it has ESM5; run the pipeline for NQ"),
    ],
)
def test_what_cannot_be_shown_is_one_line(
    lake: Path, tmp_path: Path, more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["--symbol", "ESM5", "--dt", str(DATE), "--lake-root", str(lake)]
    assert main([*base, "--output", str(tmp_path / "p.html"), *more]) in (1, 2)
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_missing_table_is_named_with_what_to_run(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "lake"
    shutil.copytree(lake, root)
    shutil.rmtree(root / Partition(LEVEL, "ESM5", DATE).folder)
    assert main(["--dt", str(DATE), "--lake-root", str(root)]) == 1
    assert "silver.future.level ESM5 2025-06-05: not published; run" in capsys.readouterr().err


def test_dates_are_needed() -> None:
    with pytest.raises(UsageError, match=r"^give --dt \(or --dates\); for example: .* --dt 2025"):
        main([])


def test_a_page_goes_into_a_folder_and_to_no_other(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["--dt", str(DATE), "--lake-root", str(lake)]
    assert main([*base, "--output", str(tmp_path)]) == 0
    page = tmp_path / f"ESM5-{DATE}.html"
    assert capsys.readouterr().out == f"{page}\n"
    assert list(tmp_path.iterdir()) == [page]
    missing = tmp_path / "no" / "page.html"
    assert main([*base, "--output", str(missing)]) == 2
    told = f"error: --output {missing}: {missing.parent} is no folder; make it first\n"
    assert capsys.readouterr().err == told


def test_whole_files_are_hashed_where_that_is_asked(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "lake"
    shutil.copytree(lake, root)
    part = root / Partition(LEVEL, "ESM5", DATE).folder / PART
    data = bytearray(part.read_bytes())
    data[10] ^= 1
    part.write_bytes(data)
    asked = ["--symbol", "ESM5", "--dt", str(DATE), "--lake-root", str(root)]
    assert main([*asked, "--output", str(tmp_path / "page.html"), "--verify", "file"]) == 1
    told = capsys.readouterr().err
    assert re.fullmatch(r"error: silver\.future\.level .*: SHA-256 of .*again\n", told)
