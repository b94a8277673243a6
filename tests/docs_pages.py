"""The commands and programs that README and docs show, as tests need them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    ROOT / "benchmarks" / "README.md",
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.name != "features.md"),
)
_FENCE: Final = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_UV: Final = re.compile(
    r"^(?:\S*python3?(?:\.\d+)? -m |\S*/)?uv run (?:--no-dev |--\S+ \S+ )*(?=\S)"
)
_SCRIPT: Final = re.compile(r"\s*(?:\w+=\$\(|for .*; do$|echo |done$)")
"""Lines of a script that start no command of ours."""
_STARTER: Final = re.compile(r"^\s*(?:done \| )?(?:srun|xargs(?: -\w \S+)*) ")
_DATES: Final = re.compile(r'"\$first:\$last"|\bSPAN\b')
"""Stands for dates in a script."""
_SETTING: Final = re.compile(r"^[A-Z_]+=\S* ")


@dataclass(frozen=True)
class Snippet:
    """A fenced block of a page.

    Attributes
    ----------
    page : str
        Path of the page in the repository.
    line : int
        Of its first line on the page, from 1.
    language, text : str
    """

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def snippets(language: str) -> list[Snippet]:
    """Return every block of a language on every page, in order."""
    return [one for page in PAGES for one in _snippets(page) if one.language == language]


def _snippets(page: Path) -> Iterator[Snippet]:
    text = page.read_text()
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start(3)) + 1
        yield Snippet(str(page.relative_to(ROOT)), line, match[2], dedent(match[3]))


def commands() -> list[tuple[str, str]]:
    """Return each command in a block of bash without comments, and the first page that has it."""
    found: dict[str, str] = {}
    for one in snippets("bash"):
        for line in one.text.replace("\\\n", " ").splitlines():
            if _SCRIPT.match(line):
                continue
            started = _STARTER.sub("", line)
            if started != line:
                started = _DATES.sub("2020-06-01:2020-06-30", started)
            words = shlex.split(started, comments=True)
            for part in " ".join(map(shlex.quote, words)).split(" '&&' "):
                if part:
                    found.setdefault(part, one.page)
    return [(page, text) for text, page in found.items()]


def module_of(command: str) -> tuple[str, list[str]] | None:
    """Return the Python module that a command runs, and its arguments; None for other programs."""
    text = _UV.sub("", _SETTING.sub("", command))
    words = shlex.split(text)
    if words[:1] == ["data-eng"]:
        return "src.data_eng", words[1:]
    if re.fullmatch(r"python3?(\.\d+)?", words[0]) and words[1:2] == ["-m"]:
        return words[2], words[3:]
    return None
