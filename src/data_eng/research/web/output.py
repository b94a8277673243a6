"""Writing a page: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ...errors import UsageError


def write_page(path: Path, text: str) -> None:
    """Write a page over what is there; a reader finds the one before or the new one.

    A device or a pipe is written as it stands, and what a link leads to in its place.

    Raises
    ------
    UsageError
        Its folder is none.
    OSError
        It cannot be written; nothing is left behind.
    """
    if not path.parent.is_dir():
        raise UsageError(f"--output {path}: {path.parent} is no folder; make it first")
    target = Path(os.path.realpath(path))
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
            return
        aside.write_text(text, encoding="utf-8")
        aside.replace(target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink()
