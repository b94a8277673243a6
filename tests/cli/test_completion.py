"""Completion in bash: what a user has after a tab."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from src.data_eng.cli.completion import SHELLS, main

# What bash does at a tab: the words so far, the last of them to complete.
TAB = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
complete_function=$(complete -p data-eng | sed 's/.*-F \\([^ ]*\\).*/\\1/')
"$complete_function" data-eng "${COMP_WORDS[$COMP_CWORD]}" "${COMP_WORDS[$((COMP_CWORD - 1))]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("completion") / "data-eng.bash"
    done = subprocess.run(
        [sys.executable, "-m", "src.data_eng", "completion", "bash"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
    )
    path.write_text(done.stdout)
    return path


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("sta", {"status"}),
        ("run --layer ", {"bronze", "silver", "gold", "all"}),
        ("run --product-type future_", {"future_option"}),
        ("run --symbol M", {"MES", "MNQ", "M2K", "MYM"}),
        ("run --table level_t", {"level_touch"}),
        ("lineage silver.future.level_t", {"silver.future.level_touch"}),
        ("report --roll-rule v", {"volume"}),
        ("status --lake-r", {"--lake-root"}),
        ("completion ", {"bash", "zsh"}),
    ],
)
def test_a_tab_offers_what_there_is(script: Path, words: str, offered: set[str]) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    done = subprocess.run(
        [bash, "-c", TAB, "bash", str(script), "data-eng", *words.split(" ")],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert set(done.stdout.split()) - {"-h", "--help"} == offered, done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_a_script_with_every_flag(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([shell]) == 0
    out = capsys.readouterr().out
    for word in ("data-eng", "--refresh-stale", "--nbbo-schema", "ZN", "level_touch"):
        assert word in out
