"""Where compiled kernels are kept on disk: Numba's cache, in a folder of ours.

- The folder is named by package and version. A checkout that is also installed is imported under
  two names, and a cached kernel names the NamedTuples that it takes by module.
- The first folder that can be written and read is taken: ``NUMBA_CACHE_DIR`` if it is set, the
  package's ``__pycache__``, the user's cache, a folder of the user's in the temporary one.
- A kernel is compiled again when its module or one that it imports has changed: parts and constants
  of other modules are compiled into it.
- What cannot be read, such as a file cut by a full disk, is removed and compiled again.
- A kernel that is not cached is compiled by one process of a host while the others wait.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from filelock import FileLock
from numba.core import config
from numba.core.caching import (
    CompileResultCacheImpl,
    FunctionCache,
    UserProvidedCacheLocator,
)
from numba.core.compiler_lock import global_compiler_lock

from .version import __version__

COMPILE_TIMEOUT_S: Final = 300.0
"""How long to wait for another process that compiles the same kernel before compiling it too."""

_NAME: Final = (__package__ or "").replace(".", "_")
_PACKAGE: Final = Path(__file__).parent
_IMPORT: Final = re.compile(rb"^from (\.+)([\w.]*) import (\([^)]*\)|[^\n]*)", re.MULTILINE)


@cache
def cache_folder() -> Path:
    """Return the folder of this package's kernels: the first that can be written and read."""
    name = f"{_NAME}-{__version__}"
    for parent in _parents():
        folder = parent / name
        if _is_usable(folder):
            return folder
    return Path(tempfile.mkdtemp(prefix=f"{name}-"))


def _parents() -> Iterator[Path]:
    if config.CACHE_DIR:
        yield Path(config.CACHE_DIR)
    yield _PACKAGE / "__pycache__"
    with contextlib.suppress(RuntimeError):  # no home
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    # Anyone may make a folder in the temporary one, and a cached kernel is code.
    own = Path(tempfile.gettempdir(), f"kernels-of-user-{os.getuid()}")
    with contextlib.suppress(OSError):
        own.mkdir(mode=0o700, exist_ok=True)
        found = own.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o77:
            yield own


def _is_usable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            os.listdir(folder)
    except OSError:
        return False
    return True


class _Locator(UserProvidedCacheLocator):  # type: ignore[misc]
    """The place of a function's files: its module's folder below `cache_folder`."""

    def __init__(self, py_func: Any, py_file: str) -> None:
        self._py_file = py_file
        self._lineno = py_func.__code__.co_firstlineno
        module = py_func.__module__.removeprefix(f"{__package__}.")
        self._cache_path = str(cache_folder() / module)

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> _Locator:
        return cls(py_func, py_file)

    def get_source_stamp(self) -> bytes:
        return _source_stamp(Path(self._py_file))


@cache
def _source_stamp(path: Path) -> bytes:
    found, left = {path}, [path]
    while left:
        imported = _imported(left.pop()) - found
        found |= imported
        left += imported
    return hashlib.sha256(b"".join(_text(file) for file in sorted(found))).digest()


@cache
def _text(path: Path) -> bytes:
    return path.read_bytes()


@cache
def _imported(path: Path) -> set[Path]:
    # Files of the modules that one of this package imports from, all being relative imports.
    files = set()
    for dots, module, names in _IMPORT.findall(_text(path)):
        target = path.parents[len(dots) - 1].joinpath(*module.decode().split("."))
        places = [target, *(target / name.decode() for name in re.findall(rb"\w+", names))]
        candidates = [place.with_suffix(".py") for place in places] + [target / "__init__.py"]
        files |= {file for file in candidates if file.is_file()}
    return files


class _CacheFiles(CompileResultCacheImpl):  # type: ignore[misc]
    _locator_classes = (_Locator,)


class KernelCache(FunctionCache):  # type: ignore[misc]
    """The cache of one kernel: a file of signatures and one of code for each of them."""

    _impl_class = _CacheFiles

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the compiled function of a signature, None if it has to be compiled."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # noqa: BLE001  unpickling what is cut raises anything
            self.remove()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled function; where that fails it serves this process alone."""
        with contextlib.suppress(OSError):
            super().save_overload(sig, data)

    def remove(self) -> None:
        """Remove the kernel's files."""
        folder, base = Path(self.cache_path), self._impl.filename_base
        for path in (folder / f"{base}.nbi", *folder.glob(f"{base}.*.nbc")):
            with contextlib.suppress(OSError):
                path.unlink()

    @cached_property
    def lock(self) -> FileLock:
        """What a process of this host holds while it compiles or loads the kernel."""
        path = Path(self.cache_path, f"{self._impl.filename_base}.lock")
        return FileLock(path, timeout=COMPILE_TIMEOUT_S, thread_local=False)


def compiling_alone(kernel_cache: KernelCache, compile_: Callable[[Any], Any]) -> Any:
    """Return Numba's ``compile``, which also loads from the cache, under the kernel's lock.

    A process that waited finds what the other one compiled. No two kernels wait for each other,
    since a kernel is compiled within another one only where that calls it.
    """

    def compile_under_lock(sig: Any) -> Any:
        # Numba's own lock first, as where a kernel is compiled within another one.
        with global_compiler_lock, _held(kernel_cache.lock):
            return compile_(sig)

    return compile_under_lock


@contextlib.contextmanager
def _held(lock: FileLock) -> Iterator[None]:
    try:
        Path(lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except (OSError, NotImplementedError):  # a timeout is an OSError too
        # Compiling twice costs seconds; not compiling, the run.
        yield
        return
    try:
        yield
    finally:
        lock.release()
