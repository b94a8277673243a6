"""What runs code or SQL in a source file, found without running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

RUNNERS: Final = frozenset(
    (
        *("pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"),
        *("yaml", "subprocess", "pty", "code", "codeop", "runpy", "imp"),
    )
)
"""Modules that make code, or a process, of what they are given."""
CALLS: Final = frozenset(("eval", "exec", "compile", "__import__"))
METHODS: Final = frozenset(
    (
        *("system", "popen", "read_pickle", "to_pickle", "unsafe_load", "posix_spawn"),
        *(f"{how}{form}" for how in ("exec", "spawn") for form in ("l", "le", "lp", "v", "ve")),
    )
)
"""Of whatever object: ``os.system``, ``pandas.read_pickle``."""
FLAGS: Final = frozenset(("allow_pickle", "shell", "trust_remote_code", "enable_unsafe_extension"))
QUERIES: Final = frozenset(("sql", "execute", "executemany", "query", "from_query"))
_SQL: Final = re.compile(
    r"\s*(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s.+\sSET|DELETE\s+FROM|CREATE\s+(TABLE|VIEW|OR)"
    r"|DROP\s|ATTACH\s|COPY\s.+\s(FROM|TO)|PRAGMA\s|INSTALL\s|LOAD\s)",
    re.DOTALL,
)
_QUOTES: Final = {"'": "'", '"': '"'}


def dangers(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of each place that runs what it is given as code or as a command."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [] if node.level else [node.module or ""]
            names += [one.name for one in node.names if one.name in METHODS]
        elif isinstance(node, ast.Call):
            names = list(_called(node))
        else:
            continue
        for name in names:
            if name.partition(".")[0] in RUNNERS | CALLS | METHODS | FLAGS:
                yield node.lineno, name


def _called(node: ast.Call) -> Iterator[str]:
    if isinstance(node.func, ast.Name) and node.func.id in CALLS:
        yield node.func.id
    if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
        yield node.func.attr
    for word in node.keywords:
        is_off = isinstance(word.value, ast.Constant) and not word.value.value
        if word.arg in FLAGS and not is_off:
            yield str(word.arg)


def loose_sql(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of SQL that is run and not constant, or holds a value without quotes.

    A query that is run must be a constant: values go as parameters. A text that is made to look
    at must have every value within quotes.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_query = node.func.attr in QUERIES and node.args
            if is_query and not isinstance(node.args[0], ast.Constant):
                yield node.lineno, ast.unparse(node.args[0])
        elif isinstance(node, ast.JoinedStr):
            yield from _unquoted(node)
        elif isinstance(node, ast.BinOp) and (_is_sql(node.left) or _is_sql(node.right)):
            yield node.lineno, ast.unparse(node)


def _is_sql(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and bool(_SQL.match(node.value))
    )


def _unquoted(node: ast.JoinedStr) -> Iterator[tuple[int, str]]:
    parts = [one.value if isinstance(one, ast.Constant) else None for one in node.values]
    if not _SQL.match("".join("x" if part is None else str(part) for part in parts)):
        return
    for at, part in enumerate(parts):
        if part is not None:
            continue
        before = str(parts[at - 1] or "") if at else ""
        after = str(parts[at + 1] or "") if at + 1 < len(parts) else ""
        if not before or _QUOTES.get(before[-1]) != after[:1]:
            yield node.lineno, ast.unparse(node)
