"""The one way in which this package compiles a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile `function` with Numba, cached on disk, releasing the GIL while it runs."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))
