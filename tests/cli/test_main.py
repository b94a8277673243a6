"""``data-eng``: one command with subcommands, named as the user started it."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from src.data_eng.cli import main
from src.data_eng.cli.main import COMMANDS, EXAMPLES, Command, command
from src.data_eng.errors import UsageError
from src.data_eng.program import program
from src.data_eng.version import __version__

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "data_eng"


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "src.data_eng", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_tells_its_flags(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command([name, "--help"])()
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: python -m src.data_eng")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["--help"])() == 0
    out = capsys.readouterr().out
    lines = out.partition("commands:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in lines] == list(COMMANDS)
    assert "\nexamples:\n  python -m src.data_eng demo\n" in out


@pytest.mark.parametrize("argv", [[], ["help"], ["-h"]])
def test_without_arguments_it_helps(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command(argv)() == 0
    assert capsys.readouterr().out.startswith("usage: python -m src.data_eng COMMAND")


def test_help_of_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command(["help", "status"])()
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: python -m src.data_eng status")


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["--version"])() == 0
    assert capsys.readouterr().out == f"data-eng {__version__}\n"


def test_the_examples_of_the_help_are_read_by_their_commands() -> None:
    for name, flags in EXAMPLES:
        parser = import_module(COMMANDS[name].module, main.__package__).build_parser()
        parser.parse_args(flags.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_each_command_is_read_by_it(name: str) -> None:
    parser = import_module(COMMANDS[name].module, main.__package__).build_parser()
    assert parser.example is not None
    parser.parse_args(parser.example.removeprefix(parser.prog).split())


def test_without_a_command_it_runs(tmp_path: Path) -> None:
    flags = ["--product-type", "future", "--layer", "bronze", "--symbol", "ES"]
    flags += ["--dt", "2025-06-05", "--lake-root", str(tmp_path)]
    done, named = start(*flags), start("run", *flags)
    assert done.returncode == named.returncode == 1
    assert done.stderr == named.stderr
    assert "no raw file for 2025-06-05" in done.stderr


def test_an_unknown_command_is_one_line() -> None:
    done = start("statsu")
    assert done.returncode == 2
    assert done.stderr == "error: no command statsu; did you mean status?\n"
    with pytest.raises(UsageError, match=f"^no command quux; use one of {', '.join(COMMANDS)}$"):
        command(["quux"])


def test_status_and_plans_load_no_compiled_code(tmp_path: Path) -> None:
    code = (
        "import sys; from src.data_eng.cli.main import command; "
        f"command(['status', '--lake-root', {str(tmp_path)!r}])(); "
        "print([name for name in ('numba', 'polars', 'duckdb') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    monkeypatch.delitem(sys.modules, "src.data_eng.research.polars_source", raising=False)
    monkeypatch.setitem(COMMANDS, "check", Command("..research.polars_source", "needs Polars"))
    with pytest.raises(UsageError, match=r"check needs polars.*data-eng\[research\]"):
        command(["check"])


@pytest.mark.parametrize(
    ("started", "named"),
    [
        ("/usr/bin/data-eng", "data-eng report"),
        ("data-eng.exe", "data-eng report"),
        (str(PACKAGE / "__main__.py"), "python -m src.data_eng report"),
        (str(PACKAGE / "report.py"), "python -m src.data_eng.report"),
        ("/elsewhere/report.py", "python -m src.data_eng report"),
        ("pytest", "python -m src.data_eng report"),
    ],
)
def test_a_command_is_named_as_it_was_started(started: str, named: str) -> None:
    assert program("report", started) == named


def test_what_has_no_module_of_its_own_is_named_as_a_subcommand() -> None:
    assert program("status", str(PACKAGE / "runner.py")) == "python -m src.data_eng status"
