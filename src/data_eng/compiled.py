"""How this package compiles functions with Numba: two ways, one for each caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = __name__.rpartition(".")[0].replace(".", "_")


def kernel(function: F) -> F:
    """Compile a function that Python calls: cached on disk, the GIL released.

    Division by zero gives infinity or NaN, as in NumPy.
    """
    # Numba's cache knows a function by file and name, and remembers its module: a checkout that is
    # also installed is imported under two names, which must not share an entry.
    function.__qualname__ = f"{_PACKAGE}_{function.__qualname__}"
    options = {"cache": True, "nogil": True, "error_model": "numpy"}
    return cast(F, numba.njit(**options)(function))


def part(function: F) -> F:
    """Compile a function that only compiled code calls.

    Without the wrappers for callers from Python it compiles in half the time.
    """
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "error_model": "numpy"}
    return cast(F, numba.njit(nogil=True, **options)(function))
