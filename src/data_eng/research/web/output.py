"""Writing a page: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ...errors import UsageError


def write_page(path: Path, text: str) -> None:
    """Write a page over what is there; a reader finds the one before or the new one.

    Raises
    ------
    UsageError
        Its folder is none.
    OSError
        It cannot be written; nothing is left behind.
    """
    if not path.parent.is_dir():
        raise UsageError(f"--output {path}: {path.parent} is no folder; make it first")
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink()
