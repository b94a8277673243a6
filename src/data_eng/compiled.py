"""How this package compiles functions with Numba: two ways, one for each caller."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar, cast

import numba
from numba.np import linalg

from .kernel_cache import KernelCache, compiling_alone

F = TypeVar("F", bound=Callable[..., Any])


def _look_for_scipy_only() -> None:
    """Let Numba ask whether SciPy is installed without importing its linear algebra.

    ``numba.np.arraymath`` imports it to see if there is a BLAS: a quarter of a second of every
    process, for functions that no kernel of ours has. Code that uses them imports it then.
    """

    def installed() -> None:
        if find_spec("scipy") is None:
            raise ImportError("SciPy is not installed")

    asked = linalg.ensure_blas
    linalg.ensure_blas = installed
    try:
        from numba.np import arraymath  # noqa: PLC0415 - it asks as it is imported
    finally:
        linalg.ensure_blas = asked
    arraymath.ensure_blas = asked


_look_for_scipy_only()

# Numba and its kernels are objects by the hundred thousand, which Python would walk through once
# more as it ends: a third of a second of every process, that frees nothing that the end does not.
atexit.register(gc.freeze)


def kernel(function: F) -> F:
    """Compile a function that Python calls: cached on disk, the GIL released.

    Division by zero gives infinity or NaN, as in NumPy. Of the processes of a host, one compiles a
    kernel that is not cached, and the others wait for it.
    """
    dispatcher: Any = numba.njit(nogil=True, error_model="numpy")(function)
    if hasattr(dispatcher, "py_func"):  # not where Numba is switched off
        cache = KernelCache(function)
        dispatcher._cache = cache
        dispatcher.compile = compiling_alone(cache, dispatcher.compile)
    return cast(F, dispatcher)


def part(function: F) -> F:
    """Compile a function that only compiled code calls.

    Without the wrappers for callers from Python it compiles in half the time.
    """
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "error_model": "numpy"}
    return cast(F, numba.njit(nogil=True, **options)(function))
