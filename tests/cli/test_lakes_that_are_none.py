"""A lake root that is none: each command says so in one line, and leaves nothing behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from src.data_eng.cli.main import command
from src.data_eng.errors import DataEngError

RUN = "run --product-type future --layer all --symbol ES --dt 2025-05-06"
READERS = (
    "status",
    "verify",
    "gaps",
    "clean",
    "lineage silver.future.level ES 2025-05-06",
    "report --dt 2025-05-06",
    "report --dates 2025-05-05:2025-05-09",
    "evaluate",
    "check",
)
WRITERS = ("demo", "sample --dt 2025-05-06")


def told(capsys: pytest.CaptureFixture[str], text: str, lake: Path | str) -> tuple[int, str]:
    """Return exit code and error of a command on a lake."""
    try:
        code = command([*text.split(), "--lake-root", str(lake)])()
    except DataEngError as error:
        return error.exit_code, str(error)
    return code, capsys.readouterr().err.rstrip("\n")


@pytest.mark.parametrize("text", [*READERS, RUN, f"{RUN} --dry-run"])
def test_a_lake_that_is_not_there(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, error = told(capsys, text, tmp_path / "none")
    assert code == 2
    assert "no such folder; " in error
    assert "\n" not in error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", [*READERS, *WRITERS, RUN])
def test_a_file_is_no_lake(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("mine")
    code, error = told(capsys, text, tmp_path / "file")
    assert code == 2
    assert "not a folder; " in error or "a file; " in error
    assert "\n" not in error
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("text", [*READERS, *WRITERS, RUN])
@pytest.mark.parametrize("place", ["", " ", "~nobody-of-this-name/lake"])
def test_a_lake_of_an_unset_name_is_no_lake(
    text: str,
    place: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """``--lake-root "$LAKE"`` meant the folder that the shell stood in."""
    monkeypatch.chdir(tmp_path)
    code, error = told(capsys, text, place)
    assert code == 2
    assert re.match(r"(error: )?argument --lake-root: (empty|~nobody)", error)
    assert list(tmp_path.iterdir()) == []


def test_the_home_is_the_shells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--lake-root=~/lake``: bash leaves the tilde where it is."""
    (tmp_path / "lake").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert command(["verify", "--lake-root=~/lake"])() == 0
    assert "none as asked" in capsys.readouterr().out


@pytest.mark.parametrize("part", ["silver", "raw", "silver/product_type=future"])
def test_a_part_of_a_lake_is_told_with_the_lake(
    part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inner = "source=databento" if part == "raw" else "product_type=future/symbol=ES"
    (tmp_path / part.partition("/")[0] / inner).mkdir(parents=True)
    for text in ("verify", "status"):
        code, error = told(capsys, text, tmp_path / part)
        assert code == 2
        assert error.endswith(f"{part}: a folder within a lake; did you mean {tmp_path}?")


def test_a_lake_may_be_called_gold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "gold/silver/product_type=future").mkdir(parents=True)
    assert told(capsys, "verify", tmp_path / "gold") == (0, "")


def test_nothing_to_verify_is_not_called_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(["verify", "--lake-root", str(tmp_path), "--symbol", "NQ"])() == 0
    assert capsys.readouterr().out == "0 partitions, 0.0 MB verified: there is none as asked\n"


@pytest.mark.parametrize(
    ("symbol", "meant"), [("SE", "did you mean ES?"), ("QX", "known are ES, MES, ")]
)
def test_a_root_that_nobody_has(
    symbol: str, meant: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, error = told(capsys, RUN.replace(" ES ", f" {symbol} "), tmp_path)
    assert code == 2
    assert f"--symbol {symbol}: no product of that root is known, and {tmp_path} has no" in error
    assert meant in error
    assert list(tmp_path.iterdir()) == []
