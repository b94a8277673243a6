"""Work in a child whose system calls ``strace`` watches, lets fail, or kills at.

The child is forked from a process that has imported everything, and waits until it is watched:
only the calls of the work itself are seen, and a case takes hundredths of a second.
"""

from __future__ import annotations

import ctypes
import gc
import mmap
import os
import re
import select
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from src.data_eng.errors import DataEngError

DONE, REFUSED, RAISED = 0, 3, 1
WATCHED: Final = "trace=%file,%desc"
"""Calls on paths and on descriptors."""

_NOT_OURS: Final = {"mmap", "read"}
"""Memory; and what the child is woken by."""
_LINE: Final = re.compile(r"^(\w+)\(")
_TEXT_BYTES: Final = 2_000
_READY: Final = b"\1"
_ATTACHED_S: Final = 10.0
_ANY_TRACER: Final = (0x59616D61, ctypes.c_ulong(-1))


class Ended(NamedTuple):
    """How a child ended.

    Attributes
    ----------
    code : int
        Exit code, as `subprocess` tells it.
    text : str
        The error, if any.
    calls : list of str
        Names of the calls that were watched, in order.
    was_injected : bool
        Whether a call was made to fail, or killed the child.
    """

    code: int
    text: str
    calls: list[str]
    was_injected: bool


def points(calls: list[str]) -> list[tuple[str, int]]:
    """Return each call as its name and its number among those of that name, from 1."""
    seen: Counter[str] = Counter()
    found = []
    for name in calls:
        seen[name] += 1
        found.append((name, seen[name]))
    return found


def traced(work: Callable[[], object], log: Path, inject: str | None = None) -> Ended:
    """Run something in a child below ``strace``; what is injected is as its manual tells."""
    text = mmap.mmap(-1, _TEXT_BYTES)  # said without a call that may fail
    wakes, waker = os.pipe()
    pid = os.fork()
    if not pid:
        gc.freeze()  # no file of another test is closed among the calls of the work
        os.close(waker)
        _child(work, wakes, text)
    os.close(wakes)
    chosen = WATCHED if inject is None else f"inject={inject}"
    which = WATCHED if inject is None else f"trace={inject.partition(':')[0]}"
    command = ["strace", "-o", str(log), "-e", which, "-e", chosen, "-p", str(pid)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as tracer:
        try:
            _wait_until_ready(text)
            _wait_until_attached(tracer)
            os.write(waker, b"x")
            _, status = os.waitpid(pid, 0)
        except BaseException:  # a case that took too long too
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise
        finally:
            os.close(waker)
    lines = log.read_text(errors="replace").splitlines()
    names = [found[1] for one in lines if (found := _LINE.match(one))]
    code = os.waitstatus_to_exitcode(status)
    return Ended(
        code,
        bytes(text).strip(b"\0\1").decode(errors="replace"),
        [name for name in names if name not in _NOT_OURS],
        code < 0 or any("(INJECTED)" in one for one in lines),
    )


def can_trace(folder: Path) -> bool:
    """Tell whether there is a ``strace`` that may watch a child and inject."""
    if shutil.which("strace") is None:
        return False
    try:
        ended = traced(lambda: os.mkdir(folder / "probe"), folder / "log", "mkdir:error=EIO:when=1")
    except TimeoutError:
        return False
    return ended.was_injected


def _child(work: Callable[[], object], wakes: int, text: mmap.mmap) -> None:
    code = RAISED
    try:
        signal.setitimer(signal.ITIMER_REAL, 0)
        # Where only a parent may trace: PR_SET_PTRACER.
        ctypes.CDLL(None).prctl(*_ANY_TRACER, 0, 0, 0)
        text[:1] = _READY
        os.read(wakes, 1)
        work()
        code = DONE
    except DataEngError as error:
        text[:] = str(error).encode()[:_TEXT_BYTES].ljust(_TEXT_BYTES, b"\0")
        code = REFUSED
    except BaseException as error:  # noqa: BLE001 - told to the parent
        text[:] = repr(error).encode()[:_TEXT_BYTES].ljust(_TEXT_BYTES, b"\0")
    finally:
        os._exit(code)


def _wait_until_ready(text: mmap.mmap) -> None:
    end = time.monotonic() + _ATTACHED_S
    while text[:1] != _READY:
        if time.monotonic() > end:
            raise TimeoutError("the child does not begin")
        time.sleep(0.0002)


def _wait_until_attached(tracer: subprocess.Popen[bytes]) -> None:
    # It says so once no call of the child can escape it.
    assert tracer.stderr is not None
    ready, _, _ = select.select([tracer.stderr], [], [], _ATTACHED_S)
    if not ready or b" attached" not in tracer.stderr.readline():
        raise TimeoutError("strace may not watch the process")
