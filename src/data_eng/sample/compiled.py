"""The two ways in which this package compiles a function.

The event loop is called from Python and kept on disk. Its parts are called by compiled
code only: without the wrappers for callers from Python they compile in half the time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def entry(function: F) -> F:
    """Compile a function that Python calls: cached on disk, the GIL released."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))


def part(function: F) -> F:
    """Compile a function that only compiled code calls."""
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast(F, numba.njit(nogil=True, **options)(function))
