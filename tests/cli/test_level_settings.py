"""The windows of levels in the config file."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.data_eng.cli.run_flags import build_parser
from src.data_eng.cli.run_settings import resolve_settings
from src.data_eng.errors import UsageError
from src.data_eng.settings import Settings
from tests.cli_runs import Runner
from tests.dbn_files import DATE


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("opening_range_minutes = 20", ["opening_range_minutes 20", "5, 15, 30, 60"]),
        ("opening_range_minutes = '30'", ["opening_range_minutes must be a whole number"]),
        ("opening_range_minutes = true", ["opening_range_minutes must be a whole number"]),
        ("pre_market_start = '4:00'", ["'4:00'", "HH:MM"]),
        ("pre_market_start = '04:00:30'", ["HH:MM"]),
        ("pre_market_start = '24:00'", ["HH:MM"]),
        ("pre_market_start = '09:30'", ["pre_market_start 09:30", "not before 09:30"]),
        ("pre_market_start = 4", ["pre_market_start must be a text"]),
    ],
)
def test_a_bad_window_is_refused(
    run: Runner, tmp_path: Path, content: str, words: list[str]
) -> None:
    (tmp_path / "c.toml").write_text(content)
    done = run(layer="silver", config=str(tmp_path / "c.toml"))
    assert done.code == 2
    (line,) = done.errors
    assert line.startswith("error: ")
    assert all(word in line for word in words)
    assert done.partitions() == []


@pytest.mark.parametrize("minutes", [5, 15, 30, 60])
def test_windows_come_from_the_config_file(tmp_path: Path, minutes: int) -> None:
    path = tmp_path / "c.toml"
    path.write_text(f"opening_range_minutes = {minutes}\npre_market_start = '09:29'")
    flags = f"--product-type future --layer silver --symbol ES --dt {DATE} --config {path}"
    settings = resolve_settings(build_parser().parse_args(flags.split()))
    assert (settings.opening_range_minutes, settings.pre_market_start) == (minutes, "09:29")


def test_settings_of_a_program_are_checked_too() -> None:
    assert (Settings().opening_range_minutes, Settings().pre_market_start) == (30, "04:00")
    with pytest.raises(UsageError, match="not before"):
        Settings(pre_market_start="23:59")
    for wrong in (0, -5, True, 1.0):
        with pytest.raises(UsageError, match=f"max_expansion {wrong}"):
            Settings(max_expansion=wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"lake_root .* not the name of a folder"):
        Settings(lake_root=Path("a\0b"))
    with pytest.raises(UsageError, match="opening_range_minutes 45"):
        Settings(opening_range_minutes=45)
