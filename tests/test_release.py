"""One version: of the package, the project, the changelog and the citation."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path

import yaml

from src.data_eng.version import __version__

ROOT = Path(__file__).parents[1]
HEADING = re.compile(r"^## (.*)$", re.MULTILINE)
RELEASE = re.compile(r"(\d+)\.(\d+)\.(\d+) - (\d{4}-\d{2}-\d{2})")


def releases() -> list[tuple[tuple[int, ...], dt.date]]:
    """Return version and date of each release in the changelog, in its order."""
    first, *rest = HEADING.findall((ROOT / "CHANGELOG.md").read_text())
    assert first == "Unreleased"
    found = []
    for heading in rest:
        match = RELEASE.fullmatch(heading)
        assert match is not None, heading
        version = tuple(int(match[n]) for n in (1, 2, 3))
        found.append((version, dt.date.fromisoformat(match[4])))
    return found


def test_every_heading_is_a_release_newest_first() -> None:
    found = releases()
    assert found
    assert found == sorted(found, reverse=True)
    assert [date for _, date in found] == sorted((date for _, date in found), reverse=True)


def test_the_version_is_that_of_the_newest_release() -> None:
    version, _ = releases()[0]
    assert __version__ == ".".join(map(str, version))


def test_the_project_has_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == __version__


def test_the_citation_is_of_the_newest_release() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == __version__
    assert dt.date.fromisoformat(citation["date-released"]) == releases()[0][1]
    assert citation["license"] == "Apache-2.0"


def test_dependencies_of_the_package_are_ranges() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [one for of in project["optional-dependencies"].values() for one in of]
    for requirement in (*project["dependencies"], *extras):
        assert ">=" in requirement
        assert "==" not in requirement


def test_the_hooks_run_what_ci_runs() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"]
    ci = (ROOT / ".ci" / "run").read_text()
    for hook in hooks[0]["hooks"]:
        tool = hook["entry"].removeprefix("uv run ").removesuffix(" --force-exclude")
        assert tool in ci, hook["id"]
