"""What a manifest says is shown as text: no markup, no control of the terminal, one line each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from src.data_eng.cli.lineage import main as lineage
from tests.cli_runs import RECORDS, SILVER, Run, Runner
from tests.dbn_files import DATE


def edit(place: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a manifest, and its ``_SUCCESS`` with it."""
    body = json.loads((place / "_MANIFEST.json").read_text())
    change(body)
    data = json.dumps(body).encode()
    (place / "_MANIFEST.json").write_bytes(data)
    (place / "_SUCCESS").write_text(hashlib.sha256(data).hexdigest() + "\n")


def name_stage(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda body: body["stage"].update(name=name)


def set_rule(rule: str) -> Callable[[dict[str, Any]], object]:
    return lambda body: body["parameters"].update(roll_rule=rule)


def partitions_told(done: Run) -> list[str]:
    return [line for line in done.out.splitlines() if " ESM5 2025-06-05" in line[:90]]


@pytest.mark.parametrize("extra", [[], ["--log-format", "json"]], ids=["text", "json"])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[red]x[/red] [/] [link=http://x]y", "[red]x[/red] [/] [link=http://x]y"),
        (":smile:", ":smile:"),
        ("a\nerror: b", r"a\nerror: b"),
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
    ],
    ids=["markup", "emoji", "line", "control"],
)
def test_it_is_shown_as_it_stands(
    run: Runner, lake: Path, text: str, shown: str, extra: list[str]
) -> None:
    place = lake / SILVER.format("ESM5") / f"dt={DATE}"
    edit(place, name_stage(text))
    done = run(*extra, *RECORDS, layer="all")
    assert done.code == 0
    assert "\x1b" not in done.out
    if extra:
        told = [json.loads(line) for line in done.out.splitlines()]
        reasons = [one["reason"] for one in told if one["event"] == "partition"]
        assert len(reasons) == 5
        assert f"written by {text} version" in reasons[1]
    else:
        assert len(partitions_told(done)) == 5
        assert f"written by {shown} version" in done.out
    assert run("--refresh-stale", *RECORDS, layer="all").code == 0
    assert " stale " not in run(*RECORDS, layer="all").out


def test_lineage_shows_it_so_too(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(lake / SILVER.format("ESM5") / f"dt={DATE}", name_stage("a\n\x1b[2Jb"))
    key = "silver.future.market_by_price_10_clean"
    assert lineage([key, "ESM5", str(DATE), "--lake-root", str(lake)]) == 0
    assert r"written by a\n\x1b[2Jb version" in capsys.readouterr().out


@pytest.mark.parametrize("change", [name_stage, set_rule], ids=["stage", "parameter"])
def test_half_a_character_is_no_manifest(
    run: Runner, lake: Path, change: Callable[[str], Callable[[dict[str, Any]], object]]
) -> None:
    place = lake / SILVER.format("ESM5") / f"dt={DATE}"
    edit(place, change("\ud800"))
    done = run(*RECORDS, layer="all")
    assert done.code == 0
    (line,) = done.errors  # the plan and each task look at it, and it is told once
    assert line.startswith("WARNING: ")
    assert str(place) in line
    assert "the manifest is malformed" in line
    assert r"\ud800" in line
    assert line.endswith("rebuilding it")
    assert not run(*RECORDS, layer="all").errors
