"""The small numbers of the features' distributions: read, told and drawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from src.data_eng.catalogue.command import main
from src.data_eng.catalogue.distributions import HEIGHT, Distribution, read_distributions
from src.data_eng.errors import ContractError

ITEM: dict[str, Any] = {"null_share": 0.1, "quantiles": [-0.5, 0, 1234.5], "columns": [0, HEIGHT]}


def written(folder: Path, item: object, table: str = "future.market", name: str = "a") -> Path:
    path = folder / "distributions.json"
    path.write_text(json.dumps({"sample_sessions": 1, "tables": {table: {name: item}}}))
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    found = read_distributions(written(tmp_path, ITEM))
    assert found == {"future.market": {"a": Distribution(0.1, -0.5, 0, 1234.5, (0, HEIGHT))}}


def test_without_a_file_there_is_nothing(tmp_path: Path) -> None:
    assert read_distributions(tmp_path / "distributions.json") == {}


@pytest.mark.parametrize(
    "change",
    [
        {"columns": [HEIGHT + 1]},
        {"columns": [-1]},
        {"columns": None},
        {"quantiles": [1, 2]},
        {"null_share": "x"},
    ],
)
def test_other_content_is_an_error_that_says_what_to_run(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    path = written(tmp_path, ITEM | change)
    with pytest.raises(ContractError, match=r"not what python -m docs\.scripts\.distributions"):
        read_distributions(path)


def test_what_is_no_json_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "distributions.json"
    path.write_text("{")
    with pytest.raises(ContractError, match="run it again"):
        read_distributions(path)


@pytest.mark.parametrize(
    ("distribution", "words"),
    [
        (Distribution(0, 1, 2, 3, (1,)), "2 (1 to 3)"),
        (Distribution(0.004, 1, 2, 3, (1,)), "2 (1 to 3)"),
        (Distribution(0.5, -0.12345, 0, 12345, (1,)), "0 (-0.123 to 12,345), 50% null"),
        (Distribution(0, 1e-7, 2e-7, 3e-7, (1,)), "2e-07 (1e-07 to 3e-07)"),
        (Distribution(1, None, None, None, ()), "no value"),
    ],
)
def test_words(distribution: Distribution, words: str) -> None:
    assert distribution.words() == words


def test_the_picture_is_a_column_a_count() -> None:
    assert 'viewBox="0 0 2 20"' in Distribution(0, 0, 1, 2, (0, 20)).picture()
    assert Distribution(1, None, None, None, ()).picture() == ""


def test_the_command_names_what_is_no_feature(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, ITEM, name="quoted_spread_yards")
    page = tmp_path / "features.md"
    assert main(["--page", str(page), "--check"]) == 1
    assert f"{path} has quoted_spread_yards of future.market" in capsys.readouterr().err
    path.write_text("{")
    assert main(["--page", str(page), "--check"]) == 1
    assert "run it again" in capsys.readouterr().err
