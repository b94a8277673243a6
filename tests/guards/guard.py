"""A guard, and its source without it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

NEVER: Final = "False"
"""In place of a condition: what it found is not found any more."""
GONE: Final = "pass"
"""In place of statements."""

_BODIES: Final = ("body", "orelse", "finalbody")


@dataclass(frozen=True)
class Guard:
    """One place of the source that keeps a promise, and how it is broken.

    Attributes
    ----------
    name : str
        Of one word before the dot, by which several are chosen.
    module : str
        File below ``src/data_eng``.
    inside : str
        Class and function that hold it, as ``Class.function``; empty: the module.
    old, new : str
        Python source: an expression, or statements that follow one another, and what takes
        their place. Layout and comments do not count.
    tests : tuple of str
        What must fail without it, as pytest names tests.
    """

    name: str
    module: str
    inside: str
    old: str
    new: str
    tests: tuple[str, ...]


class NotFoundOnceError(Exception):
    """The pattern of a guard is not in its source, or more than once."""


def without(guard: Guard, source: str) -> str:
    """Return the source of a guard's module with the guard broken.

    Raises
    ------
    NotFoundOnceError
        The guard is declared otherwise than it stands there.
    """
    tree = ast.parse(source)
    scope = _scope(tree, guard)
    old, new = ast.parse(guard.old).body, ast.parse(guard.new).body
    wanted, other = _only_expression(old), _only_expression(new)
    if wanted is not None and other is not None:
        swap = _Swap(wanted, other)
        swap.visit(scope)
        count = swap.count
    else:
        places = list(_places(scope, old))
        count = len(places)
        for body, at in places[:1]:
            body[at : at + len(old)] = copy.deepcopy(new)
    if count != 1:
        raise NotFoundOnceError(f"{guard.name}: {count} times in {guard.module} {guard.inside}")
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _only_expression(statements: list[ast.stmt]) -> ast.expr | None:
    if len(statements) == 1 and isinstance(statements[0], ast.Expr):
        return statements[0].value
    return None


def _scope(tree: ast.Module, guard: Guard) -> ast.AST:
    scope: ast.Module | ast.ClassDef | ast.FunctionDef = tree
    for name in filter(None, guard.inside.split(".")):
        inner = (
            one
            for one in scope.body
            if isinstance(one, ast.ClassDef | ast.FunctionDef) and one.name == name
        )
        found = next(inner, None)
        if found is None:
            raise NotFoundOnceError(f"{guard.name}: {guard.module} has no {guard.inside}")
        scope = found
    return scope


def _places(scope: ast.AST, wanted: list[ast.stmt]) -> Iterator[tuple[list[ast.stmt], int]]:
    looked_for = [ast.dump(one) for one in wanted]
    for node in ast.walk(scope):
        for name in _BODIES:
            body = getattr(node, name, None)
            if not isinstance(body, list):  # that of a lambda is an expression
                continue
            dumps = [ast.dump(one) for one in body]
            for at in range(len(body) - len(wanted) + 1):
                if dumps[at : at + len(wanted)] == looked_for:
                    yield body, at


class _Swap(ast.NodeTransformer):
    def __init__(self, wanted: ast.expr, other: ast.expr) -> None:
        self._wanted, self._other = ast.dump(wanted), other
        self.count = 0

    def visit(self, node: ast.AST) -> ast.AST:
        """Return the other expression in place of the wanted one."""
        if isinstance(node, ast.expr) and ast.dump(node) == self._wanted:
            self.count += 1
            return copy.deepcopy(self._other)
        found: ast.AST = self.generic_visit(node)
        return found
