"""Nothing that is read is run: no pickle, no eval, no shell, no SQL made of values.

The kernels' cache is the one exception, and Numba's: see docs/threat-model.md.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import licences
from tests.supply_chain import dangers, loose_sql

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import pickle", "pickle"),
        ("import xml, joblib.memory", "joblib.memory"),
        ("from marshal import loads", "marshal"),
        ("from os import system", "system"),
        ("def f(x):\n    import yaml", "yaml"),
        ("eval(text)", "eval"),
        ("exec(text)", "exec"),
        ("__import__(name)", "__import__"),
        ("os.system(command)", "system"),
        ("os.execv(path, [])", "execv"),
        ("pd.read_pickle(path)", "read_pickle"),
        ("np.load(path, allow_pickle=True)", "allow_pickle"),
        ("np.load(path, allow_pickle=flag)", "allow_pickle"),
        ("run(command, shell=True)", "shell"),
    ],
)
def test_what_runs_what_it_is_given_is_found(text: str, name: str) -> None:
    assert [found for _, found in dangers(text)] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "import json",
        "from .pickle import rows",
        "re.compile(word)",
        "np.load(path, allow_pickle=False)",
        "frame.eval_count()",
        '"eval(text)"',
    ],
)
def test_what_does_not_is_let_pass(text: str) -> None:
    assert list(dangers(text)) == []


def test_no_source_runs_what_it_is_given() -> None:
    assert len(SOURCES) > 200
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in SOURCES
        for line, name in dangers(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "duckdb.sql(query)",
        "connection.execute(f'SELECT a FROM b')",
        "connection.execute('SELECT a FROM ' + table)",
        "text = f'SELECT {column} FROM t'",
        "text = f'SELECT a FROM {table}'",
        "text = f'SELECT a FROM \"{schema}\".{table}'",
        "text = 'SELECT a FROM %s' % table",
        "text = 'DELETE FROM ' + table",
    ],
)
def test_sql_made_of_values_is_found(text: str) -> None:
    assert list(loose_sql(text))


@pytest.mark.parametrize(
    "text",
    [
        "connection.execute('SELECT a FROM b WHERE c = ?', [value])",
        'text = f\'SELECT "{column}" FROM "{table}"\'',
        "text = f\"SELECT a FROM read_parquet('{path}')\"",
        "text = f'{name}: not from here'",
        "text = 'rows: ' + name",
    ],
)
def test_sql_with_quoted_values_or_parameters_is_let_pass(text: str) -> None:
    assert list(loose_sql(text)) == []


def test_no_source_makes_sql_of_values() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in SOURCES
        for line, text in loose_sql(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_page_of_licences_is_up_to_date() -> None:
    now, page = licences.rows(), licences.PAGE.read_text(encoding="utf-8")
    stands = {line for line in page.splitlines() if line.startswith("| ") and line[2:3].isalnum()}
    wanted = {licences.line(one) for one in now} | {licences.HEADER}
    assert sorted(wanted - stands) == [], f"not on the page; run {licences.COMMAND}"
    assert sorted(stands - wanted) == [], f"on the page alone; run {licences.COMMAND}"


def test_every_licence_permits_use_in_a_work_of_another_licence() -> None:
    """All are permissive: a new one is looked at by a person, and added here or not used."""
    unknown = {one.name: one.licence for one in licences.rows()}
    for name, licence in list(unknown.items()):
        words = licence.replace(" WITH ", "~").replace(" OR ", " AND ").split(" AND ")
        if {word.strip("()").replace("~", " WITH ") for word in words} <= licences.PERMISSIVE:
            del unknown[name]
    assert unknown == {}


def test_what_extras_need_is_told_apart() -> None:
    found = {one.name.lower(): one.needed_for for one in licences.rows()}
    assert found["pyarrow"] == found["llvmlite"] == "always"
    assert found["polars"] == "extra research"
    assert found["distributed"] == "extra dask"
    assert found["databento"] == "extra fetch"
    assert "pytest" not in found
