"""What README and docs show is run: programs on a small lake, commands there or by their parser."""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.util
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest

from src.data_eng.arguments import Parser
from src.data_eng.cli.main import COMMANDS, command
from tests.docs_pages import ROOT, Snippet, commands, module_of, snippets

pytestmark = pytest.mark.timeout(900)  # the first test builds the lake, and may compile

DAY = "--symbol ES --dt 2025-05-06"
EXECUTED = {
    "--help",
    "status",
    "verify",
    f"report {DAY}",
    f"run --product-type all --layer all {DAY}",
    f"run --product-type all --layer all {DAY} --dry-run",
    f"run --product-type future --layer all {DAY}",
    f"run --product-type future --layer bronze {DAY}",
    "run --product-type future --layer silver --symbol ESM5 --dt 2025-05-06",
    "run --product-type future --layer gold --symbol ESM5 --dt 2025-05-06",
    f"run --product-type future_option --layer all {DAY}",
}
"""Subcommands that are cheap on the small lake; the others go as far as their parser."""

OTHER_PROGRAMS = {
    "python3.11 -m pip install uv": "changes the environment; CI begins with it",
    "python3 -m venv .uv": "makes an environment",
    ".uv/bin/pip install uv": "fetches a package",
    "pip install '.[s3]'": "fetches packages",
    "export AWS_ACCESS_KEY_ID=": "sets what the next ones take",
    "aws s3 cp": "the store's own program",
    "aws s3 sync": "the store's own program",
    "aws s3api put-bucket-lifecycle-configuration": "the store's own program",
    "uv run --group docs pytest": "this is it",
    "eval '$(data-eng completion bash)'": "tests/cli/test_completion.py presses the tab key",
    "uv sync": "changes the environment",
    "uv run pytest": "this is it",
    "python3.11 -m uv run pytest": "this is it",
    "uv run ruff": "CI runs it",
    "uv run mypy": "CI runs it",
    "uv run lint-imports": "CI runs it",
    "uv run --group docs mkdocs serve": "serves until it is stopped; CI builds the site",
    "uv run marimo edit docs/tutorial.py": "opens a browser; test_tutorial.py runs it",
    ".ci/run": "it runs this",
    "diff -r -x .locks /tmp/before /tmp/after": "compares what two commits wrote",
    "echo identical": "the end of that",
    "git diff --stat tests/golden": "shows what a commit would change",
}
"""How the commands begin that are no module of ours, and why none of them is run here."""

NOT_PARSED = {
    "tests.golden.golden_lakes": "takes a folder of real files and no flags",
}
"""Modules of ours without a parser, and why."""

NOT_EXECUTED = {
    "SparkSession": "Spark is not among the packages of the tests: it was looked at by hand",
    "hftbacktest import": "tests/docs/test_backtest.py runs it where the package is installed",
}
"""What a program has in it that is not run here, and why."""

FRAGMENTS = "CONTRIBUTING.md"
"""Its programs are parts of modules: they must be Python, and what they name must be there."""

programs = [one for one in snippets("python") if one.page != FRAGMENTS]
fragments = [one for one in snippets("python") if one.page == FRAGMENTS]


class _Parsed(BaseException):
    """The parser took the arguments."""


def subcommand(module: str, argv: list[str]) -> list[str] | None:
    """Return the arguments of ``data-eng`` that do the same; None where no subcommand does."""
    doors = {"runner": "run", "evaluation": "evaluate", "check_features": "check"}
    doors |= {"catalogue": "contracts"} | {name: name for name in ("demo", "report", "sample")}
    if module == "src.data_eng":
        return argv if argv[:1] == ["--help"] or argv[0] in COMMANDS else ["run", *argv]
    name = doors.get(module.removeprefix("src.data_eng."))
    return None if name is None else [name, *argv]


@pytest.fixture
def folder(sample_lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with the lake in it."""
    (tmp_path / "lake").symlink_to(sample_lake / "lake")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("snippet", programs, ids=str)
def test_programs_run(snippet: Snippet, request: pytest.FixtureRequest) -> None:
    tree = compile(snippet.text, str(snippet), "exec")
    if any(mark in snippet.text for mark in NOT_EXECUTED):
        return
    request.getfixturevalue("folder")
    exec(tree, {"__name__": "snippet"})


@pytest.mark.parametrize("snippet", fragments, ids=str)
def test_fragments_are_python(snippet: Snippet) -> None:
    text = snippet.text.strip()
    ast.parse(f"{{{text}}}" if text.startswith('"') and text.endswith("),") else text)


@pytest.mark.parametrize(("page", "text"), commands())
def test_commands_are_what_their_parsers_take(
    page: str, text: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if any(text.startswith(known) for known in OTHER_PROGRAMS):
        return
    found = module_of(text)
    assert found is not None, f"{page}: {text}: run it, or say in OTHER_PROGRAMS why not"
    module, argv = found
    if module in NOT_PARSED:
        assert importlib.util.find_spec(module)
        return
    same = subcommand(module, argv)
    if same is not None and " ".join(same) in EXECUTED:
        request.getfixturevalue("folder")
        assert command(same)() == 0
        return
    with pytest.raises(_Parsed):
        parse(module, argv, same, monkeypatch)


def parse(
    module: str, argv: list[str], same: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Call the command, as far as its parser; raise `_Parsed` where that takes the arguments."""
    for parser in (argparse.ArgumentParser, Parser):
        monkeypatch.setattr(parser, "parse_args", _telling(parser.parse_args))
    monkeypatch.setattr(sys, "argv", [module, *argv])
    if same is not None:
        command(same)()
        return
    name = module if not is_package(module) else f"{module}.__main__"
    importlib.import_module(name).main()


def _telling(parse_args: Callable[..., Any]) -> Callable[..., NoReturn]:
    def taken(self: argparse.ArgumentParser, args: Any = None, namespace: Any = None) -> NoReturn:
        raise _Parsed(parse_args(self, args, namespace))

    return taken


def is_package(module: str) -> bool:
    return bool(getattr(importlib.util.find_spec(module), "submodule_search_locations", None))


def test_a_wrong_flag_would_be_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["run", "--product-type", "all", "--layer", "all", "--symbol", "ES", "--date", "x"]
    with suppress(SystemExit):
        parse("src.data_eng", argv, argv, monkeypatch)  # _Parsed would end the test
    assert "--date" in capsys.readouterr().err


def test_every_exception_is_needed() -> None:
    texts = [text for _, text in commands()]
    unused = {known for known in OTHER_PROGRAMS if not any(t.startswith(known) for t in texts)}
    modules = [found for text in texts if (found := module_of(text)) is not None]
    unused |= NOT_PARSED.keys() - {module for module, _ in modules}
    unused |= EXECUTED - {" ".join(same) for one in modules if (same := subcommand(*one))}
    text = "".join(one.text for one in programs)
    unused |= {mark for mark in NOT_EXECUTED if mark not in text}
    assert unused == set()


def test_the_test_command_of_ci_is_the_one_of_the_readme() -> None:
    ci = (ROOT / ".ci" / "run").read_text()
    shown = [text for page, text in commands() if page == "README.md" and "pytest" in text]
    assert shown == ["python3.11 -m uv run pytest"]
    assert ci.rstrip().splitlines()[-1] == "uv run pytest"
    assert 'uv() { python3.11 -m uv "$@"; }' in ci
